from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from domain.order import OrderId
from gateways.order_book import BookedOrder, OrderBook
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

NOON = datetime(2026, 2, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def book(hub: Engine) -> OrderBook:
    return OrderBook(hub)


def enter(book: OrderBook, channel: str, number: str, minutes: int = 0) -> bool:
    received_at = NOON + timedelta(minutes=minutes)
    return book.enter(OrderId(f"{channel}/{number}"), channel, number, received_at)


def test_an_order_is_entered_once_for_ever(book: OrderBook) -> None:
    assert enter(book, "miniprogram", "A1")
    assert not enter(book, "miniprogram", "A1", minutes=1)
    assert enter(book, "douyin", "A1")

    assert book.knows(OrderId("miniprogram/A1"))
    assert not book.knows(OrderId("miniprogram/a1"))


def test_the_first_opening_counts(book: OrderBook) -> None:
    enter(book, "miniprogram", "A1")
    order = OrderId("miniprogram/A1")
    assert book.recent(1)[0].opened_at is None

    book.opened(order, NOON + timedelta(seconds=1))
    book.opened(order, NOON + timedelta(seconds=9))

    assert book.recent(1) == [
        BookedOrder(
            order_id=order,
            channel="miniprogram",
            number="A1",
            received_at=NOON,
            opened_at=NOON + timedelta(seconds=1),
        )
    ]


def test_the_latest_orders_come_first(book: OrderBook) -> None:
    for minutes, number in enumerate(["A", "B", "C"]):
        enter(book, "miniprogram", number, minutes)

    assert [order.number for order in book.recent(2)] == ["C", "B"]


def test_orders_are_found_by_number_or_by_id(book: OrderBook) -> None:
    enter(book, "miniprogram", "A1")
    enter(book, "douyin", "A1")
    enter(book, "douyin", "A12")

    assert [order.order_id for order in book.by_number("A1")] == ["douyin/A1", "miniprogram/A1"]
    assert [order.order_id for order in book.by_number("douyin/A12")] == ["douyin/A12"]
    assert [] == book.by_number("A")


def test_a_waybill_leads_to_its_parcel(book: OrderBook) -> None:
    book.allot("shunfeng", "SF1", "miniprogram/A1/1")
    book.allot("shunfeng", "SF1", "miniprogram/A1/1")  # the step ran twice

    assert book.parcel_of("shunfeng", "SF1") == "miniprogram/A1/1"
    assert book.parcel_of(None, "SF1") == "miniprogram/A1/1"
    assert book.parcel_of("yuantong", "SF1") is None
    assert book.parcel_of(None, "SF2") is None


def test_a_number_that_two_carriers_gave_needs_its_carrier(book: OrderBook) -> None:
    book.allot("yuantong", "123", "miniprogram/A1/1")
    book.allot("zhongtong", "123", "miniprogram/A2/1")

    assert book.parcel_of(None, "123") is None
    assert book.parcel_of("zhongtong", "123") == "miniprogram/A2/1"


def test_a_number_that_a_carrier_uses_again_belongs_to_the_latest_parcel(book: OrderBook) -> None:
    book.allot("yuantong", "123", "miniprogram/A1/1")
    book.allot("yuantong", "123", "miniprogram/A9/1")

    assert book.parcel_of("yuantong", "123") == "miniprogram/A9/1"
