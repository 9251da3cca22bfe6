"""Orders whose channel changes its mind: closes them, pauses them, sends them elsewhere."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.clock import utc_now
from domain.lifecycle import OrderStage, ParcelStage
from domain.opening import ChannelNews
from domain.order import Receiver
from domain.parcel import Milestone
from domain.standing import Standing
from domain.trouble import HoldReason, Remedy
from tests.fakes.hub import Hub, LiveOrder, refusal
from tests.fakes.orders import GONGSHU, PAID_AT, XIHU, an_order
from workflows.order import OrderWorkflow

CALLED_BACK = "包裹 1 快递拦截:已受理"
CLOSED = "渠道已关闭订单"
CHANNEL_HOLD = HoldReason.CHANNEL_HOLD
TOMORROW = timedelta(days=1)


async def hears(
    order: LiveOrder, standing: Standing, minutes: int = 1, receiver: Receiver | None = None
) -> None:
    """Let the channel say how the order stood so long after it was paid."""
    changed_at = PAID_AT + timedelta(minutes=minutes)
    news = ChannelNews(standing=standing, changed_at=changed_at, receiver=receiver)
    await order.handle.signal(OrderWorkflow.channel_changed, news)


async def handed_over(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    return order


async def test_an_order_that_its_channel_closes_is_called_off_and_says_by_whom(hub: Hub) -> None:
    order = await handed_over(hub)

    await hears(order, Standing.CANCELLED)

    assert OrderStage.CANCELLED is await order.ends()
    assert {order.key(): "released"} == hub.stock.states
    view = await order.view()
    assert (CLOSED,) == view.notes
    assert () == view.troubles


async def test_a_closed_order_whose_parcel_arrives_all_the_same_calls_a_person(hub: Hub) -> None:
    order = await handed_over(hub)
    await order.leaves()

    await hears(order, Standing.CANCELLED)
    await hears(order, Standing.CANCELLED, minutes=2)
    await order.until(lambda view: CALLED_BACK in view.notes)
    await order.scanned(Milestone.COLLECTED)
    await order.scanned(Milestone.DELIVERED)

    view = await order.troubled_by("logistics.follow")
    assert [f"{CLOSED},包裹已出库"] == [trouble.reason for trouble in view.troubles]
    assert f"{CLOSED},包裹 1 已出库" in view.notes
    await order.resolve(order.order.id, Remedy.RETRY)
    assert OrderStage.CLOSED is await order.ends()


async def test_a_parcel_that_leaves_while_it_is_called_back_calls_a_person_too(hub: Hub) -> None:
    order = await handed_over(hub)
    hub.warehouses.let_leave(order.key())

    await hears(order, Standing.CANCELLED)
    await order.until(lambda view: CALLED_BACK in view.notes)
    await order.scanned(Milestone.DELIVERED)

    view = await order.troubled_by("logistics.follow")
    assert f"{CLOSED},包裹 1 已出库" in view.notes


@pytest.mark.parametrize("standing", [Standing.PENDING, Standing.UNPAID])
async def test_nothing_goes_out_while_the_channel_says_wait(hub: Hub, standing: Standing) -> None:
    labelling = hub.turnstile.gate("label.create")
    order = await hub.accept(an_order())
    await labelling.reached.wait()
    await hears(order, standing)
    view = await order.reaches(OrderStage.WAITING)
    labelling.opened.set()
    await order.until(lambda view: view.parcels[0].waybill is not None)

    assert view.hold is not None
    assert CHANNEL_HOLD is view.hold.reason
    assert 0 == hub.turnstile.times("printer.print")
    await hears(order, Standing.DUE, minutes=2)
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)
    assert view.hold is None


async def test_an_order_that_is_paused_before_it_is_routed_is_not_routed(hub: Hub) -> None:
    placed = an_order()
    hub.buyers.freeze(placed.buyer_key, utc_now() + TOMORROW, "拒收三次")
    order = await hub.accept(placed)
    await order.reaches(OrderStage.WAITING)
    await hears(order, Standing.PENDING)
    await hub.env.sleep(TOMORROW + timedelta(hours=1))
    await order.until(lambda view: view.hold is not None and view.hold.reason is CHANNEL_HOLD)

    assert [] == hub.router.asked
    await hears(order, Standing.DUE, minutes=2)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)


async def test_a_person_can_not_release_what_the_channel_holds(hub: Hub) -> None:
    order = await handed_over(hub)
    await hears(order, Standing.PENDING)

    assert "由渠道暂停发货" in await refusal(order.release())


async def test_a_person_s_hold_outlasts_the_channel_s(hub: Hub) -> None:
    order = await handed_over(hub)
    await order.hold()
    await hears(order, Standing.PENDING)
    await hears(order, Standing.DUE, minutes=2)

    view = await order.view()

    assert view.hold is not None
    assert HoldReason.BY_HAND is view.hold.reason


async def test_older_news_is_no_news(hub: Hub) -> None:
    order = await handed_over(hub)
    await hears(order, Standing.DUE, minutes=10, receiver=XIHU)

    await hears(order, Standing.CANCELLED, minutes=5)
    await hears(order, Standing.PENDING, minutes=5)

    view = await order.view()
    assert OrderStage.HANDED_OVER is view.stage
    assert () == view.notes


async def test_another_receiver_sends_what_has_not_left_to_the_new_one(hub: Hub) -> None:
    order = await handed_over(hub)

    await hears(order, Standing.DUE, receiver=GONGSHU)
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    assert [ParcelStage.CANCELLED, ParcelStage.HANDED_OVER] == [p.stage for p in view.parcels]
    assert GONGSHU == hub.warehouses.handed_over[-1].receiver


async def test_the_same_receiver_again_changes_nothing(hub: Hub) -> None:
    order = await handed_over(hub)

    await hears(order, Standing.DUE, receiver=replace(XIHU))

    view = await order.view()
    assert 1 == len(view.parcels)
    assert () == view.notes


async def test_a_person_s_address_outranks_the_channel_s(hub: Hub) -> None:
    order = await handed_over(hub)
    await order.edit_address(GONGSHU)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    await hears(order, Standing.DUE, receiver=replace(XIHU, address="文三路 9 号"))

    view = await order.view()
    assert 2 == len(view.parcels)
    assert "未采用渠道的" in view.notes[-1]


async def test_an_address_that_comes_after_the_parcel_left_is_a_note(hub: Hub) -> None:
    order = await handed_over(hub)
    await order.leaves()

    await hears(order, Standing.DUE, receiver=GONGSHU)

    view = await order.view()
    assert 1 == len(view.parcels)
    assert "未能采用" in view.notes[-1]


async def test_a_shipment_that_is_not_ours_is_noted(hub: Hub) -> None:
    order = await handed_over(hub)

    await hears(order, Standing.SHIPPED)

    assert ("渠道显示已发货,但不是本系统发的货,请人工核对",) == (await order.view()).notes


@pytest.mark.parametrize("standing", [Standing.SHIPPED, Standing.DELIVERED])
async def test_our_own_shipment_is_no_news(hub: Hub, standing: Standing) -> None:
    order = await handed_over(hub)
    await order.leaves()

    await hears(order, standing)

    assert () == (await order.view()).notes
