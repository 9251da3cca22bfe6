"""Parcels on their way: told by pushes, asked for when pushes stay away, lost now and then."""

from datetime import timedelta

from domain.errors import GatewayBusy
from domain.lifecycle import OrderStage, ParcelStage
from domain.parcel import Milestone
from domain.trouble import Remedy
from tests.fakes.hub import PACE, Hub
from tests.fakes.orders import an_order


async def test_a_parcel_whose_pushes_are_lost_is_found_by_asking(hub: Hub) -> None:
    order = await hub.accept(an_order())
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)
    waybill = view.parcels[0].waybill
    assert waybill is not None
    hub.warehouses.let_leave(order.key())
    hub.carriers.deliver(waybill)

    assert OrderStage.CLOSED is await order.ends()
    assert {order.key(): "shipped"} == hub.stock.states
    assert [order.key()] == list(hub.shop.shipments)


async def test_a_silent_carrier_is_asked_again_until_there_is_news(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.leaves()
    await hub.env.sleep(PACE.scan_silence + PACE.poll_interval * 2 + timedelta(minutes=5))
    waybill = hub.carriers.booked[order.key()]
    assert hub.turnstile.times("logistics.follow") >= 2

    hub.carriers.deliver(waybill)

    assert OrderStage.CLOSED is await order.ends()


async def test_a_push_is_heard_while_the_carrier_is_being_asked(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.leaves()
    await hub.env.sleep(PACE.scan_silence + timedelta(minutes=5))
    assert hub.turnstile.times("logistics.follow") >= 1

    await order.scanned(Milestone.COLLECTED)
    await order.parcel_reaches(ParcelStage.SHIPPED)
    await order.scanned(Milestone.DELIVERED)

    assert OrderStage.CLOSED is await order.ends()


async def test_a_scan_that_comes_twice_is_the_same_news(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.leaves()
    for milestone in (Milestone.COLLECTED, Milestone.DELIVERED):
        await order.scanned(milestone)
        await order.scanned(milestone)

    assert OrderStage.CLOSED is await order.ends()
    assert 1 == hub.turnstile.times("stock.ship")
    assert 1 == len(hub.invoices.issued)


async def test_a_delivery_that_is_told_before_the_collection_counts(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.leaves()
    await order.scanned(Milestone.DELIVERED)
    await order.scanned(Milestone.COLLECTED)

    assert OrderStage.CLOSED is await order.ends()
    assert {order.key(): "shipped"} == hub.stock.states
    assert [order.key()] == list(hub.shop.shipments)


async def test_scans_that_outrun_the_warehouse_s_own_news_count(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    hub.warehouses.let_leave(order.key())
    await order.scanned(Milestone.COLLECTED)
    await order.parcel_reaches(ParcelStage.SHIPPED)
    await order.scanned(Milestone.DELIVERED)
    await order.packed()

    assert OrderStage.CLOSED is await order.ends()


async def test_news_of_a_parcel_that_nobody_knows_changes_nothing(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    before = await order.view()

    for no in (0, 7):
        await order.scanned(Milestone.DELIVERED, no)
        await order.packed(no)

    assert before == await order.view()


async def test_a_lost_parcel_waits_for_a_person_and_is_not_invoiced(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.leaves()
    await order.scanned(Milestone.COLLECTED)
    await order.scanned(Milestone.LOST)
    view = await order.troubled_by("logistics.follow")
    await hub.env.sleep(timedelta(days=30))
    assert ParcelStage.LOST is (await order.view()).parcels[0].stage

    await order.resolve(order.key(), Remedy.RETRY)

    assert OrderStage.CANCELLED is await order.ends()
    assert "承运商报告包裹已丢失" == view.troubles[0].reason
    assert {} == hub.invoices.issued
    assert 1 == len(hub.alarm.rung)


async def test_a_channel_that_is_down_does_not_keep_the_parcel_from_its_way(hub: Hub) -> None:
    hub.turnstile.fail("channel.tell_shipped", GatewayBusy("shop", "超时"))
    order = await hub.accept(an_order())
    await order.travels()
    await order.parcel_reaches(ParcelStage.DELIVERED)
    await hub.env.sleep(PACE.patience * 2)
    await order.troubled_by("channel.tell_shipped")

    hub.turnstile.mend("channel.tell_shipped")

    assert OrderStage.CLOSED is await order.ends()
    assert 1 == hub.shop.tellings
    assert {order.key(): "shipped"} == hub.stock.states


async def test_the_channel_is_not_told_before_the_parcel_has_left(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await hub.env.sleep(timedelta(hours=1))
    assert {} == hub.shop.shipments

    await order.leaves()
    await order.scanned(Milestone.COLLECTED)
    await order.parcel_reaches(ParcelStage.SHIPPED)

    assert [order.key()] == list(hub.shop.shipments)
