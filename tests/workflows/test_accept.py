"""Whoever opens an order and waits hears at once whether it is taken."""

import asyncio
from datetime import timedelta

from domain.acceptance import Acceptance, Decision
from domain.clock import utc_now
from domain.lifecycle import OrderStage, ParcelStage
from tests.fakes.hub import BRISK, PACE, Hub, LiveOrder
from tests.fakes.orders import an_order
from workflows.order import OrderWorkflow

TOMORROW = timedelta(days=1)


async def opened_with_a_question(hub: Hub) -> tuple[LiveOrder, Decision]:
    """Open an order the way the mini program does: start and question in one call."""
    order = LiveOrder(hub, an_order())
    hub.fill_shelves(order.order)
    hub.accepted.append(order)
    return order, await hub.lives(BRISK).accept(order.order)


async def frozen(hub: Hub) -> LiveOrder:
    """Open an order of a frozen buyer; nobody waits for it."""
    placed = an_order()
    hub.buyers.freeze(placed.buyer_key, utc_now() + TOMORROW, "一小时内三次仅退款")
    order = await hub.accept(placed, PACE)
    await order.reaches(OrderStage.WAITING)
    return order


async def asked(order: LiveOrder) -> Decision:
    return await order.handle.execute_update(OrderWorkflow.accept)


async def test_an_order_that_is_routed_is_accepted(live_hub: Hub) -> None:
    order, decision = await opened_with_a_question(live_hub)

    assert Decision(acceptance=Acceptance.ACCEPTED) == decision
    await order.parcel_reaches(ParcelStage.HANDED_OVER)


async def test_an_order_that_is_merely_short_of_stock_is_accepted(live_hub: Hub) -> None:
    live_hub.router.short = {1}
    order, decision = await opened_with_a_question(live_hub)

    assert Acceptance.ACCEPTED is decision.acceptance
    assert OrderStage.WAITING is (await order.view()).stage


async def test_an_order_that_waits_for_its_goods_to_be_made_is_accepted(live_hub: Hub) -> None:
    live_hub.router.to_order = {1}
    _, decision = await opened_with_a_question(live_hub)

    assert Acceptance.ACCEPTED is decision.acceptance


async def test_an_order_that_no_warehouse_serves_is_out_of_range_and_ends(live_hub: Hub) -> None:
    live_hub.router.unserved = {1}
    order, decision = await opened_with_a_question(live_hub)

    assert Decision(acceptance=Acceptance.OUT_OF_RANGE, reason="第 1 行按剧本发不了") == decision
    assert OrderStage.CANCELLED is await order.ends()
    view = await order.view()
    assert ("未接单:第 1 行按剧本发不了",) == view.notes
    assert () == view.troubles
    assert [] == live_hub.erp.posted


async def test_an_order_is_accepted_when_one_of_its_lines_can_be_served(hub: Hub) -> None:
    hub.router.unserved = {2}
    order = await hub.accept(an_order(lines=2))

    assert Acceptance.ACCEPTED is (await asked(order)).acceptance
    assert OrderStage.WAITING is (await order.troubled_by("routing.plan")).stage


async def test_an_order_of_a_frozen_buyer_is_refused_and_ends_when_somebody_asks(hub: Hub) -> None:
    order = await frozen(hub)

    decision = await asked(order)

    assert Decision(acceptance=Acceptance.FROZEN, reason="一小时内三次仅退款") == decision
    assert OrderStage.CANCELLED is await order.ends()
    assert [] == hub.router.asked


async def test_an_order_of_a_frozen_buyer_waits_when_nobody_asks(hub: Hub) -> None:
    order = await frozen(hub)
    await hub.env.sleep(TOMORROW + timedelta(hours=1))

    await order.parcel_reaches(ParcelStage.HANDED_OVER)


async def test_a_question_that_comes_after_the_plan_hears_the_same(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.travels()

    assert Acceptance.ACCEPTED is (await asked(order)).acceptance


async def test_a_question_that_comes_after_a_plan_without_a_warehouse_ends_the_order(
    hub: Hub,
) -> None:
    hub.router.unserved = {1}
    order = await hub.accept(an_order())
    await order.troubled_by("routing.plan")

    assert Acceptance.OUT_OF_RANGE is (await asked(order)).acceptance
    assert OrderStage.CANCELLED is await order.ends()
    assert () == (await order.view()).troubles


async def test_a_question_is_answered_when_the_order_is_cancelled_meanwhile(hub: Hub) -> None:
    gate = hub.turnstile.gate("routing.plan")
    order = await hub.accept(an_order())
    await gate.reached.wait()
    question = asyncio.create_task(asked(order))

    await order.cancel()
    gate.opened.set()

    assert "随后被取消" in (await question).reason
    assert OrderStage.CANCELLED is await order.ends()
