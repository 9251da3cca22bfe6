"""A person interferes at every point of a plain order's life; the promises hold at its end.

Before a call: nothing has happened yet. After it: the partner has done it, the order does not know.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.lifecycle import OrderStage, ParcelStage
from tests.fakes.hub import BRISK, Hub, LiveOrder
from tests.fakes.orders import GONGSHU, an_order
from tests.fakes.turnstile import Moment
from tests.fakes.warehouses import Status

NEAR = ("risk.check", "routing.plan", "stock.lock", "stock.ship")
FAR = (
    "label.create",
    "printer.print",
    "handover.create",
    "channel.tell_shipped",
    "invoice.issue",
    "voucher.book",
)
HANDS: dict[str, Callable[[LiveOrder], Awaitable[str]]] = {
    "cancel": LiveOrder.cancel,
    "reroute": LiveOrder.reroute,
    "edit_address": lambda order: order.edit_address(GONGSHU),
}


async def interfere(order: LiveOrder, hand: str) -> None:
    """Ask; a refusal is an answer too."""
    with contextlib.suppress(WorkflowUpdateFailedError):
        await HANDS[hand](order)


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("step", FAR)
async def test_interfering_at_a_far_call_keeps_the_promises(
    live_hub: Hub, step: str, moment: Moment, hand: str
) -> None:
    gate = live_hub.turnstile.gate(step, moment)
    order = await live_hub.accept(an_order(), BRISK)

    async with order.on_the_road():
        await gate.reached.wait()
        await interfere(order, hand)
        gate.opened.set()
        await order.ends()

    await assert_promises_hold(order)


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("step", NEAR)
async def test_interfering_at_a_near_call_keeps_the_promises(
    live_hub: Hub, step: str, moment: Moment, hand: str
) -> None:
    """A near call keeps the order's attention, so the hand is heard once it is over."""
    gate = live_hub.turnstile.gate(step, moment)
    order = await live_hub.accept(an_order(), BRISK)

    async with order.on_the_road():
        await gate.reached.wait()
        interfering = asyncio.create_task(interfere(order, hand))
        await asyncio.sleep(0)
        gate.opened.set()
        await asyncio.gather(interfering, order.ends())

    await assert_promises_hold(order)


@pytest.mark.parametrize("hand", HANDS)
async def test_interfering_while_the_warehouse_packs_keeps_the_promises(
    live_hub: Hub, hand: str
) -> None:
    order = await live_hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    await interfere(order, hand)
    async with order.on_the_road():
        await order.ends()

    await assert_promises_hold(order)


async def assert_promises_hold(order: LiveOrder) -> None:
    """Nothing is locked, labelled, told or billed that is not with the buyer; at most one is."""
    hub, view = order.hub, await order.view()
    shipped = {key for key, state in hub.stock.states.items() if state == "shipped"}
    delivered = [parcel for parcel in view.parcels if parcel.stage is ParcelStage.DELIVERED]

    assert {"shipped", "released"} >= set(hub.stock.states.values())
    assert 0 == hub.stock.locked.total()
    assert {order.key(parcel.no) for parcel in delivered} == shipped
    assert shipped == hub.carriers.booked.keys() - hub.carriers.cancelled
    assert shipped == {
        key for key, status in hub.warehouses.orders.items() if status is Status.LEFT
    }
    assert shipped == hub.shop.shipments.keys()
    assert len(shipped) == len(hub.invoices.issued) == len(hub.books.booked)
    assert view.stage is (OrderStage.CLOSED if shipped else OrderStage.CANCELLED)
    assert len(shipped) <= 1
    assert () == view.troubles
