"""Promise 3: no oversell, and every lock belongs to a parcel that is still under way."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from infra.auditor.evidence import Evidence
from infra.auditor.promises import Check, Checks
from infra.auditor.records import (
    Count,
    DeliveryOrder,
    Lock,
    LockState,
    ReturnOrder,
    Shelf,
    order_of,
    pieces_of,
)

Place = tuple[str, str]  # warehouse and SKU
Takers = Mapping[Place, Sequence[tuple[str, int]]]  # parcel key and pieces
MOST_NAMED = 5  # parcels in one sentence


def examine(evidence: Evidence) -> Checks:
    """Whatever was received, promised and sent adds up, on every shelf and for every parcel."""
    held = _takers(evidence.stock.locks, LockState.LOCKED)
    shipped = _takers(evidence.stock.locks, LockState.SHIPPED)
    returned = _takers(evidence.stock.locks, LockState.RETURNED)
    for shelf in evidence.stock.shelves:
        place = (shelf.warehouse, shelf.sku)
        yield _locked_is_the_locks(shelf, held.get(place, ()))
        yield _not_negative(shelf)
        if _is_counted_in_the_database(evidence, shelf):
            back = _pieces(returned.get(place, ()))
            yield _on_hand_adds_up(evidence, shelf, shipped.get(place, ()), back)
    yield from _received_what_is_taken(evidence)
    for lock in evidence.stock.locks:
        if lock.state is LockState.LOCKED:
            yield _belongs_to_a_life(evidence, lock)
    yield from _what_left_is_booked(evidence)
    yield from _what_came_back_is_booked(evidence)


def _takers(locks: Iterable[Lock], state: LockState) -> Takers:
    takers: defaultdict[Place, list[tuple[str, int]]] = defaultdict(list)
    for lock in locks:
        if lock.state is state:
            place = (lock.warehouse, lock.goods.sku)
            takers[place].append((lock.parcel_key, lock.goods.quantity))
    return takers


def _locked_is_the_locks(shelf: Shelf, takers: Sequence[tuple[str, int]]) -> Check:
    locked = _pieces(takers)
    if shelf.locked == locked:
        return None
    return (
        f"{_where(shelf.warehouse, shelf.sku)}:库存表锁定 {shelf.locked} 件,"
        f"锁定记录合计 {locked} 件{_involved(takers)}"
    )


def _not_negative(shelf: Shelf) -> Check:
    if shelf.on_hand >= 0:
        return None
    return f"{_where(shelf.warehouse, shelf.sku)}:库存表现存 {shelf.on_hand} 件,小于零"


def _is_counted_in_the_database(evidence: Evidence, shelf: Shelf) -> bool:
    """Whether on hand must be exact: not a mirror of the WMS, and no goods just coming in."""
    house = evidence.world.warehouses.get(shelf.warehouse)
    by_wms = house is not None and house.count is Count.WMS
    return not by_wms and shelf.sku not in evidence.world.awaited


def _on_hand_adds_up(
    evidence: Evidence, shelf: Shelf, takers: Sequence[tuple[str, int]], returned: int
) -> Check:
    received = evidence.world.received.get((shelf.warehouse, shelf.sku), 0)
    shipped = _pieces(takers)
    if shelf.on_hand == received - shipped + returned:
        return None
    return (
        f"{_where(shelf.warehouse, shelf.sku)}:库存表现存 {shelf.on_hand} 件,"
        f"到货 {received} 件减出库 {shipped} 件加退回 {returned} 件"
        f"应为 {received - shipped + returned} 件{_involved(takers)}"
    )


def _received_what_is_taken(evidence: Evidence) -> Checks:
    """No more left or is promised than came in, whatever the hub's own figures say."""
    back = _received_again(evidence)
    for place, takers in _taken(evidence).items():
        received, taken = evidence.world.received.get(place, 0) + back[place], _pieces(takers)
        if taken <= received:
            yield None
        else:
            yield (
                f"{_where(*place)}:到货 {received} 件,已出库与锁定共 {taken} 件,"
                f"超卖 {taken - received} 件{_involved(takers)}"
            )


