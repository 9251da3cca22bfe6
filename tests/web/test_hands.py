"""Hands on living orders, one by one and many at once, on the engine that they live on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.errors import GatewayBusy
from domain.hands import Deed, Hand, Reroute
from domain.lifecycle import OrderStage, ParcelStage
from domain.order import OrderId
from domain.parcel import Milestone
from infra.histories import fetch
from tests.fakes.hub import A_HAND, BRISK, Hub, LiveOrder, eventually
from tests.fakes.invoices import FakeInvoices
from tests.fakes.orders import PAID_AT, an_order
from web.bulk import Bulk, OrderQuery, TooWide, as_filter, tally
from web.handled import Handled, NoSuchOrder, Outcome
from web.hands import Hands
from workflows.chronicle import Kind, read

NOBODY = OrderId("miniprogram/nobody")


@pytest.fixture
async def hub(dev_env: WorkflowEnvironment) -> AsyncIterator[Hub]:
    hub = Hub(dev_env)
    hub.invoices = FakeInvoices(asks=0)
    async with hub.working():
        yield hub
        await hub.end_all()


@pytest.fixture
def hands(hub: Hub) -> Hands:
    return Hands(hub.client)


async def handed_over(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    return order


async def hands_on_record(order: LiveOrder) -> list[str]:
    past = read(await fetch(order.hub.client, order.handle.id))
    return [moment.name for moment in past if moment.kind is Kind.HAND]


async def test_a_hand_is_done_and_says_so(hub: Hub, hands: Hands) -> None:
    order = await handed_over(hub)

    answer = await hands.hold(order.order.id, A_HAND)

    assert Handled(order_id=order.order.id, outcome=Outcome.DONE, said="挂起") == answer
    assert answer.done


async def test_a_refusal_is_an_answer(hub: Hub, hands: Hands) -> None:
    order = await handed_over(hub)

    answer = await hands.release(order.order.id, A_HAND)

    assert (Outcome.REFUSED, "订单没有被人工挂起") == (answer.outcome, answer.said)
    assert not answer.done
    assert [] == await hands_on_record(order)


async def test_an_order_that_is_over_and_one_that_never_was_say_so(hub: Hub, hands: Hands) -> None:
    order = await handed_over(hub)
    await hands.cancel(order.order.id, A_HAND)
    await order.ends()

    over, unknown = await hands.cancel(order.order.id, A_HAND), await hands.cancel(NOBODY, A_HAND)

    assert (Outcome.OVER, Outcome.UNKNOWN) == (over.outcome, unknown.outcome)
    assert "已完结" in over.said
    assert "没有订单 miniprogram/nobody" in unknown.said


async def test_a_double_click_is_one_hand(hub: Hub, hands: Hands) -> None:
    order = await handed_over(hub)

    answers = await asyncio.gather(
        *(hands.hold(order.order.id, A_HAND, "click-1") for _ in range(3))
    )

    assert [True] * 3 == [answer.done for answer in answers]
    assert ["hold"] == await hands_on_record(order)
    await hands.release(order.order.id, A_HAND)
    await hands.hold(order.order.id, A_HAND)
    assert ["hold", "release", "hold"] == await hands_on_record(order)


async def test_without_an_engine_everything_is_busy() -> None:
    with pytest.raises(GatewayBusy, match="引擎尚未连接"):
        await Hands().hold(NOBODY, A_HAND)


async def test_a_card_tells_what_may_be_done_now(hub: Hub, hands: Hands) -> None:
    order = await handed_over(hub)
    card = await hands.card(order.order.id)

    assert (order.order.buyer_key, False) == (card.buyer_key, card.closed)
    assert {Deed.REROUTE, Deed.HOLD, Deed.CANCEL, Deed.EDIT_ADDRESS, Deed.CORRECT_WAYBILL} == set(
        card.view.deeds
    )
    await hands.cancel(order.order.id, A_HAND)
    await order.ends()
    assert (await hands.card(order.order.id)).closed
    with pytest.raises(NoSuchOrder, match="没有订单"):
        await hands.card(NOBODY)


async def listed(bulk: Bulk, query: OrderQuery, count: int) -> tuple[OrderId, ...]:
    """Wait until the search lists have caught up with the lives."""

    async def caught_up() -> bool:
        return len(await bulk.find(query)) == count

    await eventually(caught_up)
    return await bulk.find(query)


async def test_a_warehouse_burns_down(hub: Hub, hands: Hands) -> None:
    """All that waits in it leaves from elsewhere; what left it stays, and says so."""
    burning = "BJ-YZ"
    hub.router.warehouses = {burning: "shunfeng", "HZ-GS": "shunfeng"}
    hub.stock.on_hand |= {(burning, sku): 10_000 for sku in ("MILK-1L", "RICE-5KG", "TEA-250G")}
    hub.stock.on_hand |= {("HZ-GS", sku): 10_000 for sku in ("MILK-1L", "RICE-5KG", "TEA-250G")}
    lives = [await hub.accept(an_order(), BRISK) for _ in range(40)]
    for life in lives:
        await life.parcel_reaches(ParcelStage.HANDED_OVER)
    await lives[0].leaves()
    bulk = Bulk(hands=hands)
    found = await listed(bulk, OrderQuery(warehouse=burning), 40)

    async def reroute(order_id: OrderId, key: str) -> Handled:
        hand = Hand(by="李四", reason="仓库着火")
        request = Reroute(hand=hand, warehouse="HZ-GS", source=burning)
        return await hands.reroute(order_id, request, key)

    answers = [answer async for answer in bulk.run(found, reroute)]

    whole = tally(answers)
    assert (40, 39, 1) == (whole.asked, whole.done, whole.refused)
    assert {lives[0].order.id} == {answer.order_id for answer in answers if not answer.done}
    for life in lives[1:]:
        view = await life.parcel_reaches(ParcelStage.HANDED_OVER, 2)
        assert [burning, "HZ-GS"] == [parcel.warehouse for parcel in view.parcels]
        assert ["reroute"] == await hands_on_record(life)


async def test_an_order_that_nobody_answers_for_does_not_stop_the_others() -> None:
    async def answer(order_id: OrderId, _: str) -> Handled:
        if order_id == NOBODY:
            raise GatewayBusy("Temporal", "引擎没有答复")
        return Handled(order_id=order_id, outcome=Outcome.DONE, said="挂起")

    orders = (OrderId("a/1"), NOBODY, OrderId("a/2"))
    answers = [each async for each in Bulk(hands=Hands()).run(orders, answer)]

    assert {OrderId("a/1"): Outcome.DONE, NOBODY: Outcome.AWAY, OrderId("a/2"): Outcome.DONE} == {
        each.order_id: each.outcome for each in answers
    }


async def test_what_has_left_is_not_meant_by_what_moves(hub: Hub, hands: Hands) -> None:
    order, bulk = await handed_over(hub), Bulk(hands=hands)
    theirs = OrderQuery(buyer=order.order.buyer_key)
    assert (order.order.id,) == await listed(bulk, theirs, 1)
    await order.leaves()
    await order.scanned(Milestone.COLLECTED)
    await listed(bulk, replace(theirs, stage=OrderStage.SHIPPED), 1)

    assert () == await bulk.find(theirs, Deed.REROUTE)
    assert (order.order.id,) == await bulk.find(theirs, Deed.RETRY_NOW)


async def test_a_lost_answer_is_asked_for_again_and_is_one_hand(hub: Hub, hands: Hands) -> None:
    order = await handed_over(hub)
    lost: list[str] = []

    async def hold(order_id: OrderId, key: str) -> Handled:
        answer = await hands.hold(order_id, A_HAND, key)
        if not lost:
            lost.append(key)
            raise GatewayBusy("Temporal", "没有答复")
        return answer

    answers = [each async for each in Bulk(hands=hands).run((order.order.id,), hold, "click-2")]

    assert [True] == [answer.done for answer in answers]
    assert [f"click-2/{order.order.id}"] == lost
    assert ["hold"] == await hands_on_record(order)


async def test_orders_are_found_by_all_that_is_asked(hub: Hub, hands: Hands) -> None:
    hub.router.short = {1}
    waiting, bulk = await hub.accept(an_order(), BRISK), Bulk(hands=hands)
    await waiting.reaches(OrderStage.WAITING)
    theirs = OrderQuery(
        buyer=waiting.order.buyer_key,
        channel="miniprogram",
        stage=OrderStage.WAITING,
        exception="short_of_stock",
        paid_from=PAID_AT,
        paid_to=PAID_AT + timedelta(seconds=1),
    )

    assert (waiting.order.id,) == await listed(bulk, theirs, 1)
    named = OrderQuery(buyer=waiting.order.buyer_key, orders=(NOBODY,))
    assert () == await bulk.find(named)
    later = OrderQuery(buyer=waiting.order.buyer_key, paid_from=PAID_AT + timedelta(seconds=1))
    assert () == await bulk.find(later)
    assert (NOBODY,) == await bulk.find(OrderQuery(orders=(NOBODY, NOBODY)))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (OrderQuery(), "至少一个条件"),
        (OrderQuery(stage=OrderStage.LABELLED), "stage=labelled"),
        (OrderQuery(warehouse='X" OR "1" = "1'), "条件的值"),
    ],
    ids=["everything", "fine-stage", "more-than-a-value"],
)
def test_a_query_that_could_mean_too_much_is_not_asked(query: OrderQuery, words: str) -> None:
    with pytest.raises(TooWide, match=words):
        as_filter(query)
