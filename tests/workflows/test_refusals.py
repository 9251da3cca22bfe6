"""What people may not ask: the answer is a sentence that says why not.

These meet the real engine. In the server that skips time a refused update stops the clock for good.
"""

from domain.errors import GatewayRefused
from domain.hands import Hand
from domain.lifecycle import ParcelStage
from domain.trouble import Remedy
from tests.fakes.hub import Hub, LiveOrder, refusal
from tests.fakes.orders import an_order

REFUSED = GatewayRefused("sf", "8057", "收件地址超出派送范围")


async def in_two_parcels(hub: Hub) -> LiveOrder:
    """Accept an order whose second line leaves from another warehouse."""
    hub.router.apart = {2: "HZ-XH"}
    return await hub.accept(an_order(lines=2))


async def refused_by_the_carrier(hub: Hub) -> LiveOrder:
    hub.turnstile.fail("label.create", REFUSED)
    order = await hub.accept(an_order())
    await order.troubled_by("label.create")
    return order


async def test_a_parcel_that_is_packed_can_not_be_cancelled(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order())
    await order.leaves()

    reason = await refusal(order.cancel())

    assert "已出库" in reason
    assert "拦截" in reason


async def test_what_is_cancelled_can_not_be_cancelled_again(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    calling_back = live_hub.turnstile.gate("handover.cancel")

    await order.cancel()
    await calling_back.reached.wait()
    reason = await refusal(order.cancel())
    calling_back.opened.set()

    assert "无法再更改" in reason


async def test_a_hand_without_a_name_or_a_reason_is_refused(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order())

    assert "操作人" in await refusal(order.cancel(Hand(by=" ", reason="买家来电")))
    assert "原因" in await refusal(order.cancel(Hand(by="李四", reason="")))


async def test_retry_now_is_refused_when_nothing_waits(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert "没有在等待的步骤" in await refusal(order.retry_now())


async def test_a_waybill_can_not_be_done_by_hand(live_hub: Hub) -> None:
    order = await refused_by_the_carrier(live_hub)

    assert "不能「已人工处理」" in await refusal(order.resolve(order.key(), Remedy.DONE_BY_HAND))


async def test_other_remedies_are_hands_of_their_own(live_hub: Hub) -> None:
    order = await refused_by_the_carrier(live_hub)

    assert "请用对应的操作" in await refusal(order.resolve(order.key(), Remedy.CANCEL))


async def test_without_an_exception_there_is_nothing_to_resolve(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert "没有未处理的异常" in await refusal(order.resolve(order.key(), Remedy.RETRY))


async def test_only_an_order_that_a_person_holds_can_be_released(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert "没有被人工挂起" in await refusal(order.release())


async def test_a_parcel_that_has_left_can_not_be_rerouted_though_another_could(
    live_hub: Hub,
) -> None:
    order = await in_two_parcels(live_hub)
    await order.leaves(1)

    reason = await refusal(order.reroute(1))

    assert "包裹 1 已出库或已完结" in reason