def _received_again(evidence: Evidence) -> Counter[Place]:
    """Count what the WMS has received of what came back."""
    back: Counter[Place] = Counter()
    for order in (order for orders in evidence.returns.values() for order in orders):
        for goods in order.received:
            back[order.warehouse, goods.sku] += goods.quantity
    return back


def _taken(evidence: Evidence) -> Takers:
    """Tell who took what: parcels that left, by the WMS, and locks of those that have not."""
    takers: defaultdict[Place, list[tuple[str, int]]] = defaultdict(list)
    out = {parcel.parcel_key: parcel for parcel in evidence.parcels_out()}
    for parcel in out.values():
        for goods in parcel.goods:
            takers[parcel.warehouse, goods.sku].append((parcel.parcel_key, goods.quantity))
    for lock in evidence.stock.locks:
        if lock.state is LockState.LOCKED and lock.parcel_key not in out:
            place = (lock.warehouse, lock.goods.sku)
            takers[place].append((lock.parcel_key, lock.goods.quantity))
    return takers


def _belongs_to_a_life(evidence: Evidence, lock: Lock) -> Check:
    order_id = order_of(lock.parcel_key)
    life = evidence.lives.get(order_id)
    if life is not None and life.open:
        return None
    why = "没有生命" if life is None else "生命已结束"
    return (
        f"订单 {order_id}:{why},包裹 {lock.parcel_key} 仍锁定 "
        f"{_where(lock.warehouse, lock.goods.sku)} {lock.goods.quantity} 件"
    )


def _what_left_is_booked(evidence: Evidence) -> Checks:
    """Once a life is over, the stock's books say of each parcel what the WMS says."""
    booked = _booked(evidence, LockState.SHIPPED)
    for parcel in evidence.parcels_out():
        if evidence.is_over(order_of(parcel.parcel_key)):
            yield _is_booked(parcel, booked[parcel.parcel_key])


def _what_came_back_is_booked(evidence: Evidence) -> Checks:
    """Once a life is over, the stock's books say of each return what the WMS says."""
    booked = _booked(evidence, LockState.RETURNED)
    for order_id, returns in evidence.returns.items():
        for order in returns if evidence.is_over(order_id) else ():
            received = pieces_of(order.received)
            yield None if received == booked[order.code] else _not_put_back(order)


def _booked(evidence: Evidence, state: LockState) -> Mapping[str, Counter[str]]:
    """Count by key what the stock's books say came to a state; nothing for any other key."""
    booked: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for lock in evidence.stock.locks:
        if lock.state is state:
            booked[lock.parcel_key][lock.goods.sku] += lock.goods.quantity
    return booked


def _not_put_back(order: ReturnOrder) -> str:
    return (
        f"订单 {order_of(order.code)}:退货单 {order.code} 在 WMS 收货 "
        f"{sum(goods.quantity for goods in order.received)} 件,库存库没有记为退回,或件数不符"
    )


def _is_booked(parcel: DeliveryOrder, booked: Counter[str]) -> Check:
    left = pieces_of(parcel.goods)
    if left == booked:
        return None
    return (
        f"订单 {order_of(parcel.parcel_key)}:包裹 {parcel.parcel_key} 从 {parcel.warehouse} 仓"
        f"出库 {left.total()} 件,库存库记为出库 {booked.total()} 件,商品或件数不符"
    )


def _pieces(takers: Iterable[tuple[str, int]]) -> int:
    return sum(pieces for _, pieces in takers)


def _where(warehouse: str, sku: str) -> str:
    return f"{warehouse} 仓商品 {sku}"


def _involved(takers: Sequence[tuple[str, int]]) -> str:
    """Name the parcels behind a figure, the latest first, since they tipped it over."""
    keys = [key for key, _ in takers][: -MOST_NAMED - 1 : -1]
    more = "等" if len(takers) > MOST_NAMED else ""
    return f"(包裹 {'、'.join(keys)}{more})" if keys else "(没有包裹涉及)"
