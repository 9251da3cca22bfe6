"""What the fakes know, as the auditor wants to see it: so its own promises judge every case."""

from collections.abc import Iterable, Sequence

from domain.claim import RefundStage
from domain.erp import ErpStanding
from domain.order import Order
from domain.refunding import lines_of
from infra.auditor import records
from infra.auditor.evidence import Evidence, grouped
from infra.auditor.hub import HubRecord
from infra.auditor.records import order_of
from infra.auditor.world import World
from tests.fakes.hub import ON_EACH_SHELF, Hub
from tests.fakes.router import WAREHOUSES
from tests.proof import goods_evidence

ERP = {
    ErpStanding.POSTED: "SUBMITTED",
    ErpStanding.AUDITED: "AUDITED",
    ErpStanding.CANCELLED: "CANCELLED",
}


def evidence_of(hub: Hub, orders: Sequence[Order], *, runs: int, kept: str) -> Evidence:
    """Put what every fake knows of orders that are over side by side."""
    lives = [
        records.Life(order_id=order.id, open=False, waits_for_person=False, runs=runs)
        for order in orders
    ]
    return Evidence(
        lives={life.order_id: life for life in lives},
        orders={order.id: _order(order) for order in orders},
        refunds=grouped(_refunds(hub, orders), lambda refund: refund.order_id),
        shipments=tuple(goods_evidence.shipments(hub)),
        deliveries=grouped(goods_evidence.deliveries(hub), lambda d: order_of(d.parcel_key)),
        waybills=grouped(goods_evidence.waybills(hub), lambda waybill: waybill.parcel_key),
        labels=grouped(goods_evidence.labels(hub), lambda label: label.parcel_key),
        returns=grouped(goods_evidence.returns(hub), lambda order: order_of(order.code)),
        invoices=grouped(_invoices(hub), lambda invoice: invoice.order_id),
        vouchers=tuple(_vouchers(hub)),
        erp_orders=grouped(_erp_orders(hub), lambda order: order.order_id),
        stock=goods_evidence.stock(hub),
        world=_world(orders, kept),
        hub=HubRecord(write_offs=tuple(_write_offs(hub))),
    )


def _order(order: Order) -> records.ShopOrder:
    return records.ShopOrder(
        id=order.id,
        due=True,
        lines=tuple(
            records.Line(
                goods=goods_evidence.goods_of(line.sku, line.quantity), paid_fen=line.paid_fen
            )
            for line in order.lines
        ),
        freight_fen=order.freight_fen,
        paid_fen=order.paid_fen,
    )


def _refunds(hub: Hub, orders: Sequence[Order]) -> Iterable[records.Refund]:
    by_id = {order.id: order for order in orders}
    for claim in hub.shop.claims.values():
        if claim.stage is RefundStage.REFUNDED:
            lines = lines_of(by_id[claim.order_id], claim) if claim.lines else ()
            yield records.Refund(
                order_id=claim.order_id,
                claim=claim.id,
                amount_fen=claim.amount_fen,
                lines=tuple(sorted(lines)),
            )


def _invoices(hub: Hub) -> Iterable[records.Invoice]:
    papers = [(key, paper, False) for key, paper in hub.invoices.issued.items()]
    papers += [(key, paper, True) for key, paper in hub.invoices.reds.items()]
    for key, paper, red in papers:
        yield records.Invoice(
            order_id=order_of(key), red=red, issued=True, amount_fen=paper.amount_fen
        )


def _vouchers(hub: Hub) -> Iterable[records.Voucher]:
    for key, voucher in hub.books.booked.items():
        amount_fen = hub.books.amounts_fen[key]
        yield records.Voucher(
            id=voucher.id,
            number=voucher.number,
            reference=key,
            status="C",
            debit_fen=amount_fen,
            credit_fen=amount_fen,
        )


def _erp_orders(hub: Hub) -> Iterable[records.ErpOrder]:
    for key, state in hub.erp.orders.items():
        if state.number:  # what was only withdrawn never was there
            yield records.ErpOrder(
                order_id=order_of(key), number=state.number, status=ERP[state.standing]
            )


def _write_offs(hub: Hub) -> Iterable[records.WriteOff]:
    for loss in hub.write_offs.kept.values():
        yield records.WriteOff(
            order_id=loss.order_id, subject=loss.subject, lines=loss.line_nos, by=loss.by
        )


def _world(orders: Sequence[Order], kept: str) -> World:
    skus = {line.sku for order in orders for line in order.lines}
    house = records.Count.DATABASE
    bands = frozenset({"ambient"})
    return World(
        warehouses={
            code: records.Warehouse(code=code, bands=bands, count=house) for code in WAREHOUSES
        },
        bands=dict.fromkeys(skus, kept),
        received={(code, sku): ON_EACH_SHELF for code in WAREHOUSES for sku in skus},
        awaited=frozenset(),
    )
