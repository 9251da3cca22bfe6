"""Orders that stand still until their cause goes away."""

from datetime import timedelta

from domain.errors import GatewayBusy
from domain.lifecycle import OrderStage, ParcelStage
from domain.opening import RestockNews
from domain.trouble import HoldReason, Remedy
from tests.fakes.hub import PACE, Hub, eventually
from tests.fakes.orders import GONGSHU, NOWHERE, SKUS, an_order
from workflows.order import OrderWorkflow

RESTOCK = RestockNews(warehouse="HZ-GS", skus=SKUS)


async def test_a_restock_wakes_an_order_that_is_short_of_stock(hub: Hub) -> None:
    hub.router.short = {1}
    order = await hub.accept(an_order())
    view = await order.reaches(OrderStage.WAITING)

    hub.router.short = set()
    await order.handle.signal(OrderWorkflow.restocked, RESTOCK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert view.hold is not None
    assert HoldReason.SHORT_OF_STOCK is view.hold.reason
    assert (await order.view()).hold is None


async def test_an_order_short_of_stock_tries_again_by_itself(hub: Hub) -> None:
    hub.router.short = {1}
    order = await hub.accept(an_order())
    await order.reaches(OrderStage.WAITING)

    hub.router.short = set()
    await hub.env.sleep(PACE.hold_retry + timedelta(minutes=1))

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)
    assert view.hold is None


async def test_what_is_in_stock_leaves_while_the_rest_waits(hub: Hub) -> None:
    hub.router.short = {2}
    order = await hub.accept(an_order(lines=2))

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert OrderStage.WAITING is view.stage
    assert [1] == [item.line_no for item in view.parcels[0].items]


async def test_a_hold_that_lasts_too_long_becomes_an_exception(hub: Hub) -> None:
    hub.router.short = {1}
    order = await hub.accept(an_order())
    await order.reaches(OrderStage.WAITING)
    assert () == (await order.view()).troubles

    await hub.env.sleep(PACE.hold_limit * 2)
    await order.troubled_by("routing.plan")
    await hub.env.sleep(PACE.hold_retry * 3)

    assert 1 == len(hub.alarm.rung)


async def test_a_lost_race_for_the_stock_sends_the_order_elsewhere(hub: Hub) -> None:
    hub.stock.set_on_hand("HZ-GS", {SKUS[0]: 0})
    order = await hub.accept(an_order())

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    assert ["HZ-GS", "HZ-XH"] == [parcel.warehouse for parcel in view.parcels]
    assert ("HZ-GS",) == hub.router.asked[-1].without


async def test_a_wms_that_refuses_has_the_parcel_undone_and_sent_from_elsewhere(hub: Hub) -> None:
    hub.warehouses.close("HZ-GS", "盘点中,停止收单")
    order = await hub.accept(an_order())

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    assert ParcelStage.CANCELLED is view.parcels[0].stage
    assert {order.key(1)} == hub.carriers.cancelled
    assert {order.key(1): "released", order.key(2): "locked"} == hub.stock.states
    assert "HZ-XH" == view.parcels[1].warehouse


async def test_an_order_between_two_parcels_is_not_shown_as_cancelled(hub: Hub) -> None:
    hub.warehouses.close("HZ-GS", "盘点中,停止收单")
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    seen = [stage async for stage in order.stages_shown()]

    assert OrderStage.CANCELLED not in seen


async def test_when_every_warehouse_refused_all_are_asked_again_later(hub: Hub) -> None:
    for warehouse in hub.router.warehouses:
        hub.warehouses.close(warehouse, "盘点中,停止收单")
    order = await hub.accept(an_order())
    await order.reaches(OrderStage.WAITING)

    hub.warehouses.closed.clear()
    await hub.env.sleep(PACE.hold_retry + timedelta(minutes=1))
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 4)

    assert "HZ-GS" == view.parcels[3].warehouse


async def test_an_order_that_no_warehouse_serves_calls_a_person_once(hub: Hub) -> None:
    hub.router.unserved = {1}
    order = await hub.accept(an_order())
    view = await order.troubled_by("routing.plan")
    await hub.env.sleep(PACE.hold_retry * 3)

    assert view.hold is not None
    assert HoldReason.NO_WAREHOUSE is view.hold.reason
    (alert,) = hub.alarm.rung
    assert "第 1 行按剧本发不了" == alert.reason
    assert Remedy.EDIT_ADDRESS in alert.remedies


