"""Promise 5: each channel is told each shipment once, with the number that its carrier gave.

Telling the same event again is no second shipment: whoever lost the answer has to tell it again,
and the shop knows the event by its id. A second event for the same number is one.
"""

from collections import Counter
from collections.abc import Sequence

from infra.auditor.evidence import Evidence, grouped
from infra.auditor.promises import Check, Checks
from infra.auditor.promises.money import matched
from infra.auditor.promises.refunds import refunded_lines
from infra.auditor.records import DeliveryOrder, Shipment, ShopOrder, order_of, pieces_of


def examine(evidence: Evidence) -> Checks:
    """What the shop was told is true; once a life is over, it was told everything."""
    by_number = grouped(evidence.shipments, lambda shipment: shipment.tracking_no)
    for shipments in by_number.values():
        yield _told_once(shipments)
    out = {parcel.parcel_key: parcel for parcel in evidence.parcels_out()}
    for shipment in evidence.shipments:
        yield _is_the_carriers_number(evidence, shipment)
        yield _is_what_left(evidence, shipment, out.get(shipment.parcel_key))
    for parcel in out.values():
        if evidence.is_over(order_of(parcel.parcel_key)):
            told = parcel.waybill in by_number or _need_not_be_told(evidence, parcel)
            yield None if told else _not_told(parcel)


def _need_not_be_told(evidence: Evidence, parcel: DeliveryOrder) -> bool:
    """A shop hears no more of an order that it closed, nor of a parcel that it paid back.

    Of goods that came back and went out again it knows the newer number.
    """
    order_id = order_of(parcel.parcel_key)
    order = evidence.orders.get(order_id)
    if order is None or not order.due or evidence.came_back(parcel):
        return True
    gone = refunded_lines(order, evidence.refunds.get(order_id, ()))
    lines = [order.lines[no - 1] for no in gone]
    return not matched(lines, [parcel])[1]


def _told_once(shipments: Sequence[Shipment]) -> Check:
    if len(shipments) == 1:
        return None
    first, events = shipments[0], "、".join(shipment.parcel_key for shipment in shipments)
    return (
        f"订单 {first.order_id}:运单 {first.tracking_no} 向渠道告知了 {len(shipments)} 次发货"
        f"(事件 {events}),应为 1 次"
    )


def _is_the_carriers_number(evidence: Evidence, shipment: Shipment) -> Check:
    numbers = [waybill.number for waybill in evidence.waybills.get(shipment.parcel_key, ())]
    if shipment.tracking_no in numbers:
        return None
    given = "、".join(numbers) or "没有"
    return f"{_whose(shipment)}告知渠道的运单号是 {shipment.tracking_no},承运商给的运单号:{given}"


def _is_what_left(evidence: Evidence, shipment: Shipment, left: DeliveryOrder | None) -> Check:
    """The lines told are the goods that left; while a life is open they may yet leave."""
    if left is None:
        over = evidence.is_over(shipment.order_id)
        return f"{_whose(shipment)}告知渠道已发货,WMS 没有出库" if over else None
    if not shipment.line_nos:
        return None  # this channel is not told of lines
    order = evidence.orders.get(shipment.order_id)
    told, packed = _pieces_told(order, shipment), pieces_of(left.goods)
    if told == packed:
        return None
    return (
        f"{_whose(shipment)}告知渠道的行 {list(shipment.line_nos)} 共 {told.total()} 件,"
        f"{left.warehouse} 仓出库 {packed.total()} 件,商品或件数不符"
    )


def _pieces_told(order: ShopOrder | None, shipment: Shipment) -> Counter[str]:
    """Add up the pieces of the lines that the shop was told of."""
    lines = enumerate(order.lines if order else (), start=1)
    return pieces_of(line.goods for no, line in lines if no in shipment.line_nos)


def _not_told(parcel: DeliveryOrder) -> str:
    return (
        f"订单 {order_of(parcel.parcel_key)}:包裹 {parcel.parcel_key} 已从 {parcel.warehouse} 仓"
        f"以运单 {parcel.waybill} 出库,渠道没有被告知"
    )


def _whose(shipment: Shipment) -> str:
    return f"订单 {shipment.order_id}:包裹 {shipment.parcel_key} "
