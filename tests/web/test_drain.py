"""The drain: nothing kept is lost, whatever stands in the way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from domain.order import Order
from gateways.inbox import Inbox
from gateways.order_book import OrderBook
from tests.fakes.hub import eventually
from tests.web.lives import LivesInMemory
from tests.web.pushes import PATH, kept, order_body, the_shops_door
from web import drain as drains
from web.drain import Drain
from web.teller import Teller


@dataclass
class Front:
    """An inbox and the drain that empties it."""

    inbox: Inbox
    lives: LivesInMemory
    arrived: asyncio.Event

    def keep(self, body: bytes) -> None:
        door = the_shops_door()
        self.inbox.keep(door.name, door.key(kept(body)), kept(body))
        self.arrived.set()


@pytest.fixture
async def front(hub: Engine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Front]:
    monkeypatch.setattr(drains, "ENGINE_AWAY_S", 0.01)
    front = Front(Inbox(hub), LivesInMemory(), asyncio.Event())
    teller = Teller(book=OrderBook(hub), lives=front.lives)
    drain = Drain(front.inbox, {PATH: the_shops_door()}, teller, front.arrived)
    draining = asyncio.create_task(drain.run())
    yield front
    draining.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await draining


async def test_a_kept_order_comes_to_life(front: Front) -> None:
    front.keep(order_body(order_no="MP7-00009"))

    await eventually(lambda: front.inbox.waiting() == 0)
    assert ["miniprogram/MP7-00009"] == [order.id for order in front.lives.opened]


async def test_while_the_engine_is_away_orders_wait_and_then_live(front: Front) -> None:
    front.lives.away = True
    for n in range(3):
        front.keep(order_body(order_no=f"MP7-0000{n}"))
    await eventually(lambda: front.inbox.waiting() == 3)

    front.lives.away = False

    await eventually(lambda: front.inbox.waiting() == 0)
    assert 3 == len(front.lives.opened)


async def test_an_order_that_can_not_be_read_is_parked_with_its_field(front: Front) -> None:
    front.keep(order_body(pay_amount="12.30"))

    await eventually(lambda: front.inbox.waiting() == 0)
    (parked,) = front.inbox.parked()
    assert "$.pay_amount" == parked.path
    assert "pay_amount" in parked.reason
    assert [] == front.lives.opened


async def test_what_was_parked_can_be_handed_on_again(front: Front) -> None:
    front.keep(order_body(pay_amount="12.30"))
    await eventually(lambda: len(front.inbox.parked()) == 1)
    (parked,) = front.inbox.parked()

    assert front.inbox.again(parked.id)
    front.arrived.set()

    await eventually(lambda: [p.attempts for p in front.inbox.parked()] == [2])


async def test_a_fault_of_our_own_parks_one_push_and_stops_no_other(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives_open = front.lives.open

    async def stumble(order: Order) -> None:
        if order.number == "MP7-00001":
            raise RuntimeError("a bug")
        await lives_open(order)

    monkeypatch.setattr(front.lives, "open", stumble)
    for n in (1, 2):
        front.keep(order_body(order_no=f"MP7-0000{n}"))

    await eventually(lambda: front.inbox.waiting() == 0)
    (parked,) = front.inbox.parked()
    assert "RuntimeError" in parked.reason
    assert ["MP7-00002"] == [order.number for order in front.lives.opened]