async def test_a_new_address_mends_an_order_that_no_warehouse_serves(hub: Hub) -> None:
    hub.router.unserved = {1}
    order = await hub.accept(an_order())
    await order.troubled_by("routing.plan")

    hub.router.unserved = set()
    await order.edit_address(GONGSHU)
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert () == view.troubles
    assert GONGSHU == hub.warehouses.handed_over[0].receiver


async def test_an_address_without_a_place_is_the_address_s_fault(hub: Hub) -> None:
    hub.router.unserved = {1}
    order = await hub.accept(an_order(receiver=NOWHERE))

    view = await order.troubled_by("routing.plan")

    assert view.hold is not None
    assert HoldReason.BAD_ADDRESS is view.hold.reason


async def test_an_exception_about_the_address_ends_when_only_stock_is_missing(hub: Hub) -> None:
    hub.router.unserved = {1}
    order = await hub.accept(an_order(receiver=NOWHERE))
    await order.troubled_by("routing.plan")

    hub.router.unserved, hub.router.short = set(), {1}
    await order.edit_address(GONGSHU)
    view = await order.until(
        lambda seen: seen.hold is not None and seen.hold.reason is HoldReason.SHORT_OF_STOCK
    )

    assert () == view.troubles


async def test_the_order_of_a_frozen_buyer_waits_until_the_freeze_ends(hub: Hub) -> None:
    order = an_order()
    until = await hub.env.get_current_time() + timedelta(days=3)
    hub.buyers.freeze(order.buyer_key, until, "拒收三次")
    live = await hub.accept(order)
    view = await live.reaches(OrderStage.WAITING)

    await hub.env.sleep(timedelta(days=2))
    assert OrderStage.WAITING is (await live.view()).stage
    await hub.env.sleep(timedelta(days=1, minutes=1))
    await live.parcel_reaches(ParcelStage.HANDED_OVER)

    assert view.hold is not None
    assert (HoldReason.FROZEN_BUYER, ("拒收三次",)) == (view.hold.reason, view.hold.details)


async def test_a_buyer_who_is_unfrozen_goes_on_when_a_person_says_so(hub: Hub) -> None:
    order = an_order()
    until = await hub.env.get_current_time() + timedelta(days=3)
    hub.buyers.freeze(order.buyer_key, until, "拒收三次")
    live = await hub.accept(order)
    await live.reaches(OrderStage.WAITING)

    hub.buyers.unfreeze(order.buyer_key)
    await live.retry_now()

    view = await live.parcel_reaches(ParcelStage.HANDED_OVER)
    assert view.hold is None


async def test_a_person_holds_an_order_and_no_new_step_is_begun(hub: Hub) -> None:
    booking = hub.turnstile.gate("label.create")
    order = await hub.accept(an_order())
    await booking.reached.wait()

    await order.hold()
    booking.opened.set()
    await order.until(lambda view: view.parcels[0].waybill is not None)

    view = await order.view()
    assert OrderStage.WAITING is view.stage
    assert HoldReason.BY_HAND is view.hold.reason if view.hold else False
    assert 0 == hub.turnstile.times("printer.print")

    await order.release()
    await order.parcel_reaches(ParcelStage.HANDED_OVER)


async def test_a_hold_ends_with_the_last_thing_it_could_stop(hub: Hub) -> None:
    """The warehouse packed the parcel all the same; nothing is left to hold."""
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.hold()

    await order.travels()
    await order.parcel_reaches(ParcelStage.DELIVERED)

    view = await order.reaches(OrderStage.DELIVERED)
    assert view.hold is None


async def test_a_router_without_an_answer_does_not_keep_a_cancel_waiting(hub: Hub) -> None:
    hub.turnstile.fail("routing.plan", GatewayBusy("wms", "库存查询超时"))
    order = await hub.accept(an_order())
    await eventually(lambda: hub.turnstile.times("routing.plan") > 3)

    await order.cancel()

    assert OrderStage.CANCELLED is await order.ends()
