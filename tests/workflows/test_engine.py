"""On the real engine: what its lists show, what a life costs, and what a restart does to it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.testing import WorkflowEnvironment

from domain.errors import GatewayRefused
from domain.lifecycle import OrderStage, ParcelStage
from domain.parcel import Milestone
from tests.fakes.hub import BRISK, Hub, LiveOrder, eventually
from tests.fakes.orders import an_order
from web.lives import NoSuchLife
from workflows.order import OrderWorkflow

MOST_EVENTS = 75
MOST_WORKFLOW_TASKS = 14


async def ids(hub: Hub, query: str) -> AsyncIterator[str]:
    """List the workflow ids that a search of the engine finds."""
    async for life in hub.client.list_workflows(query):
        yield life.id


async def assert_found(order: LiveOrder, query: str) -> None:
    """Wait until a search finds the order; the lists follow a moment later."""

    async def found() -> bool:
        return order.handle.id in [found async for found in ids(order.hub, query)]

    await eventually(found)


@pytest.mark.parametrize(
    "query",
    [
        'LifelineStage = "routed" AND LifelineWarehouses = "HZ-GS"',
        'LifelineChannel = "miniprogram" AND LifelinePaidAt > "2026-01-01T00:00:00Z"',
        'LifelineException = "label.create"',
    ],
)
async def test_an_order_is_found_by_what_the_lists_know_of_it(live_hub: Hub, query: str) -> None:
    live_hub.turnstile.fail("label.create", GatewayRefused("sf", "8057", "超出派送范围"))
    order = await live_hub.accept(an_order(), BRISK)
    await order.troubled_by("label.create")

    await assert_found(order, query)


async def test_an_order_on_hold_is_found_by_what_it_waits_for(live_hub: Hub) -> None:
    live_hub.router.short = {1}
    order = await live_hub.accept(an_order(), BRISK)

    await assert_found(order, 'LifelineStage = "waiting" AND LifelineException = "short_of_stock"')


async def test_a_buyer_s_orders_are_found_by_the_buyer_s_hash(live_hub: Hub) -> None:
    placed = replace(an_order(), buyer_key="b5bb9d8014a0f9b1", leader="L-7")
    order = await live_hub.accept(placed, BRISK)

    await assert_found(order, 'LifelineBuyer = "b5bb9d8014a0f9b1" AND LifelineLeader = "L-7"')


async def test_the_engine_s_page_tells_the_life_in_chinese(live_hub: Hub) -> None:
    live_hub.turnstile.fail("label.create", GatewayRefused("sf", "8057", "超出派送范围"))
    order = await live_hub.accept(an_order(), BRISK)
    await order.troubled_by("label.create")

    metadata = await order.handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    details = metadata.current_details
    description = await order.handle.describe()

    assert "**已分仓**" in details
    assert "异常:获取运单号" in details
    assert "包裹 1 HZ-GS 已锁库存" in details
    assert order.order.receiver.name not in details
    assert f"miniprogram {order.order.number}:2 件,¥16.00" == await description.static_summary()


async def test_a_plain_order_keeps_within_its_history_budget(
    live_hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody asks in between, since each question would be a workflow task of its own."""
    order = await live_hub.accept(an_order(), BRISK)
    await live_hub.turnstile.passed("handover.create", 1)
    await order.packed()
    await live_hub.turnstile.passed("channel.tell_shipped", 1)
    await order.scanned(Milestone.COLLECTED)
    await live_hub.turnstile.passed("stock.ship", 1)
    await order.scanned(Milestone.DELIVERED)
    await order.ends()

    kinds = [event.event_type async for event in order.handle.fetch_history_events()]
    tasks = kinds.count(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    with capsys.disabled():
        print(f" [{len(kinds)} events, {tasks} workflow tasks]", end="")  # noqa: T201 - the figure is wanted
    assert len(kinds) <= MOST_EVENTS
    assert tasks <= MOST_WORKFLOW_TASKS


async def test_an_order_that_comes_again_joins_its_open_life(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    first = (await order.handle.describe()).run_id

    await live_hub.lives(BRISK).open(order.order)

    assert first == (await order.handle.describe()).run_id
    assert 1 == len((await order.view()).parcels)


async def test_an_order_that_comes_again_after_its_end_begins_nothing(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order(), BRISK)
    await order.cancel()
    await order.ends()
    first = (await order.handle.describe()).run_id

    await live_hub.lives(BRISK).open(order.order)

    assert first == (await order.handle.describe()).run_id


async def test_news_of_an_order_that_never_was_is_nobody_s(live_hub: Hub) -> None:
    stranger = LiveOrder(live_hub, an_order())

    with pytest.raises(NoSuchLife):
        await live_hub.lives().packed(stranger.order.id, stranger.packed_news(1))


async def test_a_restock_wakes_every_order_that_the_lists_show_waiting(live_hub: Hub) -> None:
    live_hub.router.short = {1}
    slow = replace(BRISK, hold_retry=timedelta(minutes=10))
    order = await live_hub.accept(an_order(), slow)
    await assert_found(order, 'LifelineStage = "waiting" AND ExecutionStatus = "Running"')

    live_hub.router.short = set()
    told = await live_hub.lives().restocked(live_hub.restock())

    assert told >= 1
    await order.parcel_reaches(ParcelStage.HANDED_OVER)


async def test_a_life_goes_on_when_its_worker_is_replaced(dev_env: WorkflowEnvironment) -> None:
    hub = Hub(dev_env)
    async with hub.working():
        order = await hub.accept(an_order(), BRISK)
        await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.handle.signal(OrderWorkflow.packed, order.packed_news(1))

    async with hub.working():
        await order.scanned(Milestone.COLLECTED)
        await order.scanned(Milestone.DELIVERED)

        assert OrderStage.CLOSED is await order.ends()
    assert [order.key()] == hub.printers.labels
    assert 1 == hub.turnstile.times("label.create")
