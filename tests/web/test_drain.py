"""The drain: nothing kept is lost, whatever stands in the way, and nobody waits for others."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from domain.claim import Refund
from domain.clock import utc_now
from domain.errors import GatewayRefused, Untranslatable
from domain.hands import Hand
from domain.order import Order
from gateways.inbox import Inbox
from gateways.inbox_desk import Entry, InboxDesk
from gateways.order_book import OrderBook
from gateways.tables import InboxState
from tests.fakes.hub import eventually
from tests.web.corner import CornerDoor, corner_id, kept, said, the_order
from tests.web.lives import LivesInMemory
from tests.web.shops import ShopsInMemory
from tests.web.sightings import seen
from web import drain as drains
from web.drain import Drain
from web.handing import EARLY_AGE, Handing
from web.sights import Sights
from web.teller import Teller

DOORS = {name: CornerDoor(name) for name in ("corner", "kiosk")}
A_HAND = Hand(by="李四", reason="映射已修正")


@dataclass
class Front:
    """An inbox and the drain that empties it."""

    inbox: Inbox
    desk: InboxDesk
    lives: LivesInMemory
    shops: ShopsInMemory
    arrived: asyncio.Event

    def keep(self, body: bytes, door: str = "corner", received_at: datetime | None = None) -> None:
        push = kept(body, received_at or utc_now())
        self.inbox.keep(door, DOORS.get(door, CornerDoor()).key(push), push)
        self.arrived.set()

    def settled(self, state: InboxState) -> list[Entry]:
        return self.desk.entries(state=state)

    async def until(self, state: InboxState, count: int = 1) -> Entry:
        """Wait until so many pushes stand there, and tell the newest."""
        await eventually(lambda: len(self.settled(state)) == count)
        return self.settled(state)[0]


@pytest.fixture
async def front(hub: Engine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Front]:
    monkeypatch.setattr(drains, "ENGINE_AWAY_S", 0.01)
    front = Front(Inbox(hub), InboxDesk(hub), LivesInMemory(), ShopsInMemory(), asyncio.Event())
    book = OrderBook(hub)
    sights = Sights(book=book, lives=front.lives, settled=front.inbox.go_on)
    teller = Teller(book=book, lives=front.lives, sights=sights, shops=front.shops)
    drain = Drain(front.inbox, Handing(doors=DOORS.get, teller=teller), front.arrived)
    draining = asyncio.create_task(drain.run())
    yield front
    draining.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await draining


def numbers(orders: list[Order]) -> list[str]:
    return sorted(order.number for order in orders)


async def test_a_kept_order_comes_to_life(front: Front) -> None:
    front.keep(said("A9"))

    done = await front.until(InboxState.DONE)
    assert corner_id("A9") == done.order_id
    assert ["A9"] == numbers(front.lives.opened)


async def test_while_the_engine_is_away_orders_wait_and_then_live(front: Front) -> None:
    front.lives.away = True
    for n in range(3):
        front.keep(said(f"A{n}"))
    await eventually(lambda: front.inbox.waiting() == 3)

    front.lives.away = False

    await eventually(lambda: front.inbox.waiting() == 0)
    assert ["A0", "A1", "A2"] == numbers(front.lives.opened)


async def test_an_order_that_can_not_be_read_is_parked_with_its_field(front: Front) -> None:
    front.keep(said("A1", kind="rubbish"))

    parked = await front.until(InboxState.PARKED)
    assert "$.kind" == parked.fault_path
    assert "rubbish" in (parked.fault_reason or "")
    assert [] == front.lives.opened


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        (Untranslatable("corner", "$.order.price", "9.9"), "$.order.price"),
        (GatewayRefused("corner", "10019", "app 已停用"), "corner.10019"),
    ],
)
async def test_what_the_channel_answers_wrongly_is_parked_with_what_is_wrong(
    front: Front, fault: Untranslatable | GatewayRefused, path: str
) -> None:
    front.shops.faults["A1"] = fault
    front.keep(said("A1", kind="named"))

    assert path == (await front.until(InboxState.PARKED)).fault_path


async def test_a_push_of_a_channel_that_is_gone_is_parked(front: Front) -> None:
    front.keep(said("A1"), door="closed")

    parked = await front.until(InboxState.PARKED)
    assert "没有这个渠道" in (parked.fault_reason or "")


async def test_what_was_parked_can_be_handed_on_again(front: Front) -> None:
    front.keep(said("A1", kind="rubbish"))
    parked = await front.until(InboxState.PARKED)

    front.desk.replay(parked.id, A_HAND)
    front.arrived.set()

    await eventually(lambda: [p.attempts for p in front.settled(InboxState.PARKED)] == [2])


@pytest.mark.parametrize("trouble", ["busy", "silent"])
async def test_a_channel_that_is_down_holds_nobody_else_back(front: Front, trouble: str) -> None:
    getattr(front.shops, trouble).add("corner")
    for n in range(40):  # more than the drain claims at once
        front.keep(said(f"C{n}", kind="named"))
    front.keep(said("K1"), door="kiosk")

    await front.until(InboxState.DONE)

    assert ["K1"] == numbers(front.lives.opened)
    assert 40 == front.inbox.waiting()


async def test_a_channel_that_was_down_is_asked_again(front: Front) -> None:
    order = the_order("corner", "A1")
    front.shops.busy.add("corner")
    front.keep(said("A1", kind="named"))
    await eventually(lambda: front.shops.asked == ["A1"])

    front.shops.busy.clear()
    front.shops.orders["A1"] = seen(order)

    await front.until(InboxState.DONE)
    assert ["A1"] == numbers(front.lives.opened)
    assert [] == front.settled(InboxState.PARKED)


async def test_a_claim_before_its_order_waits_for_it_and_then_goes_on_at_once(
    front: Front,
) -> None:
    front.keep(said("A1", kind="claim"))
    early = await front.until(InboxState.EARLY)
    assert corner_id("A1") == early.order_id

    front.keep(said("A1"))

    await front.until(InboxState.DONE, count=2)
    assert [corner_id("A1")] == [o for o, news in front.lives.told if isinstance(news, Refund)]


async def test_a_claim_is_not_taken_for_old_news_while_its_order_waits_for_the_engine(
    front: Front, hub: Engine
) -> None:
    """The order is written down, so it is known, but nobody could hear the claim."""
    order = the_order("corner", "A1")
    OrderBook(hub).enter(order.id, order.channel, order.number, order.received_at)

    front.keep(said("A1", kind="claim"))

    early = await front.until(InboxState.EARLY)
    assert corner_id("A1") == early.order_id


async def test_a_claim_whose_order_never_comes_is_a_persons_after_a_day(front: Front) -> None:
    yesterday = utc_now() - EARLY_AGE - timedelta(minutes=1)
    front.keep(said("A1", kind="claim"), received_at=yesterday)

    parked = await front.until(InboxState.PARKED)
    assert "等了一天" in (parked.fault_reason or "")
    assert "corner/A1" in (parked.fault_reason or "")


async def test_a_fault_of_our_own_parks_one_push_and_stops_no_other(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives_open = front.lives.open

    async def stumble(order: Order) -> bool:
        if order.number == "A1":
            raise RuntimeError("a bug")
        return await lives_open(order)

    monkeypatch.setattr(front.lives, "open", stumble)
    for n in (1, 2):
        front.keep(said(f"A{n}"))

    parked = await front.until(InboxState.PARKED)
    assert "RuntimeError" in (parked.fault_reason or "")
    await front.until(InboxState.DONE)
    assert ["A2"] == numbers(front.lives.opened)
