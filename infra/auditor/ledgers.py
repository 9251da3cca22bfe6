"""What each partner wrote into its ledger, read into records. Nobody here trusts the hub."""

from dataclasses import dataclass
from pathlib import Path

from infra.auditor.records import (
    DeliveryOrder,
    Goods,
    Handling,
    Invoice,
    Label,
    Line,
    Refund,
    Shipment,
    ShopOrder,
    Voucher,
    Waybill,
    order_of,
)
from infra.auditor.source import Doc, Source

SHOP = "miniprogram"  # also the channel's name in order ids
CARRIERS = ("sf", "kuaidi100")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What the shop sold, gave back, and was told."""

    orders: tuple[ShopOrder, ...]
    refunds: tuple[Refund, ...]
    shipments: tuple[Shipment, ...]


def read_shop(folder: Path) -> Shop:
    """Read the mini program's ledger; ``refund`` is there once refunds are."""
    source = Source(folder, SHOP, "order", "refund", "shipment")
    return Shop(
        orders=source.each("order", _shop_order),
        refunds=source.each("refund", _refund),
        shipments=source.each("shipment", _shipment),
    )


def read_delivery_orders(folder: Path) -> tuple[DeliveryOrder, ...]:
    """Read what the WMS was asked to send, and what left."""
    return Source(folder, "qimen", "delivery_order").each("delivery_order", _delivery_order)


def read_waybills(folder: Path) -> tuple[Waybill, ...]:
    """Read every carrier's bookings."""
    return tuple(
        waybill
        for carrier in CARRIERS
        for waybill in _waybills(Source(folder, carrier, "order", "route"))
    )


def read_labels(folder: Path) -> tuple[Label, ...]:
    """Read what came out of the printers."""
    return Source(folder, "printer", "label").each("label", _label)


def read_invoices(folder: Path) -> tuple[Invoice, ...]:
    """Read what the tax bureau was asked for."""
    return Source(folder, "nuonuo", "invoice").each("invoice", _invoice)


def read_vouchers(folder: Path) -> tuple[Voucher, ...]:
    """Read the books."""
    return Source(folder, "kingdee", "voucher").each("voucher", _voucher)


def _shop_order(number: str, doc: Doc) -> ShopOrder:
    return ShopOrder(
        id=f"{SHOP}/{number}",
        due=doc["due"],
        lines=tuple(
            Line(goods=_goods(item), paid_fen=item["paid_amount"]) for item in doc["items"]
        ),
        freight_fen=doc["freight"],
        paid_fen=doc["pay_amount"],
    )


def _refund(_: str, doc: Doc) -> Refund:
    return Refund(order_id=f"{SHOP}/{doc['order_no']}", amount_fen=doc["amount_fen"])


def _shipment(event_id: str, doc: Doc) -> Shipment:
    return Shipment(
        parcel_key=event_id,
        order_id=f"{SHOP}/{doc['order_no']}",
        tracking_no=doc["tracking_no"],
        line_nos=tuple(doc["lines"]),
    )


def _delivery_order(code: str, doc: Doc) -> DeliveryOrder:
    return DeliveryOrder(
        parcel_key=code,
        warehouse=doc["warehouse"],
        handling=Handling(doc["status"]),
        waybill=doc["waybill"],
        goods=tuple(_goods(item) for item in doc["items"]),
    )


def _goods(item: Doc) -> Goods:
    return Goods(sku=item["sku"], quantity=item["quantity"])


def _waybills(source: Source) -> tuple[Waybill, ...]:
    stops = dict(source.each("route", lambda number, doc: (number, _stops(doc))))

    def booked(parcel_key: str, doc: Doc) -> Waybill:
        return Waybill(
            parcel_key=parcel_key,
            number=doc["waybill"],
            live=doc["status"] == "live",
            signed_for="delivered" in stops.get(doc["waybill"], ()),
        )

    return source.each("order", booked)


def _stops(route: Doc) -> tuple[str, ...]:
    return tuple(scan["stop"] for scan in route["routes"])


def _label(_: str, doc: Doc) -> Label:
    return Label(parcel_key=doc["parcel_key"], waybill=doc["waybill"], printer=doc["printer"])


def _invoice(key: str, doc: Doc) -> Invoice:
    """An invoice's key is ``{order}/invoice``; every paper of the order begins the same way."""
    return Invoice(
        order_id=order_of(key),
        red=doc["kind"] == "red",
        issued=doc["status"] == "issued",
        amount_fen=doc["amount_fen"],
    )


def _voucher(voucher_id: str, doc: Doc) -> Voucher:
    return Voucher(
        id=voucher_id,
        number=doc["number"],
        reference=doc["reference"],
        status=doc["status"],
        debit_fen=sum(entry["debit_fen"] for entry in doc["entries"]),
        credit_fen=sum(entry["credit_fen"] for entry in doc["entries"]),
    )
