from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta, timezone

from domain.events import Push
from domain.order import OrderId
from gateways.inbox import CLAIM, Inbox
from gateways.inbox_desk import InboxDesk
from gateways.order_book import OrderBook
from gateways.tables import InboxState
from tests.gateways.hubs import hub
from tests.gateways.inboxes import A_PUSH, NOON, Clock, book, clock, desk, inbox
from tests.mariadb import mariadb

__all__ = ["book", "clock", "desk", "hub", "inbox", "mariadb"]


def test_a_push_comes_out_as_it_came_in(inbox: Inbox) -> None:
    assert inbox.keep("sf", "1", A_PUSH)

    (kept,) = inbox.claim(10)

    assert (kept.door, kept.key, kept.attempts) == ("sf", "1", 1)
    assert kept.push == A_PUSH


def test_a_push_of_many_megabytes_is_kept(inbox: Inbox) -> None:
    body = bytes(range(256)) * 8192
    inbox.keep("sf", "1", Push(path="/", headers={}, query={}, body=body, received_at=NOON))

    assert inbox.claim(1)[0].push.body == body


def test_a_push_that_arrives_twice_is_kept_once(inbox: Inbox) -> None:
    assert inbox.keep("sf", "1", A_PUSH)

    assert not inbox.keep("sf", "1", A_PUSH)
    assert inbox.keep("qimen", "1", A_PUSH)  # another partner may use the same key
    assert inbox.keep("sf", "Ⅰ", A_PUSH)
    assert inbox.waiting() == 3


def test_keys_differ_by_their_case(inbox: Inbox) -> None:
    assert inbox.keep("sf", "a", A_PUSH)
    assert inbox.keep("sf", "A", A_PUSH)


def test_keys_differ_by_a_space_at_their_end(inbox: Inbox) -> None:
    assert inbox.keep("sf", "a", A_PUSH)
    assert inbox.keep("sf", "a ", A_PUSH)
    assert not inbox.keep("sf", "a ", A_PUSH)


def test_a_very_long_key_is_still_one_key(inbox: Inbox) -> None:
    assert inbox.keep("sf", "事件" * 300 + "1", A_PUSH)

    assert inbox.keep("sf", "事件" * 300 + "2", A_PUSH)
    assert not inbox.keep("sf", "事件" * 300 + "1", A_PUSH)


