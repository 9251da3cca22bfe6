"""The history, read back as moments: what was asked, what was answered, how often, and by whom."""

from domain.errors import GatewayBusy, GatewayRefused
from domain.lifecycle import ParcelStage
from domain.parcel import Milestone
from domain.trouble import Remedy
from infra.histories import fetch
from tests.fakes.hub import BRISK, Hub, LiveOrder, eventually
from tests.fakes.orders import an_order
from workflows.chronicle import Kind, Moment, read

PLAIN = [
    "opened",
    "risk.check",
    "routing.plan",
    "stock.lock",
    "label.create",
    "printer.print",
    "handover.create",
    "packed",
    "channel.tell_shipped",
    "scanned",
    "stock.ship",
    "scanned",
    "invoice.issue",
    "voucher.book",
    "closed",
]


async def moments(order: LiveOrder) -> tuple[Moment, ...]:
    """Read an order's life so far."""
    return read(await fetch(order.hub.client, order.handle.id))


async def step(order: LiveOrder, name: str) -> Moment:
    """Tell the only moment of that name."""
    (moment,) = [moment for moment in await moments(order) if moment.name == name]
    return moment


async def is_done(order: LiveOrder, name: str) -> bool:
    """Tell whether the engine knows that a step is over; its gateway has known a little earlier."""
    return any(moment.name == name and moment.done for moment in await moments(order))


async def a_plain_life(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.leaves()
    await eventually(lambda: is_done(order, "channel.tell_shipped"))
    await order.scanned(Milestone.COLLECTED)
    await order.parcel_reaches(ParcelStage.SHIPPED)
    await order.scanned(Milestone.DELIVERED)
    await order.ends()
    return order


async def test_a_plain_life_is_told_from_its_opening_to_its_close(live_hub: Hub) -> None:
    order = await a_plain_life(live_hub)

    told = [moment.name for moment in await moments(order)]
    told.remove("erp.relay")  # beside the order's way: it is over whenever the ERP has audited

    assert PLAIN == told


async def test_near_and_far_steps_tell_what_they_answered(live_hub: Hub) -> None:
    order = await a_plain_life(live_hub)

    lock, label = await step(order, "stock.lock"), await step(order, "label.create")

    assert [] == lock.answer["short"]
    assert live_hub.carriers.booked[order.key()].number == label.answer["number"]
    assert order.order.id == label.asked["parcel"]["order_id"]
    assert Kind.STEP is lock.kind is label.kind
    assert label.began <= label.at


async def test_facts_and_hands_are_told_with_what_was_said(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.cancel()
    await order.ends()

    hand = await step(order, "cancel")

    assert Kind.HAND is hand.kind
    assert {"by": "李四", "reason": "买家来电"} == hand.asked
    assert hand.began == hand.at


async def test_a_step_tells_how_often_it_was_tried_and_what_went_wrong(live_hub: Hub) -> None:
    live_hub.turnstile.fail("label.create", GatewayBusy("sf", "超时"))
    order = await live_hub.accept(an_order(), BRISK)
    await eventually(lambda: live_hub.turnstile.times("label.create") == 2)
    live_hub.turnstile.mend("label.create")
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    label = await step(order, "label.create")

    assert label.attempts >= 3
    assert "超时" in label.fault
    assert label.done
    assert label.answer is not None


async def test_a_near_step_tells_its_tries_too(live_hub: Hub) -> None:
    live_hub.turnstile.fail("stock.lock", GatewayBusy("stock", "数据库无响应"))
    order = await live_hub.accept(an_order(), BRISK)
    await eventually(lambda: live_hub.turnstile.times("stock.lock") == 2)
    live_hub.turnstile.mend("stock.lock")
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert (await step(order, "stock.lock")).attempts >= 3


async def test_a_refused_step_is_told_as_it_was_refused(live_hub: Hub) -> None:
    live_hub.turnstile.fail("printer.print", GatewayRefused("printer", "^FX", "面单模板错误"))
    order = await live_hub.accept(an_order(), BRISK)
    await order.troubled_by("printer.print")
    await order.resolve(order.key(), Remedy.DONE_BY_HAND)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    told = [moment for moment in await moments(order) if moment.name == "printer.print"]

    assert all("面单模板错误" in moment.fault for moment in told)
    assert all(moment.answer is None for moment in told)
    assert "resolve" in [moment.name for moment in await moments(order)]


async def test_a_step_that_is_under_way_is_told_as_not_done(live_hub: Hub) -> None:
    gate = live_hub.turnstile.gate("label.create")
    order = await live_hub.accept(an_order(), BRISK)
    await gate.reached.wait()

    label = await step(order, "label.create")
    gate.opened.set()

    assert not label.done
    assert label.answer is None
    assert label.began == label.at


async def test_the_opener_s_question_is_no_hand(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order(), BRISK)
    await live_hub.lives(BRISK).accept(order.order)

    assert Kind.QUESTION is (await step(order, "accept")).kind
