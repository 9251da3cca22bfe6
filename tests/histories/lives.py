"""Each kind of life that an order can have, played on the real engine so that it can be kept.

A kind is a function that takes a fresh hub and brings one order to the end of its life, or to where
it would wait for a person for ever.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused
from domain.lifecycle import OrderStage, ParcelStage
from domain.parcel import Milestone
from domain.trouble import Remedy
from tests.fakes.hub import BRISK, Hub, LiveOrder, eventually
from tests.fakes.orders import GONGSHU, an_order
from workflows.order import OrderWorkflow

Kind = Callable[[Hub], Awaitable[LiveOrder]]

REFUSED = GatewayRefused("sf", "8057", "收件地址超出派送范围")
SOON = timedelta(seconds=2)


async def plain(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await _goes_home(order)
    return order


async def with_an_after_sale_window(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), replace(BRISK, after_sale=SOON))
    await _goes_home(order)
    return order


async def split(hub: Hub) -> LiveOrder:
    hub.router.apart = {2: "HZ-XH"}
    order = await hub.accept(an_order(lines=2), BRISK)
    await order.travels(1)
    await order.travels(2)
    await order.ends()
    return order


async def short_then_restocked(hub: Hub) -> LiveOrder:
    hub.router.short = {1}
    order = await hub.accept(an_order(), replace(BRISK, hold_retry=timedelta(minutes=1)))
    await order.reaches(OrderStage.WAITING)
    hub.router.short = set()
    await order.handle.signal(OrderWorkflow.restocked, hub.restock())
    await _goes_home(order)
    return order


async def short_then_tried_again(hub: Hub) -> LiveOrder:
    hub.router.short = {1}
    order = await hub.accept(an_order(), BRISK)
    await eventually(lambda: len(hub.router.asked) == 2)
    hub.router.short = set()
    await _goes_home(order)
    return order


async def rerouted_by_wms(hub: Hub) -> LiveOrder:
    hub.warehouses.close("HZ-GS", "盘点中,停止收单")
    order = await hub.accept(an_order(), BRISK)
    await _goes_home(order)
    return order


async def rerouted_by_hand(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.reroute(warehouse="HZ-LA")
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)
    await _goes_home(order)
    return order


async def cancelled(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.cancel()
    await order.ends()
    return order


async def cancelled_behind_a_busy_carrier(hub: Hub) -> LiveOrder:
    hub.turnstile.fail("label.create", GatewayBusy("sf", "超时"))
    order = await hub.accept(an_order(), BRISK)
    await eventually(lambda: hub.turnstile.times("label.create") >= 2)
    await order.cancel()
    await order.ends()
    return order


async def cancelled_behind_a_busy_stock(hub: Hub) -> LiveOrder:
    hub.turnstile.fail("stock.lock", GatewayBusy("stock", "数据库无响应"))
    order = await hub.accept(an_order(), BRISK)
    await eventually(lambda: hub.turnstile.times("stock.lock") >= 5)
    await order.cancel()
    await order.ends()
    return order


async def too_late(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    hub.warehouses.let_leave(order.key())
    await order.cancel()
    await order.packed()
    await order.scanned(Milestone.COLLECTED)
    await order.scanned(Milestone.DELIVERED)
    await order.ends()
    return order


async def edited_address(hub: Hub) -> LiveOrder:
    hub.router.unserved = {1}
    order = await hub.accept(an_order(), replace(BRISK, hold_retry=timedelta(minutes=1)))
    await order.troubled_by("routing.plan")
    hub.router.unserved = set()
    await order.edit_address(GONGSHU)
    await _goes_home(order)
    return order


async def parked_and_resolved(hub: Hub) -> LiveOrder:
    hub.turnstile.fail("label.create", REFUSED)
    order = await hub.accept(an_order(), replace(BRISK, hold_retry=timedelta(minutes=1)))
    await order.troubled_by("label.create")
    hub.turnstile.mend("label.create")
    await order.resolve(order.key(), Remedy.RETRY)
    await _goes_home(order)
    return order


async def printed_by_hand(hub: Hub) -> LiveOrder:
    hub.turnstile.fail("printer.print", GatewayRefused("printer", "^FX", "面单模板错误"))
    order = await hub.accept(an_order(), replace(BRISK, hold_retry=timedelta(minutes=1)))
    await order.troubled_by("printer.print")
    await order.resolve(order.key(), Remedy.DONE_BY_HAND)
    await _goes_home(order)
    return order


async def held_and_released(hub: Hub) -> LiveOrder:
    gate = hub.turnstile.gate("label.create")
    order = await hub.accept(an_order(), BRISK)
    await gate.reached.wait()
    await order.hold()
    gate.opened.set()
    await order.until(lambda view: view.parcels[0].waybill is not None)
    await order.release()
    await _goes_home(order)
    return order


async def frozen(hub: Hub) -> LiveOrder:
    order = an_order()
    hub.buyers.freeze(order.buyer_key, utc_now() + SOON, "拒收三次")
    live = await hub.accept(order, BRISK)
    await _goes_home(live)
    return live


async def polled(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), replace(BRISK, scan_silence=timedelta(seconds=0.2)))
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await eventually(lambda: hub.turnstile.times("logistics.follow") >= 2)
    waybill = view.parcels[0].waybill
    assert waybill is not None
    hub.warehouses.let_leave(order.key())
    hub.carriers.deliver(waybill)
    await order.ends()
    return order


async def lost_on_the_way(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.leaves()
    await order.scanned(Milestone.COLLECTED)
    await order.scanned(Milestone.LOST)
    await order.troubled_by("logistics.follow")
    await order.resolve(order.key(), Remedy.RETRY)
    await order.ends()
    return order


async def told_to_the_channel_late(hub: Hub) -> LiveOrder:
    hub.turnstile.fail("channel.tell_shipped", GatewayRefused("shop", "40401", "订单不存在"))
    order = await hub.accept(an_order(), BRISK)
    await order.travels()
    await order.troubled_by("channel.tell_shipped")
    hub.turnstile.mend("channel.tell_shipped")
    await order.retry_now()
    await order.ends()
    return order


async def _goes_home(order: LiveOrder) -> None:
    async with order.on_the_road():
        await order.ends()


KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        plain,
        with_an_after_sale_window,
        split,
        short_then_restocked,
        short_then_tried_again,
        rerouted_by_wms,
        rerouted_by_hand,
        cancelled,
        cancelled_behind_a_busy_carrier,
        cancelled_behind_a_busy_stock,
        too_late,
        edited_address,
        parked_and_resolved,
        printed_by_hand,
        held_and_released,
        frozen,
        polled,
        lost_on_the_way,
        told_to_the_channel_late,
    )
}
