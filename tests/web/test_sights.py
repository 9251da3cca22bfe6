"""What a channel shows of an order, in any order and any number of times, has one outcome."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from domain.acceptance import Acceptance, Decision
from domain.events import OrderSeen
from domain.opening import ChannelNews
from domain.order import Order, OrderId
from domain.standing import Standing
from gateways.order_book import OrderBook
from tests.fakes.orders import GONGSHU, XIHU, an_order
from tests.web.lives import LivesInMemory
from tests.web.sightings import at, seen
from web.outcome import Did
from web.sights import Sights


@pytest.fixture
def lives() -> LivesInMemory:
    return LivesInMemory()


@pytest.fixture
def book(hub: Engine) -> OrderBook:
    return OrderBook(hub)


@pytest.fixture
def settled() -> list[OrderId]:
    return []


@pytest.fixture
def sights(book: OrderBook, lives: LivesInMemory, settled: list[OrderId]) -> Sights:
    return Sights(book=book, lives=lives, settled=settled.append)


async def did(sights: Sights, *shown: OrderSeen) -> list[Did]:
    return [(await sights.tell(each)).did for each in shown]


async def test_an_order_is_in_the_book_before_it_lives(
    sights: Sights, book: OrderBook, lives: LivesInMemory
) -> None:
    order, lives.away = an_order(), True
    with pytest.raises(Exception, match="engine away"):
        await sights.tell(seen(order))

    assert book.sight(order.id) is not None
    assert [] == lives.opened


async def test_an_order_shown_twice_lives_once(sights: Sights, lives: LivesInMemory) -> None:
    order = an_order()

    assert [Did.OPENED, Did.NO_NEWS] == await did(sights, seen(order), seen(order, minute=9))
    assert [order] == lives.opened
    assert [] == lives.told


async def test_an_order_that_was_written_down_while_the_engine_was_away_opens_later(
    sights: Sights, lives: LivesInMemory
) -> None:
    order, lives.away = an_order(), True
    with pytest.raises(Exception, match="engine away"):
        await sights.tell(seen(order))
    lives.away = False

    assert [Did.OPENED] == await did(sights, seen(order))


@pytest.mark.parametrize(
    ("standing", "receiver"),
    [
        (Standing.DUE, GONGSHU),  # it goes elsewhere
        (Standing.CANCELLED, None),
        (Standing.PENDING, None),  # the platform looks at it again
        (Standing.SHIPPED, None),
    ],
)
async def test_what_changed_at_the_channel_is_told_once(
    sights: Sights,
    lives: LivesInMemory,
    standing: Standing,
    receiver: None,
) -> None:
    order = an_order()
    change = seen(order, standing, minute=5, receiver=receiver)

    assert [Did.OPENED, Did.CHANGED, Did.NO_NEWS] == await did(sights, seen(order), change, change)
    news = ChannelNews(standing=standing, changed_at=at(5), receiver=receiver)
    assert [(order.id, news)] == lives.told


async def test_an_older_sight_is_no_news(sights: Sights, lives: LivesInMemory) -> None:
    order = an_order()
    moved = seen(order, minute=5, receiver=GONGSHU)

    assert [Did.OPENED, Did.NO_NEWS] == await did(sights, moved, seen(order, receiver=XIHU))
    assert [] == lives.told


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.DUE])
async def test_what_is_not_due_does_not_begin(
    sights: Sights, lives: LivesInMemory, standing: Standing
) -> None:
    assert [Did.NOT_DUE] == await did(sights, seen(an_order(), standing))
    assert [] == lives.opened


@pytest.mark.parametrize("standing", [Standing.UNPAID, Standing.PENDING])
async def test_what_was_not_due_begins_when_it_is(
    sights: Sights, lives: LivesInMemory, standing: Standing
) -> None:
    order = an_order()

    told = await did(sights, seen(order, standing), seen(order, minute=1))

    assert [Did.NOT_DUE, Did.OPENED] == told


@pytest.mark.parametrize("end", [Standing.CANCELLED, Standing.SHIPPED, Standing.DELIVERED])
@pytest.mark.parametrize("minute", [4, 5], ids=["older", "same second"])
async def test_an_order_that_ended_before_it_was_due_is_not_opened_by_an_older_sight(
    sights: Sights, book: OrderBook, lives: LivesInMemory, end: Standing, minute: int
) -> None:
    order = an_order()

    told = await did(sights, seen(order, end, minute=5), seen(order, minute=minute))

    assert [Did.NOT_DUE, Did.NO_NEWS] == told
    assert [] == lives.opened
    assert [] == book.recent(9)  # it is no order of ours
    assert [] == book.by_number(order.number)


async def test_an_order_that_the_channel_brings_back_is_opened(
    sights: Sights, lives: LivesInMemory
) -> None:
    order = an_order()

    told = await did(sights, seen(order, Standing.CANCELLED, 5), seen(order, minute=6))

    assert [Did.NOT_DUE, Did.OPENED] == told


async def test_news_for_a_life_that_is_over_is_no_fault(
    sights: Sights, lives: LivesInMemory
) -> None:
    order = an_order()
    await sights.tell(seen(order))
    lives.end(order.id)

    assert [Did.NO_NEWS] == await did(sights, seen(order, Standing.DELIVERED, 9))


async def test_a_cancellation_that_overtakes_the_opening_is_heard(
    sights: Sights, lives: LivesInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is written down, but not alive, at the moment when the cancellation is told."""
    order = an_order()
    lives_open = lives.open

    async def overtaken(order: Order) -> bool:
        monkeypatch.undo()
        await sights.tell(seen(order, Standing.CANCELLED, minute=5))
        return await lives_open(order)

    monkeypatch.setattr(lives, "open", overtaken)
    await sights.tell(seen(order))

    heard = [news.standing for _, news in lives.told if isinstance(news, ChannelNews)]
    assert [Standing.CANCELLED] == heard


