"""Promise 2: money, goods and invoice agree once an order's life is over."""

from collections.abc import Iterable, Sequence

from infra.auditor.evidence import Evidence
from infra.auditor.promises import Check, Checks
from infra.auditor.records import DeliveryOrder, Goods, Handling, Line, ShopOrder, yuan


def examine(evidence: Evidence) -> Checks:
    """What left was ordered, arrived, and is invoiced for as much as the shop keeps."""
    for order_id, parcels in evidence.deliveries.items():
        out = [parcel for parcel in parcels if parcel.has_left and not evidence.came_back(parcel)]
        yield _was_ordered(order_id, evidence.orders.get(order_id), out)
    for order in evidence.orders.values():
        if evidence.is_over(order.id):
            parcels = evidence.deliveries.get(order.id, ())
            for parcel in parcels:
                yield _is_at_rest(evidence, order, parcel)
            yield _invoice_agrees(evidence, order, parcels)


def _was_ordered(order_id: str, order: ShopOrder | None, out: Sequence[DeliveryOrder]) -> Check:
    """Nothing is out that nobody ordered, and no line is out twice. Holds at all times.

    A line that was called back may go again, once the warehouse has received it.
    """
    lines = order.lines if order else ()
    _, strays = matched(lines, out)
    if not strays:
        return None
    told = "、".join(f"商品 {goods.sku} {goods.quantity} 件" for goods in strays)
    return f"订单 {order_id}:仓库出库了{told},订单里没有,或同一行已经发过"


def _is_at_rest(evidence: Evidence, order: ShopOrder, parcel: DeliveryOrder) -> Check:
    """A parcel of an order that is over is at its buyer's, or never went."""
    if parcel.handling is Handling.CANCELLED or evidence.reached_buyer(parcel):
        return None
    if parcel.has_left and (evidence.came_back(parcel) or _is_borne(evidence, order, parcel)):
        return None
    where = f"包裹 {parcel.parcel_key}({parcel.warehouse} 仓)"
    if parcel.has_left:
        return f"订单 {order.id}:生命已结束,{where}已出库,承运商没有签收记录"
    return f"订单 {order.id}:生命已结束,{where}仍在 WMS 待出库"


def _is_borne(evidence: Evidence, order: ShopOrder, parcel: DeliveryOrder) -> bool:
    """Whether a named person wrote off everything that was in a parcel."""
    given_up = {no for loss in evidence.write_offs(order.id) for no in loss.lines}
    lines = [order.lines[no - 1] for no in given_up if no <= len(order.lines)]
    return not matched(lines, [parcel])[1]


def _invoice_agrees(
    evidence: Evidence, order: ShopOrder, parcels: Iterable[DeliveryOrder]
) -> Check:
    arrived = [parcel for parcel in parcels if evidence.reached_buyer(parcel)]
    kept = money_kept(order, arrived, evidence.refunded_fen(order.id))
    invoiced = sum(
        -invoice.amount_fen if invoice.red else invoice.amount_fen
        for invoice in evidence.invoices.get(order.id, ())
        if invoice.issued
    )
    if invoiced == kept:
        return None
    return f"订单 {order.id}:诺诺已开发票净额 {yuan(invoiced)},应为留下的货款 {yuan(kept)}"


def money_kept(order: ShopOrder, arrived: Sequence[DeliveryOrder], refunded_fen: int) -> int:
    """Tell what the shop keeps: at most what arrived cost, at most what was not given back.

    Freight is earned as soon as anything arrived. A line that never left and was refunded lowers
    neither, since it is not in what arrived.
    """
    lines, _ = matched(order.lines, arrived)
    earned = sum(line.paid_fen for line in lines) + (order.freight_fen if lines else 0)
    return min(earned, order.paid_fen - refunded_fen)


def matched(
    lines: Sequence[Line], parcels: Sequence[DeliveryOrder]
) -> tuple[Sequence[Line], Sequence[Goods]]:
    """Find the order line of each thing in the parcels, and what has none.

    A line travels whole, so article and pieces tell which it is; each line is found once.
    """
    missing, found, strays = list(lines), [], []
    for goods in (goods for parcel in parcels for goods in parcel.goods):
        line = next((line for line in missing if line.goods == goods), None)
        if line is None:
            strays.append(goods)
        else:
            missing.remove(line)
            found.append(line)
    return found, strays
