"""Opening lives on the real engine: one life for each order, one answer for each question."""

import asyncio
from datetime import timedelta

import pytest

from domain.acceptance import Acceptance, Decision
from domain.clock import utc_now
from domain.comeback import Receipt
from domain.opening import ChannelNews
from domain.standing import Standing
from tests.fakes.hub import BRISK, Hub
from tests.fakes.orders import PAID_AT, an_order
from tests.web.sightings import claimed
from tests.workflows.conftest import live_hub
from web.lives import NoSuchLife

__all__ = ["live_hub"]

NEWS = ChannelNews(standing=Standing.CANCELLED, changed_at=PAID_AT, receiver=None)
RECEIPT = Receipt(key="m/1/return/p1", event_id="1", warehouse="HZ-XS", goods=(), at=PAID_AT)


async def test_whoever_begins_a_life_knows_it(live_hub: Hub) -> None:
    lives, order = live_hub.lives(BRISK), an_order()
    live = await live_hub.accept(order, BRISK)

    assert not await lives.open(order)

    await live.handle.terminate("it is over")
    assert not await lives.open(order)


async def test_however_often_it_is_asked_it_is_one_life_and_one_answer(live_hub: Hub) -> None:
    order, lives = an_order(), live_hub.lives(BRISK)
    live_hub.fill_shelves(order)

    answers = await asyncio.gather(*(lives.accept(order) for _ in range(5)))

    assert {Decision(acceptance=Acceptance.ACCEPTED)} == set(answers)
    assert answers[0] == await lives.accept(order)


async def test_the_answer_can_still_be_heard_when_the_life_is_over(live_hub: Hub) -> None:
    order, lives = an_order(), live_hub.lives(BRISK)
    live_hub.buyers.freeze(order.buyer_key, utc_now() + timedelta(days=1), "三次仅退款")

    first = await lives.accept(order)
    await live_hub.client.get_workflow_handle(f"order/{order.id}").result()

    assert Acceptance.FROZEN is first.acceptance
    assert first == await lives.accept(order)


async def test_a_life_that_ended_unasked_has_no_answer(live_hub: Hub) -> None:
    live = await live_hub.accept(an_order(), BRISK)
    await live.handle.terminate("it is over")

    with pytest.raises(NoSuchLife):
        await live_hub.lives(BRISK).accept(live.order)


async def test_nobody_hears_what_is_told_to_an_order_without_a_life(live_hub: Hub) -> None:
    order, lives = an_order(), live_hub.lives(BRISK)

    with pytest.raises(NoSuchLife):
        await lives.changed(order.id, NEWS)
    with pytest.raises(NoSuchLife):
        await lives.refunded(order.id, claimed(order).refund)
    with pytest.raises(NoSuchLife):
        await lives.returned(order.id, RECEIPT)
