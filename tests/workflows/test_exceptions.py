"""Steps that are refused: the order stands still, a person is called, nothing is lost."""

from dataclasses import replace
from datetime import timedelta

from domain.errors import GatewayBusy, GatewayRefused
from domain.lifecycle import OrderStage, ParcelStage
from domain.trouble import Remedy
from tests.fakes.hub import PACE, Hub, LiveOrder, eventually
from tests.fakes.orders import GONGSHU, an_order

REFUSED = GatewayRefused("sf", "8057", "收件地址超出派送范围")
OUT_OF_PAPER = GatewayBusy("printer", "HZ-GS 仓面单打印机缺纸")


async def refused_by_the_carrier(hub: Hub) -> LiveOrder:
    hub.turnstile.fail("label.create", REFUSED)
    order = await hub.accept(an_order())
    await order.troubled_by("label.create")
    return order


async def test_a_refused_step_is_parked_with_its_reason_and_what_can_be_done(hub: Hub) -> None:
    order = await refused_by_the_carrier(hub)

    (trouble,) = (await order.view()).troubles

    assert str(REFUSED) == trouble.reason
    assert order.key() == trouble.subject
    assert Remedy.EDIT_ADDRESS in trouble.remedies
    assert Remedy.DONE_BY_HAND not in trouble.remedies


async def test_people_are_called_once_about_a_refused_step(hub: Hub) -> None:
    order = await refused_by_the_carrier(hub)
    await hub.env.sleep(PACE.hold_retry * 4)

    (alert,) = hub.alarm.rung

    assert (order.order.id, str(REFUSED)) == (alert.order_id, alert.reason)
    assert hub.turnstile.times("label.create") >= 2


async def test_people_are_told_what_was_refused_in_our_own_words(hub: Hub) -> None:
    order = await refused_by_the_carrier(hub)
    await hub.turnstile.passed("alert.ring", 1)

    (alert,) = hub.alarm.rung

    assert ("label.create", order.key()) == (alert.step, alert.subject)
    assert Remedy.EDIT_ADDRESS in alert.remedies


async def test_an_exception_that_ends_leaves_the_queue(hub: Hub) -> None:
    order = await refused_by_the_carrier(hub)
    hub.turnstile.mend("label.create")
    await order.resolve(order.key(), Remedy.RETRY)
    await hub.turnstile.passed("alert.clear", 1)

    (alert,), (clearing,) = hub.alarm.rung, hub.alarm.cleared

    assert ("label.create", order.key()) == (clearing.step, clearing.subject)
    assert (alert.order_id, alert.since) == (clearing.order_id, clearing.since)


async def test_an_exception_that_ends_while_it_is_rung_leaves_the_queue_afterwards(
    hub: Hub,
) -> None:
    gate = hub.turnstile.gate("alert.ring")
    order = await refused_by_the_carrier(hub)
    await gate.reached.wait()
    hub.turnstile.mend("label.create")
    await order.retry_now()
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    assert 0 == hub.turnstile.times("alert.clear")

    gate.opened.set()
    await order.travels()

    assert OrderStage.CLOSED is await order.ends()
    assert 1 == len(hub.alarm.cleared)


async def test_a_second_exception_of_a_step_is_one_of_its_own(hub: Hub) -> None:
    order = await refused_by_the_carrier(hub)
    hub.turnstile.mend("label.create")
    await order.edit_address(GONGSHU)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)
    hub.turnstile.fail("channel.tell_shipped", REFUSED)
    await order.travels(2)
    await order.troubled_by("channel.tell_shipped")
    hub.turnstile.mend("channel.tell_shipped")

    assert OrderStage.CLOSED is await order.ends()
    assert 2 == len({alert.since for alert in hub.alarm.rung})
    rung = [(alert.step, alert.subject, alert.since) for alert in hub.alarm.rung]
    assert rung == [(end.step, end.subject, end.since) for end in hub.alarm.cleared]


async def test_an_order_without_trouble_opens_and_closes_nothing(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.travels()
    await order.ends()

    assert [0, 0] == [hub.turnstile.times(step) for step in ("alert.ring", "alert.clear")]


async def test_a_parked_step_is_tried_again_when_a_person_mended_the_cause(hub: Hub) -> None:
    order = await refused_by_the_carrier(hub)

    hub.turnstile.mend("label.create")
    await order.resolve(order.key(), Remedy.RETRY)
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert () == view.troubles


async def test_retry_now_is_for_every_parked_step(hub: Hub) -> None:
    order = await refused_by_the_carrier(hub)

    hub.turnstile.mend("label.create")
    await order.retry_now()

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)
    assert () == view.troubles


