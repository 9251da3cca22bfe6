"""Orders that are called off, at every moment at which somebody may."""

from domain.errors import GatewayBusy
from domain.lifecycle import OrderStage, ParcelStage
from domain.parcel import Milestone
from tests.fakes.hub import Hub, LiveOrder, eventually
from tests.fakes.orders import GONGSHU, an_order
from tests.fakes.warehouses import Status


async def test_a_cancel_before_packing_undoes_everything(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    await order.cancel()

    assert OrderStage.CANCELLED is await order.ends()
    assert {order.key(): "released"} == hub.stock.states
    assert {order.key()} == hub.carriers.cancelled
    assert {order.key(): Status.CANCELLED} == hub.warehouses.orders


async def test_a_cancelled_order_is_neither_invoiced_nor_told_to_the_channel(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    await order.cancel()
    await order.ends()

    assert {} == hub.invoices.issued
    assert {} == hub.books.booked
    assert {} == hub.shop.shipments


async def test_a_cancel_does_not_wait_behind_a_far_step_that_is_retried(hub: Hub) -> None:
    hub.turnstile.fail("label.create", GatewayBusy("sf", "超时"))
    order = await hub.accept(an_order())
    await eventually(lambda: hub.turnstile.times("label.create") >= 2)

    await order.cancel()
    await order.parcel_reaches(ParcelStage.CANCELLED)

    assert OrderStage.CANCELLED is await order.ends()
    assert {order.key(): "released"} == hub.stock.states


async def test_a_cancel_does_not_wait_behind_a_near_step_that_is_retried(hub: Hub) -> None:
    hub.turnstile.fail("stock.lock", GatewayBusy("stock", "数据库无响应"))
    order = await hub.accept(an_order())
    await eventually(lambda: hub.turnstile.times("stock.lock") >= 5)

    await order.cancel()
    await order.parcel_reaches(ParcelStage.CANCELLED)

    assert OrderStage.CANCELLED is await order.ends()


async def test_an_order_that_waits_can_be_cancelled_and_nothing_stays_open(hub: Hub) -> None:
    hub.router.unserved = {1}
    order = await hub.accept(an_order())
    await order.troubled_by("routing.plan")

    await order.cancel()

    assert OrderStage.CANCELLED is await order.ends()
    view = await order.view()
    assert view.hold is None
    assert () == view.troubles


async def test_a_cancel_is_welcome_while_the_warehouse_s_refusal_is_undone(hub: Hub) -> None:
    """The carrier's cancellation may take hours; nothing has left, so a person may still stop."""
    hub.warehouses.close("HZ-GS", "盘点中,停止收单")
    voiding = hub.turnstile.gate("label.void")
    order = await hub.accept(an_order())
    await voiding.reached.wait()

    await order.cancel()
    voiding.opened.set()

    assert OrderStage.CANCELLED is await order.ends()
    assert 1 == len((await order.view()).parcels)


async def called_back_too_late(hub: Hub) -> LiveOrder:
    """Cancel an order whose parcel goes through the gate at the same moment."""
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    hub.warehouses.let_leave(order.key())
    await order.cancel()
    await order.until(lambda view: any("已出库" in note for note in view.notes))
    return order


async def test_a_cancel_that_comes_too_late_is_noted_and_the_parcel_travels_on(hub: Hub) -> None:
    order = await called_back_too_late(hub)

    await order.packed()
    await order.scanned(Milestone.COLLECTED)
    await order.scanned(Milestone.DELIVERED)

    assert OrderStage.CLOSED is await order.ends()
    assert {order.key(): "shipped"} == hub.stock.states
    assert set() == hub.carriers.cancelled
    assert [order.key()] == list(hub.shop.shipments)
    assert 1 == len(hub.invoices.issued)


async def test_a_new_address_sends_a_new_parcel_and_takes_the_old_one_back(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    await order.edit_address(GONGSHU)
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    assert [ParcelStage.CANCELLED, ParcelStage.HANDED_OVER] == [p.stage for p in view.parcels]
    assert {order.key(1)} == hub.carriers.cancelled
    assert GONGSHU == hub.warehouses.handed_over[-1].receiver


async def test_a_reroute_leaves_the_warehouse_of_now_out(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    await order.reroute()
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    assert ["HZ-GS", "HZ-XH"] == [parcel.warehouse for parcel in view.parcels]


async def test_a_reroute_goes_to_the_warehouse_that_a_person_chose(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    await order.reroute(warehouse="HZ-LA")
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    assert "HZ-LA" == view.parcels[1].warehouse
    assert any(note == "李四 改派仓库:买家来电" for note in view.notes)
