"""Shows an order's life where people look: the search lists and the details in Temporal's UI."""

from datetime import timedelta, timezone
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

from domain.claim import Refund
from domain.erp import ErpState
from domain.lifecycle import OrderStage
from domain.money import yuan
from domain.view import OrderView, ParcelView
from domain.words import STEPS, zh
from workflows.attributes import EXCEPTION, STAGE, WAREHOUSES

CHINA = timezone(timedelta(hours=8))  # no summer time since 1991

# The lists are the engine's heaviest table: they hear of these stages only.
COARSE = {
    OrderStage.ACCEPTED: OrderStage.ACCEPTED,
    OrderStage.WAITING: OrderStage.WAITING,
    OrderStage.ROUTED: OrderStage.ROUTED,
    OrderStage.LABELLED: OrderStage.ROUTED,
    OrderStage.HANDED_OVER: OrderStage.ROUTED,
    OrderStage.SHIPPED: OrderStage.SHIPPED,
    OrderStage.DELIVERED: OrderStage.SHIPPED,
    OrderStage.SETTLED: OrderStage.SETTLED,
    OrderStage.CLOSED: OrderStage.SETTLED,
    OrderStage.CANCELLED: OrderStage.CANCELLED,
}


class Story:
    """Remembers what was shown last, so that only news costs anything."""

    def __init__(self) -> None:
        self._stage = OrderStage.ACCEPTED
        self._exception: str | None = None
        self._warehouses: list[str] = []

    def show(self, view: OrderView) -> None:
        """Show where the order stands now, in one change of the lists at most."""
        workflow.set_current_details(details(view))
        changes = self._changes(view)
        if changes:
            workflow.upsert_search_attributes(changes)

    def _changes(self, view: OrderView) -> list[SearchAttributeUpdate[Any]]:
        changes: list[SearchAttributeUpdate[Any]] = []
        stage, exception = COARSE[view.stage], _exception(view)
        warehouses = sorted({parcel.warehouse for parcel in view.parcels})
        if stage is not self._stage:
            changes.append(STAGE.value_set(stage))
        if exception != self._exception:
            change = EXCEPTION.value_set(exception) if exception else EXCEPTION.value_unset()
            changes.append(change)
        if warehouses != self._warehouses:
            changes.append(WAREHOUSES.value_set(warehouses))
        self._stage, self._exception, self._warehouses = stage, exception, warehouses
        return changes


def _exception(view: OrderView) -> str | None:
    if view.troubles:
        return view.troubles[0].step
    return view.hold.reason if view.hold else None


def details(view: OrderView) -> str:
    """Tell the order's life in Chinese, as Markdown."""
    lines = [f"**{zh(view.stage)}**", ""]
    if view.hold:
        lines.append(f"- 挂起:{zh(view.hold.reason)} {';'.join(view.hold.details)}")
    for trouble in view.troubles:
        actions = "、".join(zh(remedy) for remedy in trouble.remedies)
        lines.append(
            f"- 异常:{STEPS[trouble.step].zh} {trouble.subject}:{trouble.reason}(可操作:{actions})"
        )
    lines += [_parcel(parcel) for parcel in view.parcels]
    lines += [_refund(refund) for refund in view.refunds]
    if view.erp:
        lines.append(_erp(view.erp))
    lines += [f"- 备注:{note}" for note in view.notes]
    return "\n".join(lines)


def _refund(refund: Refund) -> str:
    what, where = zh(refund.kind), zh(refund.stage)
    return f"- 退款:{refund.id} {what} {where} ¥{yuan(refund.amount_fen)}"


def _erp(state: ErpState) -> str:
    at = f" {state.audited_at.astimezone(CHINA):%m-%d %H:%M}" if state.audited_at else ""
    return f"- ERP:{zh(state.standing)} {state.number} {state.audited_by}".rstrip() + at


def _parcel(parcel: ParcelView) -> str:
    goods = "、".join(f"{item.name}×{item.quantity}" for item in parcel.items[:3])
    more = f" 等 {len(parcel.items)} 种" if len(parcel.items) > 3 else ""  # noqa: PLR2004 - a line on a screen
    waybill = f" {parcel.waybill.carrier} {parcel.waybill.number}" if parcel.waybill else ""
    return f"- 包裹 {parcel.no} {parcel.warehouse} {zh(parcel.stage)}{waybill}:{goods}{more}"
