"""Catching up with a channel: what the pushes missed is found, and nothing is told twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from temporalio.service import RPCError

from domain.errors import ForgedPush, GatewayBusy, GatewayRefused, Untranslatable
from domain.events import OrderNamed, RefundNamed
from domain.order import Order, Receiver
from domain.reconciliation import Reconciliation
from domain.standing import Standing
from gateways.channel_listing import Changed
from gateways.inbox import Inbox
from gateways.inbox_desk import InboxDesk
from gateways.named_door import NAME, NamedDoor, named_push
from gateways.order_book import OrderBook
from gateways.reconciliations import ReconciliationBook
from gateways.tables import InboxState
from tests.fakes.orders import GONGSHU, an_order
from tests.web.lives import LivesInMemory
from tests.web.shops import ShopsInMemory
from tests.web.sightings import claimed, seen
from web.handing import Handing
from web.reconciler import AT_ONCE, FIRST, STRETCH, ChannelReconciler
from web.settlement import Done, Parked
from web.sights import Sights
from web.teller import Teller

NOW = datetime(2026, 2, 6, 6, 0, tzinfo=UTC)
OVERLAP = timedelta(minutes=10)
CHANNEL = "miniprogram"


@dataclass
class ListsInMemory:
    """A channel's lists: what changed when, and when nobody answers.

    Attributes:
        asked: Each stretch that was asked for.
        away_after: A stretch that begins then or later is not answered.
    """

    changes: dict[Changed, datetime] = field(default_factory=dict)
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    away_after: datetime | None = None

    async def changed(self, since: datetime, until: datetime) -> AsyncIterator[Changed]:
        self.asked.append((since, until))
        if self.away_after is not None and since >= self.away_after:
            raise GatewayBusy(CHANNEL, "HTTP 503")
        for change, at in self.changes.items():
            if since <= at <= until:
                yield change


@dataclass
class House:
    """A hub without a front: whoever catches up, and all that it works on."""

    hub: Engine
    now: datetime = NOW
    lists: ListsInMemory = field(default_factory=ListsInMemory)
    lives: LivesInMemory = field(default_factory=LivesInMemory)
    shops: ShopsInMemory = field(default_factory=ShopsInMemory)
    signs_of_life: list[None] = field(default_factory=list)

    def __post_init__(self) -> None:
        book = OrderBook(self.hub)
        sights = Sights(book=book, lives=self.lives)
        self.teller = Teller(book=book, lives=self.lives, sights=sights, shops=self.shops)
        self.inbox, self.desk = Inbox(self.hub), InboxDesk(self.hub)
        self.looks = ReconciliationBook(self.hub)
        self.reconciler = ChannelReconciler(
            lister=self._lister,
            teller=self.teller,
            book=self.looks,
            inbox=self.inbox,
            overlap=OVERLAP,
            now=lambda: self.now,
        )

    def _lister(self, channel: str) -> ListsInMemory:
        if channel != CHANNEL:
            raise GatewayRefused(channel, "unknown_channel", "没有接入")
        return self.lists

    def sells(self, minutes_ago: int = 5) -> Order:
        """Let the channel show a new order in its list and in its API."""
        order = an_order()
        self.shops.orders[order.number] = seen(order)
        self.changes(order, minutes_ago)
        return order

    def changes(self, order: Order, minutes_ago: int = 5) -> None:
        at = self.now - timedelta(minutes=minutes_ago)
        self.lists.changes[Changed(number=order.number)] = at

    def claims(self, order: Order, minutes_ago: int = 5) -> None:
        claim = claimed(order)
        self.shops.refunds[claim.refund.id] = claim
        change = Changed(number=order.number, refund_id=claim.refund.id)
        self.lists.changes[change] = self.now - timedelta(minutes=minutes_ago)

    async def catch_up(self) -> Reconciliation:
        return await self.reconciler.catch_up(CHANNEL, lambda: self.signs_of_life.append(None))

    def looked_before(self, minutes_ago: int = 0) -> None:
        """Say that somebody looked until then."""
        until = self.now - timedelta(minutes=minutes_ago)
        look = Reconciliation(
            channel=CHANNEL, since=until - STRETCH, until=until, found=0, started=0, mended=0
        )
        self.looks.record(look)


@pytest.fixture
def house(hub: Engine) -> House:
    return House(hub)


def counts(look: Reconciliation) -> tuple[int, int, int, int]:
    return look.found, look.started, look.mended, look.parked


async def test_without_any_push_every_order_gets_its_life(house: House) -> None:
    orders = [house.sells(minutes) for minutes in (5, 100, 1000)]

    look = await house.catch_up()

    assert {order.id for order in orders} == house.lives.open_ids
    assert (3, 3, 0, 0) == counts(look)


async def test_what_was_told_already_is_no_news(house: House) -> None:
    order = house.sells()
    await house.teller.tell(seen(order))

    assert (1, 0, 0, 0) == counts(await house.catch_up())
    assert [order] == house.lives.opened


async def test_what_has_drifted_is_mended(house: House) -> None:
    moved, cancelled = house.sells(), house.sells()
    await house.catch_up()
    _shows(house, moved, receiver=GONGSHU)
    _shows(house, cancelled, standing=Standing.CANCELLED)

    assert (2, 0, 2, 0) == counts(await house.catch_up())
    assert {moved.id, cancelled.id} == {order_id for order_id, _ in house.lives.told}
    assert (2, 0, 0, 0) == counts(await house.catch_up())


async def test_a_claim_that_no_push_told_reaches_its_order(house: House) -> None:
    order = house.sells()
    house.claims(order)

    look = await house.catch_up()

    assert (2, 1, 0, 0) == counts(look)
    assert [(order.id, claimed(order).refund)] == house.lives.told


async def test_an_order_that_nobody_is_to_send_is_found_and_left(house: House) -> None:
    order = house.sells()
    _shows(house, order, standing=Standing.SHIPPED)

    assert (1, 0, 0, 0) == counts(await house.catch_up())
    assert [] == house.lives.opened


async def test_a_sign_of_life_comes_with_each_document_and_each_stretch(house: House) -> None:
    """The engine gives up on a step that is silent; a slow channel is no reason for that."""
    house.looked_before(minutes_ago=50)
    house.sells()

    await house.catch_up()

    assert 2 == len(house.lists.asked)
    assert 3 == len(house.signs_of_life)


async def test_the_first_look_goes_back_a_day(house: House) -> None:
    look = await house.catch_up()

    assert (NOW - FIRST, NOW) == (look.since, look.until)
    assert FIRST / STRETCH == len(house.lists.asked)
    assert house.lists.asked[0][1] == house.lists.asked[1][0]


async def test_a_look_reaches_back_behind_the_end_of_the_last_one(house: House) -> None:
    """A platform's list may show a change later than it happened."""
    house.looked_before()
    house.now += timedelta(minutes=5)
    late = house.sells(minutes_ago=12)

    look = await house.catch_up()

    assert [(NOW - OVERLAP, house.now)] == house.lists.asked
    assert {late.id} == house.lives.open_ids
    assert house.now == look.until == house.looks.looked_until(CHANNEL)


