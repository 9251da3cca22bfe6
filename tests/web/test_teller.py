"""Whom each event concerns, and what happens when nobody is there."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from domain.events import GoodsArrived, OrderPaid, ParcelPacked, ParcelScanned
from domain.order import OrderId
from domain.parcel import Milestone, Scan
from gateways.order_book import OrderBook
from tests.fakes.orders import an_order
from tests.web.lives import LivesInMemory
from web.teller import Teller, Unknown

AT = datetime(2026, 2, 6, 5, 0, tzinfo=UTC)


def a_scan(milestone: Milestone) -> Scan:
    return Scan(id=milestone, milestone=milestone, at=AT, text="")


def scanned(*milestones: Milestone, key: str | None, waybill: str = "SF1") -> ParcelScanned:
    scans = tuple(a_scan(milestone) for milestone in milestones)
    return ParcelScanned(carrier="shunfeng", waybill=waybill, parcel_key=key, scans=scans)


@pytest.fixture
def lives() -> LivesInMemory:
    return LivesInMemory()


@pytest.fixture
def book(hub: Engine) -> OrderBook:
    return OrderBook(hub)


@pytest.fixture
def teller(book: OrderBook, lives: LivesInMemory) -> Teller:
    return Teller(book=book, lives=lives)


async def test_an_order_is_in_the_book_before_it_lives(
    teller: Teller, book: OrderBook, lives: LivesInMemory
) -> None:
    order, lives.away = an_order(), True
    with pytest.raises(Exception, match="engine away"):
        await teller.tell(OrderPaid(order=order))

    assert book.knows(order.id)
    assert [] == lives.opened


async def test_an_order_told_twice_lives_once(teller: Teller, lives: LivesInMemory) -> None:
    order = an_order()
    assert order.id == await teller.tell(OrderPaid(order=order))
    assert order.id == await teller.tell(OrderPaid(order=order))

    assert [order] == lives.opened


async def test_only_turning_points_wake_an_order_and_each_once(
    teller: Teller, lives: LivesInMemory
) -> None:
    """kuaidi100 sends the whole trace with every push."""
    order = an_order()
    await teller.tell(OrderPaid(order=order))
    key = f"{order.id}/1"

    await teller.tell(scanned(Milestone.COLLECTED, key=key))
    await teller.tell(scanned(Milestone.COLLECTED, Milestone.IN_TRANSIT, key=key))
    await teller.tell(scanned(Milestone.COLLECTED, Milestone.DELIVERED, key=key))

    heard = [news.scan.milestone for _, news in lives.told if hasattr(news, "scan")]
    assert [Milestone.COLLECTED, Milestone.DELIVERED] == heard


async def test_a_waybill_alone_finds_its_parcel_in_our_own_record(
    teller: Teller, book: OrderBook, lives: LivesInMemory
) -> None:
    order = an_order()
    await teller.tell(OrderPaid(order=order))
    book.allot("shunfeng", "SF9", f"{order.id}/2")

    await teller.tell(scanned(Milestone.COLLECTED, key=None, waybill="SF9"))

    ((told, news),) = lives.told
    assert (order.id, 2) == (told, news.parcel_no)


@pytest.mark.parametrize(
    "event",
    [
        scanned(Milestone.COLLECTED, key=None, waybill="nobody's"),
        scanned(Milestone.COLLECTED, key="miniprogram/nobody's/1"),
        ParcelPacked(parcel_key="miniprogram/nobody's/1", event_id="e", at=AT),
        ParcelPacked(parcel_key="rubbish", event_id="e", at=AT),
    ],
)
async def test_news_of_an_order_that_nobody_knows_is_for_a_person(
    teller: Teller, event: ParcelScanned | ParcelPacked
) -> None:
    with pytest.raises(Unknown, match="没有与"):
        await teller.tell(event)


async def test_news_for_a_life_that_is_over_is_no_fault(
    teller: Teller, book: OrderBook, lives: LivesInMemory
) -> None:
    order = an_order()
    book.enter(order.id, order.channel, order.number, order.received_at)

    assert order.id == await teller.tell(scanned(Milestone.DELIVERED, key=f"{order.id}/1"))
    assert [] == lives.told


async def test_goods_that_arrive_are_told_to_whoever_waits(
    teller: Teller, lives: LivesInMemory
) -> None:
    about: OrderId | None = await teller.tell(GoodsArrived(warehouse="HZ-XS", skus=("1",)))

    assert about is None
    assert ["HZ-XS"] == [news.warehouse for news in lives.restocks]
