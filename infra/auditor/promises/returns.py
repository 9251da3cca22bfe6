"""Promise 4, what comes back: announced once for each parcel or claim, and no more than left."""

from collections import defaultdict
from collections.abc import Sequence

from infra.auditor.evidence import Evidence, grouped
from infra.auditor.promises import Check, Checks
from infra.auditor.records import DeliveryOrder, ReturnOrder, order_of, pieces_of


def examine(evidence: Evidence) -> Checks:
    """Look at every return, and at what was received of every parcel. Holds at all times."""
    everything = [order for orders in evidence.returns.values() for order in orders]
    for (parcel_key, _), announced in _by_parcel_and_claim(everything).items():
        yield _announced_once(parcel_key, announced)
    left = {parcel.parcel_key: parcel for parcel in evidence.parcels_out()}
    for parcel_key, orders in grouped(everything, lambda order: order.parcel_key).items():
        yield _no_more_than_left(parcel_key, left.get(parcel_key), orders)


def _by_parcel_and_claim(
    everything: Sequence[ReturnOrder],
) -> dict[tuple[str, str], list[ReturnOrder]]:
    returns: defaultdict[tuple[str, str], list[ReturnOrder]] = defaultdict(list)
    for order in everything:
        returns[order.parcel_key, _claim_of(order)].append(order)
    return dict(returns)


def _claim_of(order: ReturnOrder) -> str:
    """Tell the claim from a code: ``…/return/c{claim}/{parcel no}``; ``…/return/p1`` has none."""
    return order.code.partition("/return/")[2].rpartition("/")[0]


def _announced_once(parcel_key: str, orders: Sequence[ReturnOrder]) -> Check:
    if len(orders) == 1:
        return None
    codes = "、".join(order.code for order in orders)
    return (
        f"订单 {order_of(parcel_key)}:包裹 {parcel_key} 为同一件事在 WMS 有 {len(orders)} 张退货单:"
        f"{codes},应为 1 张"
    )


def _no_more_than_left(
    parcel_key: str, left: DeliveryOrder | None, orders: Sequence[ReturnOrder]
) -> Check:
    """Also over several claims; the shelf would hold pieces that nobody has."""
    sent = pieces_of(left.goods if left else ())
    back = pieces_of(goods for order in orders for goods in order.received)
    if back <= sent:
        return None
    return (
        f"订单 {order_of(parcel_key)}:包裹 {parcel_key} 出库 {sent.total()} 件,"
        f"退货收货 {back.total()} 件,商品或件数对不上"
    )