async def test_a_clock_that_was_set_back_leaves_no_gap(house: House) -> None:
    house.looked_before(minutes_ago=-60)

    look = await house.catch_up()

    assert (NOW - OVERLAP, NOW) == (look.since, look.until)


async def test_a_stretch_that_fails_is_asked_again_and_those_before_it_are_not(
    house: House,
) -> None:
    house.looked_before(minutes_ago=80)
    old, new = house.sells(minutes_ago=75), house.sells(minutes_ago=20)
    house.lists.away_after = NOW - timedelta(minutes=30)
    with pytest.raises(GatewayBusy):
        await house.catch_up()
    assert {old.id} == house.lives.open_ids
    house.lists.away_after = None
    tried, house.lists.asked = house.lists.asked, []

    await house.catch_up()

    assert {old.id, new.id} == house.lives.open_ids
    recorded_until = tried[-1][0]
    assert recorded_until - OVERLAP == house.lists.asked[0][0]


async def test_a_stretch_is_recorded_only_when_all_of_it_was_told(house: House) -> None:
    house.looked_before(minutes_ago=20)
    order = house.sells()
    house.shops.busy.add(CHANNEL)
    with pytest.raises(GatewayBusy):
        await house.catch_up()
    assert NOW - timedelta(minutes=20) == house.looks.looked_until(CHANNEL)
    house.shops.busy.clear()

    assert (1, 1, 0, 0) == counts(await house.catch_up())
    assert {order.id} == house.lives.open_ids


