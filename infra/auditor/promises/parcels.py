"""Promise 4, goods: one parcel has one waybill, one label, one hand-over, however often tried."""

from collections.abc import Sequence

from infra.auditor.evidence import Evidence, grouped
from infra.auditor.promises import Check, Checks
from infra.auditor.records import DeliveryOrder, Label, Waybill, order_of


def examine(evidence: Evidence) -> Checks:
    """Carriers, printers and the WMS know each parcel once, and mean the same."""
    for parcel_key in evidence.waybills:
        yield _at_most_one_waybill(parcel_key, evidence.live_waybills(parcel_key))
    yield from _numbers_are_unique(evidence)
    for parcel_key, labels in evidence.labels.items():
        yield _at_most_one_label(parcel_key, labels)
        for label in labels:
            yield _label_is_the_parcels(label, evidence.waybills.get(parcel_key, ()))
    yield from _one_hand_over_for_each_waybill(evidence)
    for parcel in evidence.parcels_out():
        yield _left_under_its_waybill(parcel, evidence.live_waybills(parcel.parcel_key))
    yield from _no_waybill_is_left_over(evidence)


def _at_most_one_waybill(parcel_key: str, live: Sequence[Waybill]) -> Check:
    if len(live) <= 1:
        return None
    numbers = "、".join(waybill.number for waybill in live)
    return f"{_whose(parcel_key)}有 {len(live)} 个有效运单 {numbers},应至多 1 个"


def _numbers_are_unique(evidence: Evidence) -> Checks:
    everyone = (waybill for waybills in evidence.waybills.values() for waybill in waybills)
    for number, waybills in grouped(everyone, lambda waybill: waybill.number).items():
        keys = "、".join(waybill.parcel_key for waybill in waybills)
        yield None if len(waybills) == 1 else f"运单 {number} 给了 {len(waybills)} 个包裹:{keys}"


def _at_most_one_label(parcel_key: str, labels: Sequence[Label]) -> Check:
    if len(labels) == 1:
        return None
    printers = "、".join(label.printer for label in labels)
    return f"{_whose(parcel_key)}打印了 {len(labels)} 张面单({printers}),应至多 1 张"


def _label_is_the_parcels(label: Label, waybills: Sequence[Waybill]) -> Check:
    if label.waybill in {waybill.number for waybill in waybills}:
        return None
    return f"{_whose(label.parcel_key)}的面单印着运单 {label.waybill},承运商没有给过它这个号"


def _one_hand_over_for_each_waybill(evidence: Evidence) -> Checks:
    everything = (parcel for parcels in evidence.deliveries.values() for parcel in parcels)
    for number, parcels in grouped(everything, lambda parcel: parcel.waybill).items():
        keys = "、".join(parcel.parcel_key for parcel in parcels)
        twice = f"运单 {number} 在 WMS 有 {len(parcels)} 张出库单:{keys}"
        yield None if len(parcels) == 1 else twice


def _left_under_its_waybill(parcel: DeliveryOrder, live: Sequence[Waybill]) -> Check:
    if len(live) == 1 and live[0].number == parcel.waybill:
        return None
    numbers = "、".join(waybill.number for waybill in live) or "没有"
    return (
        f"{_whose(parcel.parcel_key)}从 {parcel.warehouse} 仓以运单 {parcel.waybill} 出库,"
        f"承运商的有效运单:{numbers}"
    )


def _no_waybill_is_left_over(evidence: Evidence) -> Checks:
    """Once a life is over, what never left is not booked any more."""
    out = {parcel.parcel_key for parcel in evidence.parcels_out()}
    for parcel_key in evidence.waybills:
        if parcel_key not in out and evidence.is_over(order_of(parcel_key)):
            yield _is_void(parcel_key, evidence.live_waybills(parcel_key))


def _is_void(parcel_key: str, live: Sequence[Waybill]) -> Check:
    if not live:
        return None
    numbers = "、".join(waybill.number for waybill in live)
    return f"{_whose(parcel_key)}没有出库,生命已结束,运单 {numbers} 仍有效"


def _whose(parcel_key: str) -> str:
    return f"订单 {order_of(parcel_key)}:包裹 {parcel_key} "
