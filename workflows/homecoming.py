"""Takes a parcel in that comes back: announced, received, and put on the shelf again."""

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from temporalio import workflow

from domain.comeback import Receipt, ReturnOrder
from domain.lifecycle import ParcelStage
from domain.parcel import Dispatch, Item, Parcel
from workflows.calls import ANNOUNCE_RETURN, PUT_BACK
from workflows.doorway import DoneByHand
from workflows.loss import write_off
from workflows.outset import Outset


class Traveller(Protocol):
    """What a homecoming needs to know of a parcel."""

    outset: Outset
    parcel: Parcel
    receipt: Receipt | None

    def dispatch(self) -> Dispatch: ...
    def reach(self, stage: ParcelStage) -> None: ...


class Homecoming:
    """One parcel's homecoming."""

    def __init__(self, traveller: Traveller) -> None:
        self._it = traveller

    async def take_in(self) -> None:
        """Bring the goods of a returned parcel back onto the shelf."""
        it, order = self._it, return_of_parcel(self._it.dispatch())
        it.reach(ParcelStage.INTERCEPTING)
        receipt = await received(it.outset, order, lambda: it.receipt)
        await it.outset.door.do(PUT_BACK, receipt, subject=it.parcel.key)
        if missing := missing_from(receipt, order.items):
            await self._bear(missing)
        it.reach(ParcelStage.INTERCEPTED)

    async def _bear(self, missing: tuple[Item, ...]) -> None:
        """Some of it is gone or broken: somebody takes that upon themselves."""
        outset, key = self._it.outset, self._it.parcel.key
        question = f"退回的包裹短收或破损 {len(missing)} 种商品,请核实后核销"
        hand = await outset.door.ask(ANNOUNCE_RETURN.step, key, question)
        await write_off(outset, key, missing, hand)


def return_of_parcel(dispatch: Dispatch) -> ReturnOrder:
    """Tell a warehouse to expect a parcel that it sent out itself."""
    parcel, waybill = dispatch.parcel, dispatch.waybill
    return ReturnOrder(
        key=f"{parcel.order_id}/return/p{parcel.no}",
        order_id=parcel.order_id,
        warehouse=parcel.warehouse,
        delivery_key=parcel.key,
        carrier=waybill.carrier if waybill else "",
        number=dispatch.number,
        items=parcel.items,
    )


async def received(
    outset: Outset, order: ReturnOrder, receipt: Callable[[], Receipt | None]
) -> Receipt:
    """Announce a return and wait for the warehouse; a person hears when it takes too long."""
    with contextlib.suppress(DoneByHand):
        await outset.door.do(ANNOUNCE_RETURN, order, subject=order.delivery_key)
    limit = outset.pace.receipt_limit or timedelta.max
    if not await _within(limit, receipt):
        question = "退货到仓后迟迟没有收货,请催仓库收货"
        outset.door.report(ANNOUNCE_RETURN.step, order.delivery_key, question)
        await workflow.wait_condition(lambda: receipt() is not None)
        outset.door.clear(ANNOUNCE_RETURN.step, order.delivery_key)
    found = receipt()
    assert found is not None  # noqa: S101 - it was just waited for
    return found


async def _within(limit: timedelta, receipt: Callable[[], Receipt | None]) -> bool:
    with contextlib.suppress(TimeoutError):
        await workflow.wait_condition(
            lambda: receipt() is not None, timeout=limit, timeout_summary="等待退货收货"
        )
    return receipt() is not None


def missing_from(receipt: Receipt, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Tell the items of which fewer pieces were received than came back."""
    found = Counter[str]()
    for pieces in receipt.goods:
        found[pieces.sku] += pieces.quantity
    missing = []
    for item in items:
        found[item.sku] -= item.quantity
        if found[item.sku] < 0:
            missing.append(item)
    return tuple(missing)
