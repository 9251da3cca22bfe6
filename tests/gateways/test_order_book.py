from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from domain.acceptance import Acceptance, Decision
from domain.order import OrderId
from domain.sight import END_MARKS
from gateways.order_book import OrderBook
from gateways.order_rows import BookedOrder, Sight
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

    assert book.sight(OrderId("miniprogram/A1")) is not None
    assert book.sight(OrderId("miniprogram/a1")) is None


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


def test_the_newest_sight_of_an_order_stands(book: OrderBook) -> None:
    enter(book, "miniprogram", "A1")
    order = OrderId("miniprogram/A1")
    book.saw(order, "newer", NOON + timedelta(minutes=5))
    book.saw(order, "older", NOON)

    last = book.sight(order)

    assert last == Sight(opened_at=None, seen="newer", seen_at=NOON + timedelta(minutes=5))
    assert last.is_newer_than(NOON)
    assert not last.is_newer_than(NOON + timedelta(minutes=5))


def test_an_order_that_ended_before_it_began_is_remembered_but_not_ours(book: OrderBook) -> None:
    order = OrderId("douyin/A1")
    assert book.saw_end(order, END_MARKS[0], NOON)
    assert not book.saw_end(order, END_MARKS[0], NOON)

    last = book.sight(order)
    assert last is not None
    assert last.is_clear
    assert [] == book.recent(9)

    book.opened(order, NOON)  # the channel brought it back

    assert ["A1"] == [booked.number for booked in book.by_number("A1")]


def test_the_first_decision_about_an_order_stands(book: OrderBook) -> None:
    enter(book, "miniprogram", "A1")
    order = OrderId("miniprogram/A1")
    assert book.decision(order) is None
    frozen = Decision(acceptance=Acceptance.FROZEN, reason="买家已冻结")

    book.decided(order, frozen)
    book.decided(order, Decision(acceptance=Acceptance.ACCEPTED))

    assert frozen == book.decision(order)
    assert book.decision(OrderId("miniprogram/A2")) is None


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


@pytest.mark.parametrize(
    ("carrier", "given", "pushed"),
    [
        ("zhongtong", "20260206123456789", "ZTO20260206123456789"),
        ("zhongtong", "78123456789012", " zto 7812 3456 789012。"),
        ("zhongtong", "ZTO78123456789012", "78123456789012"),  # dressed in the record
        ("shunfeng", "SF1424638720536", "sf1424638720536"),
        ("shunfeng", "SF1424638720536", "ＳＦ１４２４６３８７２０５３６"),
        ("shunfeng", "SF1424638720536", "顺丰快递单号:SF1424638720536"),
        ("shentong", "STO1234567890", "sto-1234567890"),
        ("debangkuaidi", "DPK364112047425-1", "dpk364112047425-1"),
        ("debangkuaidi", "DPK364112047425", "dpk364112047425"),
        ("yunda", "NOTHING-LIKE-IT", "nothing-like-it"),  # the record needs no pattern
        ("somebody", "X1", "x1"),  # nor rules
    ],
)
def test_a_number_in_another_dress_leads_to_its_parcel(
    book: OrderBook, carrier: str, given: str, pushed: str
) -> None:
    book.allot(carrier, given, "miniprogram/A1/1")

    assert book.parcel_of(carrier, pushed) == "miniprogram/A1/1"
    assert book.parcel_of(None, pushed) == "miniprogram/A1/1"
    assert book.allocations_of(carrier, pushed)[0].waybill == given  # kept as it was given


def test_a_sub_parcel_s_number_never_runs_together_with_another_number(book: OrderBook) -> None:
    book.allot("debangkuaidi", "DPK3641120474251", "miniprogram/A1/1")

    assert book.parcel_of("debangkuaidi", "DPK364112047425-1") is None
    assert book.parcel_of(None, "DPK364112047425-1") is None


def test_a_push_that_names_an_empty_carrier_finds_nothing(book: OrderBook) -> None:
    book.allot("zhongtong", "78123456789012", "miniprogram/A1/1")

    assert book.parcel_of("", "78123456789012") is None


def test_another_code_of_the_same_carrier_leads_to_its_parcel(book: OrderBook) -> None:
    book.allot("debangkuaidi", "DPK364112047425", "miniprogram/A1/1")

    assert book.parcel_of("debangwuliu", "DPK364112047425") == "miniprogram/A1/1"


def test_a_number_as_it_came_is_found_before_any_other_spelling(book: OrderBook) -> None:
    book.allot("zhongtong", "ZTO78123456789012", "miniprogram/A1/1")
    book.allot("zhongtong", "78123456789012", "miniprogram/A2/1")

    assert book.parcel_of("zhongtong", "ZTO78123456789012") == "miniprogram/A1/1"
    assert book.parcel_of("zhongtong", "78123456789012") == "miniprogram/A2/1"
    assert book.parcel_of("zhongtong", "zto78123456789012") is None  # both, so nobody guesses


def test_a_dress_that_names_a_carrier_never_leads_to_another_s_parcel(book: OrderBook) -> None:
    book.allot("yuantong", "78123456789012", "miniprogram/A1/1")

    assert book.parcel_of(None, "ZTO78123456789012") is None
    assert book.parcel_of(None, "中通快递 78123456789012") is None
    assert book.parcel_of("yuantong", "中通快递 78123456789012") is None
    assert book.parcel_of("yuantong", "78 123 456 789 012") == "miniprogram/A1/1"


def test_a_dressed_number_that_two_carriers_gave_needs_its_carrier(book: OrderBook) -> None:
    book.allot("jtexpress", "JT3002232682242", "miniprogram/A1/1")
    book.allot("huitongkuaidi", "JT3002232682242", "miniprogram/A2/1")

    assert book.parcel_of(None, "jt3002232682242") is None
    assert book.parcel_of("huitongkuaidi", "jt3002232682242") == "miniprogram/A2/1"
    assert book.parcel_of(None, "百世 jt3002232682242") == "miniprogram/A2/1"


@pytest.mark.parametrize("pushed", ["", "。。", "运单号:", "x" * 10_000])
def test_what_holds_no_number_leads_nowhere(book: OrderBook, pushed: str) -> None:
    book.allot("zhongtong", "78123456789012", "miniprogram/A1/1")

    assert book.parcel_of(None, pushed) is None
    assert book.parcel_of("zhongtong", pushed) is None
