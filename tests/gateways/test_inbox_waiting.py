"""Pushes that wait: for whoever keeps them, for a partner, or for their order."""

from datetime import timedelta

from domain.order import OrderId
from domain.sight import END_MARKS
from gateways.inbox import CLAIM, Inbox
from gateways.inbox_desk import InboxDesk
from gateways.order_book import OrderBook
from gateways.tables import InboxState
from tests.gateways.hubs import hub
from tests.gateways.inboxes import A_PUSH, AN_ORDER, NOON, Clock, book, clock, desk, inbox
from tests.mariadb import mariadb

__all__ = ["book", "clock", "desk", "hub", "inbox", "mariadb"]


def test_a_push_that_its_keeper_works_on_is_nobody_elses(inbox: Inbox, clock: Clock) -> None:
    push_id = inbox.keep_claimed("miniprogram", "1", A_PUSH)
    assert push_id is not None
    assert inbox.keep_claimed("miniprogram", "1", A_PUSH) is None
    assert [] == inbox.claim(1)

    inbox.release(push_id)

    assert [(push_id, 2)] == [(kept.id, kept.attempts) for kept in inbox.claim(1)]


def test_a_push_whose_keeper_was_killed_comes_to_the_drain(inbox: Inbox, clock: Clock) -> None:
    inbox.keep_claimed("miniprogram", "1", A_PUSH)

    clock.time = NOON + CLAIM

    assert ["1"] == [kept.key for kept in inbox.claim(1)]


def test_a_postponed_push_lets_others_pass(inbox: Inbox, clock: Clock) -> None:
    for key in ("slow", "quick"):
        inbox.keep("sf", key, A_PUSH)
    (slow,) = inbox.claim(1)

    inbox.postpone(slow.id, timedelta(seconds=8))

    assert ["quick"] == [kept.key for kept in inbox.claim(2)]
    clock.time = NOON + timedelta(seconds=8)
    assert [("slow", 2)] == [(kept.key, kept.attempts) for kept in inbox.claim(2)]


def test_doors_that_are_at_work_can_be_left_out(inbox: Inbox) -> None:
    for door in ("sf", "qimen", "youzan"):
        inbox.keep(door, "1", A_PUSH)

    assert ["qimen"] == [kept.door for kept in inbox.claim(9, without=("sf", "youzan"))]


def test_an_early_push_waits_for_its_order(inbox: Inbox, desk: InboxDesk) -> None:
    inbox.keep("douyin", "1", A_PUSH)
    (kept,) = inbox.claim(1)

    inbox.early(kept.id, AN_ORDER, "order_id", "没有与 A1 对应的订单")

    (entry,) = desk.entries(state=InboxState.EARLY)
    assert AN_ORDER == entry.order_id
    assert inbox.waiting() == 0
    assert inbox.go_on(OrderId("miniprogram/A2")) == 0
    assert inbox.go_on(AN_ORDER) == 1
    assert ["1"] == [again.key for again in inbox.claim(1)]


def test_an_order_that_opens_at_that_very_moment_leaves_no_push_waiting(
    inbox: Inbox, book: OrderBook
) -> None:
    """The order has woken what waited for it just before this push is seen to wait."""
    inbox.keep("douyin", "1", A_PUSH)
    (kept,) = inbox.claim(1)
    book.enter(AN_ORDER, "miniprogram", "A1", NOON)
    book.opened(AN_ORDER, NOON)

    inbox.early(kept.id, AN_ORDER, "order_id", "没有与 A1 对应的订单")

    assert ["1"] == [again.key for again in inbox.claim(1)]


def test_a_push_also_goes_on_when_its_order_never_will_be(inbox: Inbox, book: OrderBook) -> None:
    inbox.keep("douyin", "1", A_PUSH)
    (kept,) = inbox.claim(1)
    book.saw_end(AN_ORDER, END_MARKS[0], NOON)

    inbox.early(kept.id, AN_ORDER, "order_id", "没有与 A1 对应的订单")

    assert ["1"] == [again.key for again in inbox.claim(1)]


def test_what_has_waited_for_a_day_goes_on_by_itself(inbox: Inbox, clock: Clock) -> None:
    inbox.keep("douyin", "1", A_PUSH)
    (kept,) = inbox.claim(1)
    inbox.early(kept.id, AN_ORDER, "order_id", "没有与 A1 对应的订单")

    assert inbox.wake_early(timedelta(days=1)) == 0
    clock.time = NOON + timedelta(days=1)
    assert inbox.wake_early(timedelta(days=1)) == 1
    assert ["1"] == [again.key for again in inbox.claim(1)]
