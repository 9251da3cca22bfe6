"""What the fakes know, as the auditor wants to see it: so its own promises judge every case."""

from collections import Counter
from collections.abc import Iterable, Sequence

from domain.claim import RefundStage
from domain.erp import ErpStanding
from domain.order import Order
from domain.parcel import Milestone, Parcel
from domain.refunding import lines_of
from infra.auditor import records
from infra.auditor.evidence import Evidence, grouped
from infra.auditor.hub import HubRecord
from infra.auditor.records import order_of
from infra.auditor.stock import Stock
from infra.auditor.world import World
from tests.fakes.hub import ON_EACH_SHELF, Hub
from tests.fakes.router import WAREHOUSES
from tests.fakes.warehouses import Status

HANDLING = {
    Status.ACCEPTED: records.Handling.ACCEPTED,
    Status.LEFT: records.Handling.LEFT,
    Status.CANCELLED: records.Handling.CANCELLED,
}
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
    parcels = {d.parcel.key: d.parcel for d in hub.warehouses.handed_over}
    return Evidence(
        lives={life.order_id: life for life in lives},
        orders={order.id: _order(order) for order in orders},
        refunds=grouped(_refunds(hub, orders), lambda refund: refund.order_id),
        shipments=tuple(_shipments(hub)),
        deliveries=grouped(_deliveries(hub), lambda d: order_of(d.parcel_key)),
        waybills=grouped(_waybills(hub), lambda waybill: waybill.parcel_key),
        labels=grouped(_labels(hub), lambda label: label.parcel_key),
        returns=grouped(_returns(hub), lambda order: order_of(order.code)),
        invoices=grouped(_invoices(hub), lambda invoice: invoice.order_id),
        vouchers=tuple(_vouchers(hub)),
        erp_orders=grouped(_erp_orders(hub), lambda order: order.order_id),
        stock=_stock(hub, parcels),
        world=_world(orders, kept),
        hub=HubRecord(write_offs=tuple(_write_offs(hub))),
    )


def _order(order: Order) -> records.ShopOrder:
    return records.ShopOrder(
        id=order.id,
        due=True,
        lines=tuple(
            records.Line(goods=_goods(line.sku, line.quantity), paid_fen=line.paid_fen)
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


def _shipments(hub: Hub) -> Iterable[records.Shipment]:
    for news in hub.shop.shipments.values():
        yield records.Shipment(
            parcel_key="/".join(news.key.split("/")[:3]),
            order_id=news.order_id,
            tracking_no=news.waybill.number,
            line_nos=news.line_nos,
        )


def _deliveries(hub: Hub) -> Iterable[records.DeliveryOrder]:
    for dispatch in hub.warehouses.handed_over:
        parcel = dispatch.parcel
        yield records.DeliveryOrder(
            parcel_key=parcel.key,
            warehouse=parcel.warehouse,
            handling=HANDLING[hub.warehouses.orders[parcel.key]],
            waybill=dispatch.waybill.number if dispatch.waybill else "",
            goods=tuple(_goods(item.sku, item.quantity) for item in parcel.items),
        )


def _waybills(hub: Hub) -> Iterable[records.Waybill]:
    for key, waybill in hub.carriers.booked.items():
        scans = hub.carriers.traces.get(waybill.number, ())
        yield records.Waybill(
            parcel_key=key,
            number=waybill.number,
            live=key not in hub.carriers.cancelled,
            signed_for=any(scan.milestone is Milestone.DELIVERED for scan in scans),
        )


def _labels(hub: Hub) -> Iterable[records.Label]:
    for key in hub.printers.labels:
        waybill = hub.carriers.booked[key]
        yield records.Label(parcel_key=key, waybill=waybill.number, printer="fake")


def _returns(hub: Hub) -> Iterable[records.ReturnOrder]:
    for order in hub.warehouses.returns.values():
        receipt = hub.warehouses.received.get(order.key)
        goods = receipt.goods if receipt else ()
        yield records.ReturnOrder(
            code=order.key,
            parcel_key=order.delivery_key,
            warehouse=order.warehouse,
            is_received=receipt is not None,
            received=tuple(_goods(pieces.sku, pieces.quantity) for pieces in goods),
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


def _stock(hub: Hub, parcels: dict[str, Parcel]) -> Stock:
    known = {**parcels, **hub.stock.parcels}
    locks = [
        records.Lock(
            parcel_key=key,
            warehouse=known[key].warehouse,
            goods=_goods(sku, pieces),
            state=records.LockState(state),
        )
        for key, state in hub.stock.states.items()
        if key in known
        for sku, pieces in _pieces(known[key]).items()
    ]
    back = [
        records.Lock(
            parcel_key=receipt.key,
            warehouse=receipt.warehouse,
            goods=_goods(pieces.sku, pieces.quantity),
            state=records.LockState.RETURNED,
        )
        for receipt in hub.warehouses.received.values()
        if receipt.key in hub.stock.put_backs
        for pieces in receipt.goods
    ]
    shelves = [
        records.Shelf(warehouse=shelf[0], sku=shelf[1], on_hand=n, locked=hub.stock.locked[shelf])
        for shelf, n in hub.stock.on_hand.items()
    ]
    return Stock(shelves=tuple(shelves), locks=(*locks, *back))


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


def _pieces(parcel: Parcel) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for item in parcel.items:
        pieces[item.sku] += item.quantity
    return pieces


def _goods(sku: str, quantity: int) -> records.Goods:
    return records.Goods(sku=sku, quantity=quantity)
