"""Whom each event concerns, and what happens when nobody is there."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from domain.claim import Refund, RefundStage
from domain.comeback import Pieces, Receipt
from domain.errors import GatewayBusy, GatewayRefused
from domain.events import (
    Event,
    GoodsArrived,
    GoodsMade,
    GoodsReturned,
    OrderNamed,
    ParcelPacked,
    ParcelScanned,
    RefundNamed,
)
from domain.opening import ScanNews
from domain.order import Order, OrderId
from domain.parcel import Milestone, Scan
from domain.standing import Standing
from gateways.order_book import OrderBook
from tests.fakes.orders import an_order
from tests.web.lives import LivesInMemory
from tests.web.shops import ShopsInMemory
from tests.web.sightings import claimed, seen
from web.outcome import Did, Outcome, Unknown
from web.sights import Sights
from web.teller import Teller

AT = datetime(2026, 2, 6, 5, 0, tzinfo=UTC)
NOBODYS = OrderId("miniprogram/nobody's")


def a_scan(milestone: Milestone) -> Scan:
    return Scan(id=milestone, milestone=milestone, at=AT, text="")


def scanned(*milestones: Milestone, key: str | None, waybill: str = "SF1") -> ParcelScanned:
    scans = tuple(a_scan(milestone) for milestone in milestones)
    return ParcelScanned(carrier="shunfeng", waybill=waybill, parcel_key=key, scans=scans)


def made(order_id: OrderId, completion_id: str = "M1") -> GoodsMade:
    return GoodsMade(completion_id=completion_id, order_id=order_id, sku="CAKE", quantity=2, at=AT)


def came_back(order_id: OrderId) -> GoodsReturned:
    receipt = Receipt(
        key=f"{order_id}/return/p1",
        event_id="BACK-1",
        warehouse="HZ-XS",
        goods=(Pieces(sku="CAKE", quantity=2),),
        at=AT,
    )
    return GoodsReturned(receipt=receipt)


@pytest.fixture
def lives() -> LivesInMemory:
    return LivesInMemory()


@pytest.fixture
def shops() -> ShopsInMemory:
    return ShopsInMemory()


@pytest.fixture
def book(hub: Engine) -> OrderBook:
    return OrderBook(hub)


@pytest.fixture
def teller(book: OrderBook, lives: LivesInMemory, shops: ShopsInMemory) -> Teller:
    return Teller(book=book, lives=lives, sights=Sights(book=book, lives=lives), shops=shops)


@pytest.fixture
async def order(teller: Teller) -> Order:
    """An order that lives."""
    order = an_order()
    await teller.tell(seen(order))
    return order


def refunds(lives: LivesInMemory) -> list[RefundStage]:
    return [news.stage for _, news in lives.told if isinstance(news, Refund)]


async def test_only_turning_points_wake_an_order_and_each_once(
    teller: Teller, lives: LivesInMemory, order: Order
) -> None:
    """kuaidi100 sends the whole trace with every push."""
    key = f"{order.id}/1"

    await teller.tell(scanned(Milestone.COLLECTED, key=key))
    await teller.tell(scanned(Milestone.COLLECTED, Milestone.IN_TRANSIT, key=key))
    await teller.tell(scanned(Milestone.COLLECTED, Milestone.DELIVERED, key=key))

    heard = [news.scan.milestone for _, news in lives.told if isinstance(news, ScanNews)]
    assert [Milestone.COLLECTED, Milestone.DELIVERED] == heard


async def test_a_waybill_alone_finds_its_parcel_in_our_own_record(
    teller: Teller, book: OrderBook, lives: LivesInMemory, order: Order
) -> None:
    book.allot("shunfeng", "SF9", f"{order.id}/2")

    await teller.tell(scanned(Milestone.COLLECTED, key=None, waybill="SF9"))

    ((told, news),) = lives.told
    assert isinstance(news, ScanNews)
    assert (order.id, 2) == (told, news.parcel_no)


@pytest.mark.parametrize(
    ("event", "may_come"),
    [
        (scanned(Milestone.COLLECTED, key=None, waybill="nobody's"), None),
        (scanned(Milestone.COLLECTED, key=f"{NOBODYS}/1"), NOBODYS),
        (ParcelPacked(parcel_key=f"{NOBODYS}/1", event_id="e", at=AT), NOBODYS),
        (ParcelPacked(parcel_key="rubbish", event_id="e", at=AT), None),
        (made(NOBODYS), NOBODYS),
        (came_back(NOBODYS), NOBODYS),
        (claimed(replace(an_order(), id=NOBODYS)), NOBODYS),
    ],
)
async def test_news_of_an_order_that_nobody_knows_says_which_order_may_yet_come(
    teller: Teller, event: Event, may_come: OrderId | None
) -> None:
    with pytest.raises(Unknown, match="没有与") as unknown:
        await teller.tell(event)

    assert may_come == unknown.value.order_id


async def test_news_for_a_life_that_is_over_is_no_fault(
    teller: Teller, lives: LivesInMemory, order: Order
) -> None:
    lives.end(order.id)
    over = Outcome(did=Did.NO_NEWS, order_id=order.id)

    assert over == await teller.tell(scanned(Milestone.DELIVERED, key=f"{order.id}/1"))
    assert over == await teller.tell(claimed(order))
    assert over == await teller.tell(made(order.id))
    assert over == await teller.tell(came_back(order.id))
    assert [] == lives.told


async def test_goods_that_arrive_are_told_to_whoever_waits(
    teller: Teller, lives: LivesInMemory, order: Order
) -> None:
    outcome = await teller.tell(GoodsArrived(warehouse="HZ-XS", skus=("1",)))

    assert Outcome(did=Did.TOLD) == outcome
    assert ["HZ-XS"] == [news.warehouse for news in lives.restocks]


async def test_goods_that_were_made_are_told_once_for_each_completion(
    teller: Teller, lives: LivesInMemory, order: Order
) -> None:
    for completion in ("M1", "M1", "M2"):
        assert order.id == (await teller.tell(made(order.id, completion))).order_id

    assert 2 == len({news for _, news in lives.told})


async def test_what_came_back_is_told_to_the_order_it_once_was_part_of(
    teller: Teller, lives: LivesInMemory, order: Order
) -> None:
    event = came_back(order.id)

    outcome = await teller.tell(event)

    assert Outcome(did=Did.TOLD, order_id=order.id) == outcome
    assert [(order.id, event.receipt)] == lives.told


async def test_a_claim_is_told_whenever_it_changed(
    teller: Teller, lives: LivesInMemory, order: Order
) -> None:
    asked = claimed(order)
    told = [
        (await teller.tell(claim)).did
        for claim in (asked, asked, claimed(order, RefundStage.REFUNDED, minute=9))
    ]

    assert [Did.TOLD, Did.NO_NEWS, Did.TOLD] == told
    assert [RefundStage.ASKED, RefundStage.REFUNDED] == refunds(lives)


async def test_a_claim_that_comes_before_its_order_fetches_the_order(
    teller: Teller, lives: LivesInMemory, shops: ShopsInMemory
) -> None:
    order = an_order()
    shops.orders[order.number] = seen(order)

    assert Did.TOLD is (await teller.tell(claimed(order))).did
    assert [order] == lives.opened
    assert [RefundStage.ASKED] == refunds(lives)


async def test_a_claim_about_an_order_that_ended_without_us_is_no_news(
    teller: Teller, lives: LivesInMemory, shops: ShopsInMemory
) -> None:
    order = an_order()
    shops.orders[order.number] = seen(order, Standing.CANCELLED)

    assert Did.NO_NEWS is (await teller.tell(claimed(order))).did
    assert [] == lives.opened


async def test_a_claim_waits_while_its_channel_does_not_answer(
    teller: Teller, shops: ShopsInMemory
) -> None:
    shops.busy.add("miniprogram")

    with pytest.raises(GatewayBusy):
        await teller.tell(claimed(an_order()))


async def test_what_is_only_named_is_asked_for(
    teller: Teller, lives: LivesInMemory, shops: ShopsInMemory
) -> None:
    order = an_order()
    shops.orders[order.number] = seen(order)
    claim = claimed(order)
    shops.refunds[claim.refund.id] = claim

    opened = await teller.tell(OrderNamed(channel=order.channel, number=order.number))
    told = await teller.tell(
        RefundNamed(channel=order.channel, number=order.number, refund_id=claim.refund.id)
    )

    assert [Did.OPENED, Did.TOLD] == [opened.did, told.did]
    assert [RefundStage.ASKED] == refunds(lives)


async def test_what_the_channel_does_not_know_itself_is_for_a_person(teller: Teller) -> None:
    with pytest.raises(GatewayRefused, match="没有这张订单"):
        await teller.tell(OrderNamed(channel="miniprogram", number="?"))