async def test_a_label_printed_by_hand_lets_the_parcel_go_on(hub: Hub) -> None:
    hub.turnstile.fail("printer.print", GatewayRefused("printer", "^FX", "面单模板错误"))
    order = await hub.accept(an_order())
    await order.troubled_by("printer.print")

    await order.resolve(order.key(), Remedy.DONE_BY_HAND)
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert () == view.troubles
    assert [] == hub.printers.labels


async def test_a_new_address_ends_the_exception_of_the_parcel_it_takes_back(hub: Hub) -> None:
    order = await refused_by_the_carrier(hub)

    hub.turnstile.mend("label.create")
    await order.edit_address(GONGSHU)
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    assert () == view.troubles


async def test_a_printer_without_paper_calls_a_person_only_when_patience_ends(hub: Hub) -> None:
    hub.turnstile.fail("printer.print", OUT_OF_PAPER)
    order = await hub.accept(an_order())
    await eventually(lambda: hub.turnstile.times("printer.print") >= 2)
    assert () == (await order.view()).troubles

    await hub.env.sleep(PACE.patience + timedelta(minutes=1))
    view = await order.troubled_by("printer.print")

    assert str(OUT_OF_PAPER) == view.troubles[0].reason


async def test_a_printer_that_prints_again_clears_its_exception_by_itself(hub: Hub) -> None:
    hub.turnstile.fail("printer.print", OUT_OF_PAPER)
    order = await hub.accept(an_order())
    await hub.env.sleep(PACE.patience * 2)
    await order.troubled_by("printer.print")

    hub.turnstile.mend("printer.print")
    await hub.env.sleep(PACE.hold_retry + timedelta(minutes=1))
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert () == view.troubles
    assert 1 == len(hub.alarm.rung)
    assert [order.key()] == hub.printers.labels


async def test_a_stock_that_does_not_answer_becomes_an_exception_too(live_hub: Hub) -> None:
    live_hub.turnstile.fail("stock.lock", GatewayBusy("stock", "数据库无响应"))
    order = await live_hub.accept(an_order(), replace(PACE, patience=timedelta(seconds=0.1)))

    view = await order.troubled_by("stock.lock")

    assert "stock 暂无答复:数据库无响应" == view.troubles[0].reason


async def test_a_refused_invoice_waits_for_a_person_and_is_issued_once(hub: Hub) -> None:
    hub.invoices.refuse = "购方名称不合规"
    order = await hub.accept(an_order())
    await order.travels()
    await order.troubled_by("invoice.issue")

    hub.invoices.refuse = ""
    await order.resolve(order.order.id, Remedy.RETRY)

    assert OrderStage.CLOSED is await order.ends()
    assert 1 == len(hub.invoices.issued)


async def test_a_voucher_booked_by_hand_lets_the_order_close(hub: Hub) -> None:
    hub.books.refuse = "会计期间已结账"
    order = await hub.accept(an_order())
    await order.travels()
    async with hub.clock_jumping():
        await order.troubled_by("voucher.book")

    await order.resolve(order.order.id, Remedy.DONE_BY_HAND)

    assert OrderStage.CLOSED is await order.ends()
    assert {} == hub.books.booked


async def test_a_decision_reaches_only_the_steps_that_allow_it(hub: Hub) -> None:
    """Telling the channel may be done by hand; taking goods off the books may not."""
    hub.turnstile.fail("channel.tell_shipped", GatewayRefused("shop", "40401", "订单不存在"))
    hub.turnstile.fail("stock.ship", GatewayRefused("stock", "not_locked", "锁定不存在"))
    order = await hub.accept(an_order())
    await order.travels()
    await order.troubled_by("channel.tell_shipped")
    await order.troubled_by("stock.ship")

    await order.resolve(order.key(), Remedy.DONE_BY_HAND)
    view = await order.until(lambda seen: len(seen.troubles) == 1)
    assert "stock.ship" == view.troubles[0].step

    hub.turnstile.mend("stock.ship")
    await order.resolve(order.key(), Remedy.RETRY)
    assert OrderStage.CLOSED is await order.ends()


async def test_an_alarm_that_is_refused_does_not_stop_the_order(hub: Hub) -> None:
    hub.turnstile.fail("alert.ring", GatewayRefused("hub", "1054", "数据库结构不符"))
    order = await refused_by_the_carrier(hub)

    hub.turnstile.mend("label.create")
    await order.retry_now()
    await order.travels()

    assert OrderStage.CLOSED is await order.ends()
    assert 0 == hub.turnstile.times("alert.clear")  # what never came into the queue stays out