def test_the_same_push_at_many_doors_at_once_is_new_to_one(inbox: Inbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        news = list(pool.map(lambda n: inbox.keep("sf", str(n % 5), A_PUSH), range(40)))

    assert news.count(True) == 5
    assert inbox.waiting() == 5


def test_the_oldest_push_is_claimed_first_and_by_one_drain_only(inbox: Inbox) -> None:
    for n in range(5):
        inbox.keep("sf", str(n), A_PUSH)

    assert [kept.key for kept in inbox.claim(3)] == ["0", "1", "2"]
    assert [kept.key for kept in inbox.claim(3)] == ["3", "4"]
    assert [] == inbox.claim(3)


def test_drains_that_claim_at_once_share_the_pushes(inbox: Inbox) -> None:
    for n in range(60):
        inbox.keep("sf", str(n), A_PUSH)

    with ThreadPoolExecutor(6) as pool:
        batches = list(pool.map(lambda _: inbox.claim(10), range(6)))

    taken = [kept.key for batch in batches for kept in batch]
    taken += [kept.key for kept in inbox.claim(60)]  # what a drain skipped while it was locked
    assert sorted(taken) == sorted(str(n) for n in range(60))


def test_what_a_killed_drain_had_claimed_comes_again(inbox: Inbox, clock: Clock) -> None:
    inbox.keep("sf", "1", A_PUSH)
    inbox.claim(1)

    clock.time = NOON + CLAIM - timedelta(microseconds=1)
    assert [] == inbox.claim(1)

    clock.time = NOON + CLAIM
    (again,) = inbox.claim(1)
    assert again.attempts == 2


def test_what_is_done_is_never_claimed_again(inbox: Inbox, clock: Clock) -> None:
    for n in range(3):
        inbox.keep("sf", str(n), A_PUSH)
    first, second, third = inbox.claim(3)

    inbox.done(first.id, "miniprogram/1")
    inbox.done_all({second.id: "miniprogram/2", third.id: None})

    clock.time = NOON + 2 * CLAIM
    assert [] == inbox.claim(3)
    assert inbox.waiting() == 0


def test_what_can_not_be_read_is_parked_with_the_field_that_is_wrong(
    inbox: Inbox, desk: InboxDesk, clock: Clock
) -> None:
    inbox.keep("sf", "1", A_PUSH)
    (kept,) = inbox.claim(1)

    inbox.park(kept.id, "lines[0].price", "字段 lines[0].price 无法识别")

    (parked,) = desk.entries(state=InboxState.PARKED)
    assert (parked.id, parked.door, parked.key) == (kept.id, "sf", "1")
    assert parked.fault_path == "lines[0].price"
    assert parked.fault_reason == "字段 lines[0].price 无法识别"
    assert (parked.received_at, parked.attempts) == (NOON, 1)
    assert inbox.waiting() == 0
    clock.time = NOON + 2 * CLAIM
    assert [] == inbox.claim(1)


def test_a_fault_that_is_no_text_can_still_be_written_down(inbox: Inbox, desk: InboxDesk) -> None:
    """JSON may bring half a character, and a field's path may be longer than an index."""
    assert inbox.keep("sf", "half \ud800", A_PUSH)
    (kept,) = inbox.claim(1)

    inbox.park(kept.id, "\ud800" * 300, "found \udfff")

    (parked,) = desk.entries()
    assert parked.fault_reason == r"found \udfff"


def test_times_are_told_in_utc_whatever_they_came_in(inbox: Inbox) -> None:
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    inbox.keep("sf", "1", Push(path="/", headers={}, query={}, body=b"", received_at=shanghai))

    received_at = inbox.claim(1)[0].push.received_at

    assert received_at == NOON
    assert received_at.tzinfo is UTC


def test_after_a_power_cut_the_last_minutes_are_told_again(inbox: Inbox, clock: Clock) -> None:
    """The engine may have forgotten them; what is older it has safely on disk."""
    for key in ("old", "new"):
        inbox.keep("sf", key, A_PUSH)
    old, new = inbox.claim(2)
    inbox.done(old.id)
    clock.time += timedelta(minutes=5)
    inbox.done(new.id)

    assert inbox.again_last(timedelta(minutes=2)) == 1
    assert [push.key for push in inbox.claim(2)] == ["new"]


def test_after_a_power_cut_it_is_in_doubt_which_orders_live(
    inbox: Inbox, book: OrderBook, clock: Clock
) -> None:
    """So the same push opens its order again; what is older is certain."""
    for minute, number in ((0, "old"), (5, "new")):
        clock.time = NOON + timedelta(minutes=minute)
        order_id = OrderId(f"miniprogram/{number}")
        book.enter(order_id, "miniprogram", number, NOON)
        book.opened(order_id, clock.time)
        book.saw(order_id, "mark", NOON)
        inbox.keep("miniprogram", number, A_PUSH)
        (kept,) = inbox.claim(1)
        inbox.done(kept.id, order_id)

    inbox.again_last(timedelta(minutes=2))

    old, new = (book.sight(OrderId(f"miniprogram/{number}")) for number in ("old", "new"))
    assert old is not None
    assert new is not None
    assert (old.opened_at, old.seen) == (NOON, "mark")
    assert (new.opened_at, new.seen, new.seen_at) == (None, None, None)


def test_an_empty_inbox_has_nothing_to_tell_again(inbox: Inbox) -> None:
    assert inbox.again_last(timedelta(minutes=2)) == 0
