"""Promise 6: cold goods never leave from a warm warehouse. Holds at all times."""

from infra.auditor.evidence import Evidence
from infra.auditor.promises import Check, Checks
from infra.auditor.records import DeliveryOrder, Goods, order_of
from infra.auditor.world import World

BANDS = {"ambient": "常温", "chilled": "冷藏", "frozen": "冷冻"}


def examine(evidence: Evidence) -> Checks:
    """Every article of every delivery order is kept where it is to leave from."""
    for parcels in evidence.deliveries.values():
        for parcel in parcels:
            for goods in parcel.goods:
                yield _is_kept_there(evidence.world, parcel, goods)


def _is_kept_there(world: World, parcel: DeliveryOrder, goods: Goods) -> Check:
    house, band = world.warehouses.get(parcel.warehouse), world.bands.get(goods.sku)
    bands = house.bands if house else frozenset[str]()
    if band in bands:
        return None
    return (
        f"订单 {order_of(parcel.parcel_key)}:包裹 {parcel.parcel_key} 的商品 {goods.sku}"
        f"({BANDS.get(band or '', '温层不明')})由 {parcel.warehouse} 仓发货,"
        f"该仓的温层:{'、'.join(BANDS.get(name, name) for name in sorted(bands)) or '不明'}"
    )
