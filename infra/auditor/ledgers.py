"""What each partner wrote into its ledger, read into records. Nobody here trusts the hub."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from infra.auditor.records import (
    DeliveryOrder,
    ErpOrder,
    Goods,
    Handling,
    Invoice,
    Label,
    Line,
    Refund,
    ReturnOrder,
    Shipment,
    ShopOrder,
    Voucher,
    Waybill,
    order_of,
)
from infra.auditor.source import Doc, Source

SHOPS = ("miniprogram", "pinduoduo", "douyin", "youzan")  # also the channels' names in order ids
CARRIERS = ("sf", "kuaidi100")
SELLABLE = "ZP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shops:
    """What all shops together sold, gave back, and were told."""

    orders: tuple[ShopOrder, ...]
    refunds: tuple[Refund, ...]
    shipments: tuple[Shipment, ...]


def read_shops(folder: Path) -> Shops:
    """Read every shop's ledger; one that is not there has sold nothing.

    The first shop's must be there: without any ledger nothing can be said.
    """
    sources = {
        name: Source(folder, name, "order", "after_sale", "refund", "shipment")
        for name in SHOPS
        if name == SHOPS[0] or (folder / f"{name}.sqlite").exists()
    }
    return Shops(
        orders=tuple(
            order
            for name, source in sources.items()
            for order in source.each("order", partial(_shop_order, name))
        ),
        refunds=tuple(
            refund for name, source in sources.items() for refund in _refunds(name, source)
        ),
        shipments=tuple(
            shipment
            for name, source in sources.items()
            for shipment in source.each("shipment", partial(_shipment, name))
        ),
    )


def read_delivery_orders(folder: Path) -> tuple[DeliveryOrder, ...]:
    """Read what the WMS was asked to send, and what left."""
    return Source(folder, "qimen", "delivery_order").each("delivery_order", _delivery_order)


def read_return_orders(folder: Path) -> tuple[ReturnOrder, ...]:
    """Read what the WMS was told to take back, and what it found."""
    return Source(folder, "qimen", "return_order").each("return_order", _return_order)


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


def read_erp_orders(folder: Path) -> tuple[ErpOrder, ...]:
    """Read what the ERP was shown; empty where there is no ERP."""
    return Source(folder, "erp", "order").each("order", _erp_order)


def _erp_order(_: str, doc: Doc) -> ErpOrder:
    return ErpOrder(
        order_id=f"{doc['platform']}/{doc['platformOrderNo']}",
        number=doc["orderNo"],
        status=doc["status"],
    )


def _shop_order(shop: str, number: str, doc: Doc) -> ShopOrder:
    return ShopOrder(
        id=f"{shop}/{number}",
        due=doc["due"],
        lines=tuple(
            Line(goods=_goods(item), paid_fen=item["paid_amount"]) for item in doc["items"]
        ),
        freight_fen=doc["freight"],
        paid_fen=doc["pay_amount"],
    )


def _refunds(shop: str, source: Source) -> tuple[Refund, ...]:
    """Read the money that went back, with the lines of the claim that it went back for."""
    claims = source.each("after_sale", lambda key, doc: (key, tuple(doc["lines"])))
    lines = dict(claims)

    def paid(claim: str, doc: Doc) -> Refund:
        return Refund(
            order_id=f"{shop}/{doc['order_no']}",
            claim=claim,
            amount_fen=doc["amount_fen"],
            lines=lines.get(claim, ()),
        )

    return source.each("refund", paid)


def _shipment(shop: str, key: str, doc: Doc) -> Shipment:
    return Shipment(
        parcel_key=key,
        order_id=f"{shop}/{doc['order_no']}",
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


def _return_order(code: str, doc: Doc) -> ReturnOrder:
    good = (item for item in doc["received"] if item["inventory_type"] == SELLABLE)
    return ReturnOrder(
        code=code,
        parcel_key=doc["delivery_order"],
        warehouse=doc["warehouse"],
        is_received=doc["status"] == "FULFILLED",
        received=tuple(map(_goods, good)),
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