async def test_two_sights_at_once_end_with_the_newer(sights: Sights, lives: LivesInMemory) -> None:
    """Whichever begins the life: an older sight is told to none that began with a newer one."""
    for _ in range(20):
        order = an_order()
        await asyncio.gather(
            sights.tell(seen(order)), sights.tell(seen(order, minute=5, receiver=GONGSHU))
        )

        (begun,) = [opened for opened in lives.opened if opened.id == order.id]
        heard = [news for order_id, news in lives.told if order_id == order.id]
        told = [news.receiver for news in heard if isinstance(news, ChannelNews)]
        assert GONGSHU == [begun.receiver, *told][-1]


async def test_who_waits_for_an_order_is_woken_when_it_opens_or_never_will(
    sights: Sights, settled: list[OrderId]
) -> None:
    opened, ended = an_order(), an_order()

    await did(sights, seen(opened), seen(ended, Standing.CANCELLED))

    assert [opened.id, ended.id] == settled


async def test_an_accepted_order_is_opened_and_the_answer_remembered(
    sights: Sights, book: OrderBook, lives: LivesInMemory
) -> None:
    order = an_order()
    lives.decision = Decision(acceptance=Acceptance.FROZEN, reason="买家已冻结")

    verdict = await sights.accept(order)

    assert lives.decision == verdict.decision == book.decision(order.id)
    assert verdict.is_whole
    assert [Did.NO_NEWS] == await did(sights, seen(order))  # its push tells nothing more


async def test_the_first_answer_stands(book: OrderBook, sights: Sights) -> None:
    order = an_order()
    first = (await sights.accept(order)).decision

    book.decided(order.id, Decision(acceptance=Acceptance.FROZEN, reason="晚了"))

    assert first == book.decision(order.id)


async def test_an_answer_that_is_still_open_is_not_remembered(
    sights: Sights, book: OrderBook, lives: LivesInMemory
) -> None:
    order = an_order()
    lives.decision = Decision(acceptance=Acceptance.PENDING)

    await sights.accept(order)

    assert book.decision(order.id) is None


async def test_an_order_that_has_lived_unasked_was_taken(
    sights: Sights, lives: LivesInMemory
) -> None:
    order = an_order()
    await sights.tell(seen(order))
    lives.end(order.id)

    assert Acceptance.ACCEPTED is (await sights.accept(order)).decision.acceptance


async def test_other_words_about_an_accepted_order_are_told(
    sights: Sights, lives: LivesInMemory
) -> None:
    order = an_order()
    await sights.accept(order)

    second = await sights.accept(replace(order, receiver=GONGSHU))

    assert not second.is_whole  # so its push goes on to the drain
    assert [Did.CHANGED] == await did(sights, seen(order, minute=1, receiver=GONGSHU))
