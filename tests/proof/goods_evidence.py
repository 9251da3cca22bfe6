"""What the fakes know of goods and parcels, as the auditor wants to see it."""

from collections import Counter
from collections.abc import Iterable

from domain.parcel import Milestone, Parcel
from infra.auditor import records
from infra.auditor.stock import Stock
from tests.fakes.hub import Hub
from tests.fakes.warehouses import Status

HANDLING = {
    Status.ACCEPTED: records.Handling.ACCEPTED,
    Status.LEFT: records.Handling.LEFT,
    Status.CANCELLED: records.Handling.CANCELLED,
}


def shipments(hub: Hub) -> Iterable[records.Shipment]:
    """Tell what the shop was told."""
    for news in hub.shop.shipments.values():
        yield records.Shipment(
            parcel_key="/".join(news.key.split("/")[:3]),
            order_id=news.order_id,
            tracking_no=news.waybill.number,
            line_nos=news.line_nos,
        )


def deliveries(hub: Hub) -> Iterable[records.DeliveryOrder]:
    """Tell what warehouses took in."""
    for dispatch in hub.warehouses.handed_over:
        parcel = dispatch.parcel
        yield records.DeliveryOrder(
            parcel_key=parcel.key,
            warehouse=parcel.warehouse,
            handling=HANDLING[hub.warehouses.orders[parcel.key]],
            waybill=dispatch.number,
            goods=tuple(goods_of(item.sku, item.quantity) for item in parcel.items),
        )


def waybills(hub: Hub) -> Iterable[records.Waybill]:
    """Tell what carriers booked."""
    for key, waybill in hub.carriers.booked.items():
        scans = hub.carriers.traces.get(waybill.number, ())
        yield records.Waybill(
            parcel_key=key,
            number=waybill.number,
            live=key not in hub.carriers.cancelled,
            signed_for=any(scan.milestone is Milestone.DELIVERED for scan in scans),
        )


def labels(hub: Hub) -> Iterable[records.Label]:
    """Tell what was printed."""
    for key in hub.printers.labels:
        waybill = hub.carriers.booked[key]
        yield records.Label(parcel_key=key, waybill=waybill.number, printer="fake")


def returns(hub: Hub) -> Iterable[records.ReturnOrder]:
    """Tell what warehouses were told would come back, and what did."""
    for order in hub.warehouses.returns.values():
        receipt = hub.warehouses.received.get(order.key)
        goods = receipt.goods if receipt else ()
        yield records.ReturnOrder(
            code=order.key,
            parcel_key=order.delivery_key,
            warehouse=order.warehouse,
            is_received=receipt is not None,
            received=tuple(goods_of(pieces.sku, pieces.quantity) for pieces in goods),
        )


def stock(hub: Hub) -> Stock:
    """Tell what is on the shelves, and every lock on it."""
    known = {d.parcel.key: d.parcel for d in hub.warehouses.handed_over} | hub.stock.parcels
    locks = [
        records.Lock(
            parcel_key=key,
            warehouse=known[key].warehouse,
            goods=goods_of(sku, pieces),
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
            goods=goods_of(pieces.sku, pieces.quantity),
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


def _pieces(parcel: Parcel) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for item in parcel.items:
        pieces[item.sku] += item.quantity
    return pieces


def goods_of(sku: str, quantity: int) -> records.Goods:
    """Tell of pieces of one article."""
    return records.Goods(sku=sku, quantity=quantity)
