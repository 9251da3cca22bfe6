"""Each kind of life that an order can have, played on the real engine so that it can be kept.

A kind is a function that takes a fresh hub and brings one order to the end of its life, or to where
it would wait for a person for ever.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from temporalio.client import WorkflowExecutionStatus

from domain.claim import RefundKind, RefundStage
from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused
from domain.hands import ClaimDecision, Reroute
from domain.lifecycle import OrderStage, ParcelStage
from domain.opening import ChannelNews, MadeNews
from domain.order import Receiver
from domain.parcel import Milestone
from domain.standing import Standing
from domain.trouble import Remedy
from tests.fakes.hub import A_HAND, BRISK, Hub, LiveOrder, eventually
from tests.fakes.orders import GONGSHU, PAID_AT, SKUS, an_order
from tests.proof.outside import Outside
from tests.proof.scripts import Move, ask, turn
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


async def taken_out_of_the_queue(hub: Hub) -> LiveOrder:
    """An exception of the parcel and one of the order, from before and after it is delivered."""
    hub.turnstile.fail("label.create", REFUSED)
    order = await hub.accept(an_order(), replace(BRISK, hold_retry=timedelta(minutes=1)))
    await hub.turnstile.passed("alert.ring", 1)
    hub.turnstile.mend("label.create")
    await order.retry_now()
    await hub.turnstile.passed("alert.clear", 1)
    hub.books.refuse = "会计期间已结账"
    await order.travels()
    await hub.turnstile.passed("alert.ring", 2)
    await order.resolve(order.order.id, Remedy.DONE_BY_HAND)
    await order.ends()
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


async def accepted_at_once(hub: Hub) -> LiveOrder:
    order = await _asks(hub)
    await _goes_home(order)
    return order


async def out_of_range(hub: Hub) -> LiveOrder:
    hub.router.unserved = {1}
    order = await _asks(hub)
    await order.ends()
    return order


async def frozen_and_refused(hub: Hub) -> LiveOrder:
    placed = an_order()
    hub.buyers.freeze(placed.buyer_key, utc_now() + timedelta(days=1), "拒收三次")
    order = await hub.accept(placed, BRISK)
    await order.reaches(OrderStage.WAITING)
    await order.handle.execute_update(OrderWorkflow.accept)
    await order.ends()
    return order


async def closed_by_the_channel(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await _hears(order, Standing.CANCELLED)
    await order.ends()
    return order


async def closed_by_the_channel_too_late(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.leaves()
    await _hears(order, Standing.CANCELLED)
    await order.troubled_by("logistics.follow")
    await order.resolve(order.order.id, Remedy.RETRY)
    await order.scanned(Milestone.COLLECTED)
    await order.scanned(Milestone.DELIVERED)
    await order.ends()
    return order


async def paused_by_the_channel(hub: Hub) -> LiveOrder:
    gate = hub.turnstile.gate("label.create")
    order = await hub.accept(an_order(), BRISK)
    await gate.reached.wait()
    await _hears(order, Standing.PENDING)
    gate.opened.set()
    await order.until(lambda view: view.parcels[0].waybill is not None)
    await _hears(order, Standing.DUE)
    await _goes_home(order)
    return order


async def moved_by_the_channel(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await _hears(order, Standing.DUE, GONGSHU)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)
    await _goes_home(order)
    return order


async def made_to_order(hub: Hub) -> LiveOrder:
    hub.router.to_order = {1}
    order = await hub.accept(an_order(), replace(BRISK, hold_retry=timedelta(minutes=1)))
    await order.reaches(OrderStage.WAITING)
    news = MadeNews(completion_id="WO-1", sku=SKUS[0], quantity=2, at=PAID_AT)
    await order.handle.signal(OrderWorkflow.made, news)
    await _goes_home(order)
    return order


async def told_another_number(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.leaves()
    await hub.turnstile.passed("channel.tell_shipped", 1)
    await order.correct("78900000001")
    await hub.turnstile.passed("channel.tell_shipped", 2)
    await order.scanned(Milestone.COLLECTED)
    await order.scanned(Milestone.DELIVERED)
    await order.ends()
    return order


async def claimed_back(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.handle.signal(OrderWorkflow.refunded, order.claim())
    await _goes_home(order)
    return order


async def audited_late(hub: Hub) -> LiveOrder:
    hub.erp.asks = 1_000_000
    order = await hub.accept(an_order(), BRISK)
    await order.travels()
    await hub.turnstile.passed("voucher.book", 1)
    hub.erp.asks = 0
    await order.ends()
    return order


async def taken_back_from_the_erp(hub: Hub) -> LiveOrder:
    hub.erp.asks = 1_000_000
    order = await hub.accept(an_order(), BRISK)
    await eventually(lambda: bool(hub.erp.posted))
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.cancel()
    await order.ends()
    return order


async def asked_by_signals(hub: Hub) -> LiveOrder:
    gate = hub.turnstile.gate("label.create")
    order = await hub.accept(an_order(), BRISK)
    await gate.reached.wait()
    await order.handle.signal("please_hold", A_HAND)
    await order.handle.signal("please_hold", {"by": "李四"})  # refused: it gives no reason
    await order.handle.signal("please_release", A_HAND)
    await order.handle.signal("please_reroute", Reroute(hand=A_HAND, warehouse="HZ-XH"))
    gate.opened.set()
    await order.until(lambda view: len(view.parcels) == 2)
    await order.travels(2)
    await order.ends()
    return order


async def _asks(hub: Hub) -> LiveOrder:
    """Open an order and wait for the decision, in one call."""
    order = LiveOrder(hub, an_order())
    hub.shop.orders.add(order.order.number)
    hub.fill_shelves(order.order)
    await hub.lives(BRISK).accept(order.order)
    return order


async def _hears(order: LiveOrder, standing: Standing, receiver: Receiver | None = None) -> None:
    news = ChannelNews(standing=standing, changed_at=utc_now(), receiver=receiver)
    await order.handle.signal(OrderWorkflow.channel_changed, news)


async def _goes_home(order: LiveOrder) -> None:
    async with order.on_the_road():
        await order.ends()


async def refunded_in_the_house(hub: Hub) -> LiveOrder:
    """A claim for all of an order that no warehouse has let go."""
    order = await hub.accept(an_order(lines=2), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await _is_told(hub, order, ask())
    await _ends_beside_the_world(hub, order)
    return order


async def refunded_in_part(hub: Hub) -> LiveOrder:
    """Of two parcels only one is claimed back, before it leaves."""
    hub.router.apart = {2: "HZ-XH"}
    order = await hub.accept(an_order(lines=2), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)
    await _is_told(hub, order, ask(lines=(2,)))
    await _ends_beside_the_world(hub, order)
    return order


async def turned_around_on_the_road(hub: Hub) -> LiveOrder:
    """A claim for a parcel that its carrier brings back, and that its warehouse receives."""
    order = await hub.accept(an_order(), BRISK)
    await order.leaves()
    await order.scanned(Milestone.COLLECTED)
    await order.parcel_reaches(ParcelStage.SHIPPED)
    await _is_told(hub, order, ask())
    await _ends_beside_the_world(hub, order)
    return order


async def sent_again_for_a_claim_withdrawn(hub: Hub) -> LiveOrder:
    """The buyer thinks again while the parcel is coming back: its goods go out once more."""
    order = await hub.accept(an_order(), BRISK)
    await order.leaves()
    await order.scanned(Milestone.COLLECTED)
    await hub.turnstile.passed("channel.tell_shipped", 1)
    await _is_told(hub, order, ask())
    await hub.turnstile.passed("logistics.intercept", 1)
    await _is_told(hub, order, turn(RefundStage.WITHDRAWN))
    await _ends_beside_the_world(hub, order)
    return order


async def sent_back_by_its_buyer(hub: Hub) -> LiveOrder:
    """A return after delivery: agreed on, announced, received, put back, its invoice reddened."""
    order = await hub.accept(an_order(), replace(BRISK, after_sale=timedelta(seconds=30)))
    await order.travels()
    await eventually(lambda: bool(hub.books.booked))
    await _is_told(hub, order, ask(kind=RefundKind.RETURN))
    await _ends_beside_the_world(hub, order)
    return order


async def allowed_by_a_person(hub: Hub) -> LiveOrder:
    """Half the money after delivery, which no rule decides: a person agrees to it."""
    order = await hub.accept(an_order(), replace(BRISK, after_sale=timedelta(seconds=5)))
    await order.travels()
    await eventually(lambda: bool(hub.books.booked))
    await _is_told(hub, order, ask(percent=50))
    await _ends_beside_the_world(hub, order)
    return order


async def _is_told(hub: Hub, order: LiveOrder, move: Move) -> None:
    await hub.lives().refunded(order.order.id, move(hub.shop, order.order))


async def _ends_beside_the_world(hub: Hub, order: LiveOrder) -> None:
    """Let warehouse, carrier, buyer and a clerk go on with an order until it ends."""
    outside = Outside(hub, order.order, nobody_says_anything)
    async with asyncio.timeout(60):
        while (await order.handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            view = await order.view()
            if not await outside.move() and isinstance(
                decision := await outside.decide(view), ClaimDecision
            ):
                await order.handle.execute_update(OrderWorkflow.decide_claim, decision)
            await asyncio.sleep(0.05)  # the order's own waits are as long


async def nobody_says_anything(_: str) -> bool:
    """No event of the outside world is anybody's cue."""
    return False


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
        taken_out_of_the_queue,
        held_and_released,
        frozen,
        polled,
        lost_on_the_way,
        told_to_the_channel_late,
        accepted_at_once,
        out_of_range,
        frozen_and_refused,
        closed_by_the_channel,
        closed_by_the_channel_too_late,
        paused_by_the_channel,
        moved_by_the_channel,
        made_to_order,
        told_another_number,
        claimed_back,
        audited_late,
        taken_back_from_the_erp,
        asked_by_signals,
        refunded_in_the_house,
        refunded_in_part,
        turned_around_on_the_road,
        sent_again_for_a_claim_withdrawn,
        sent_back_by_its_buyer,
        allowed_by_a_person,
    )
}
