"""Lines whose goods are made once they are ordered wait for the MES, and for nobody else."""

from datetime import timedelta

from domain.lifecycle import OrderStage, ParcelStage
from domain.opening import MadeNews
from domain.trouble import HoldReason
from tests.fakes.hub import PACE, Hub, LiveOrder
from tests.fakes.orders import PAID_AT, SKUS, an_order
from workflows.order import OrderWorkflow


async def ordered(hub: Hub, lines: int = 1) -> LiveOrder:
    """Accept an order whose last line must be made first; it wants two pieces."""
    hub.router.to_order = {lines}
    order = await hub.accept(an_order(lines=lines))
    await order.reaches(OrderStage.WAITING)
    return order


async def made(order: LiveOrder, completion_id: str, quantity: int, sku: str = SKUS[0]) -> None:
    news = MadeNews(completion_id=completion_id, sku=sku, quantity=quantity, at=PAID_AT)
    await order.handle.signal(OrderWorkflow.made, news)


async def test_a_line_waits_until_its_goods_are_made(hub: Hub) -> None:
    order = await ordered(hub)
    view = await order.view()
    assert view.hold is not None
    assert HoldReason.MADE_TO_ORDER is view.hold.reason
    assert () == view.troubles

    await made(order, "WO-1", 2)

    assert (await order.parcel_reaches(ParcelStage.HANDED_OVER)).hold is None


async def test_the_other_lines_do_not_wait_for_it(hub: Hub) -> None:
    order = await ordered(hub, lines=2)

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert [1] == [item.line_no for item in view.parcels[0].items]
    assert view.hold is not None
    assert HoldReason.MADE_TO_ORDER is view.hold.reason


async def test_completions_add_up_and_each_counts_once(hub: Hub) -> None:
    order = await ordered(hub)
    await made(order, "WO-1", 1)
    await made(order, "WO-1", 1)
    assert OrderStage.WAITING is (await order.view()).stage

    await made(order, "WO-2", 1)

    await order.parcel_reaches(ParcelStage.HANDED_OVER)


async def test_goods_that_were_made_before_the_order_was_routed_are_not_forgotten(
    hub: Hub,
) -> None:
    checking = hub.turnstile.gate("risk.check")
    hub.router.to_order = {1}
    order = await hub.accept(an_order())
    await checking.reached.wait()
    await made(order, "WO-1", 2)
    checking.opened.set()

    await order.parcel_reaches(ParcelStage.HANDED_OVER)


async def test_other_goods_release_nothing(hub: Hub) -> None:
    order = await ordered(hub)

    await made(order, "WO-1", 2, sku="OTHER")

    assert OrderStage.WAITING is (await order.view()).stage


async def test_a_production_that_takes_too_long_becomes_an_exception(hub: Hub) -> None:
    order = await ordered(hub)

    await hub.env.sleep(PACE.hold_limit + PACE.hold_limit / 2 + timedelta(hours=1))

    await order.troubled_by("routing.plan")


async def test_the_erp_hears_of_an_order_that_is_all_made_to_order(hub: Hub) -> None:
    """Otherwise nobody would ever make it."""
    await ordered(hub)

    await hub.turnstile.passed("erp.relay", 1)