async def test_after_a_failure_nobody_goes_on_asking_behind_its_back(house: House) -> None:
    house.looked_before(minutes_ago=20)
    orders = [house.sells() for _ in range(5 * AT_ONCE)]
    house.lives.away = True
    before = asyncio.all_tasks()

    with pytest.raises(RPCError):
        await house.catch_up()

    assert before == asyncio.all_tasks()
    assert len(house.shops.asked) < len(orders)


async def test_what_nobody_can_read_is_kept_for_a_person_once_and_the_rest_goes_on(
    house: House,
) -> None:
    wrong, gone, right = house.sells(), house.sells(), house.sells()
    house.shops.faults[wrong.number] = Untranslatable(CHANNEL, "$.freight", "?")
    del house.shops.orders[gone.number]

    first, second = await house.catch_up(), await house.catch_up()

    assert {right.id} == house.lives.open_ids
    assert (3, 1, 0, 2) == counts(first)
    assert (3, 0, 0, 2) == counts(second)
    assert [NAME, NAME] == [entry.door for entry in house.desk.entries()]


async def test_once_the_mapping_is_mended_what_was_kept_is_read_again(house: House) -> None:
    order = house.sells()
    house.shops.faults[order.number] = Untranslatable(CHANNEL, "$.freight", "?")
    await house.catch_up()
    handing = Handing(doors={NAME: NamedDoor()}.get, teller=house.teller)
    (kept,) = house.inbox.claim(10)

    parked = await handing.hand_on(kept)
    house.shops.faults.clear()
    done = await handing.hand_on(kept)

    assert isinstance(parked, Parked)
    assert "$.freight" == parked.path
    assert Done(push_id=kept.id, order_id=order.id) == done
    assert {order.id} == house.lives.open_ids


async def test_another_fault_of_the_same_order_is_shown_too(house: House) -> None:
    order = house.sells()
    for path in ("$.freight", "$.sku", "$.sku"):
        house.shops.faults[order.number] = Untranslatable(CHANNEL, path, "?")
        await house.catch_up()

    assert 2 == len(house.desk.entries(state=InboxState.NEW))


async def test_a_channel_that_can_not_be_asked_says_so(house: House) -> None:
    with pytest.raises(GatewayRefused, match="没有接入"):
        await house.reconciler.catch_up("lantern", lambda: None)


async def test_looks_are_on_record_the_latest_first(house: House) -> None:
    house.looked_before(minutes_ago=20)
    house.sells()
    await house.catch_up()

    latest, before = house.looks.latest(2)

    assert (NOW - timedelta(minutes=30), NOW, 1) == (latest.since, latest.until, latest.found)
    assert NOW - timedelta(minutes=20) == before.until
    assert house.looks.looked_until("douyin") is None


def test_nobody_outside_comes_in_at_the_door_of_what_was_found() -> None:
    with pytest.raises(ForgedPush):
        NamedDoor().verify(named_push(OrderNamed(channel=CHANNEL, number="A1")))


@pytest.mark.parametrize(
    "event",
    [
        OrderNamed(channel=CHANNEL, number="A1"),
        RefundNamed(channel=CHANNEL, number="A1", refund_id="R1"),
    ],
)
def test_what_was_found_is_read_as_it_was_written(event: OrderNamed | RefundNamed) -> None:
    assert (event,) == NamedDoor().read(named_push(event))


def _shows(
    house: House,
    order: Order,
    standing: Standing = Standing.DUE,
    receiver: Receiver | None = None,
) -> None:
    house.shops.orders[order.number] = seen(order, standing, minute=9, receiver=receiver)
