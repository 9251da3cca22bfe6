from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine

from domain.events import Push
from gateways.inbox import CLAIM, Inbox
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

NOON = datetime(2026, 2, 6, 12, 0, 0, 123456, tzinfo=UTC)
A_PUSH = Push(
    path="/hooks/sf/x",
    headers={"content-type": "application/json", "x-who": "顺丰"},
    query={"sign": "a=b&c"},
    body=b'{"n": "\xe6\x9d\xad\xe5\xb7\x9e"}\x00\xff',
    received_at=NOON,
)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(hub: Engine, clock: Callable[[], datetime]) -> Inbox:
    return Inbox(hub, clock)


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
    inbox: Inbox, clock: Clock
) -> None:
    inbox.keep("sf", "1", A_PUSH)
    (kept,) = inbox.claim(1)

    inbox.park(kept.id, "lines[0].price", "字段 lines[0].price 无法识别")

    (parked,) = inbox.parked()
    assert (parked.id, parked.door, parked.key, parked.path, parked.reason) == (
        kept.id,
        "sf",
        "1",
        "lines[0].price",
        "字段 lines[0].price 无法识别",
    )
    assert (parked.received_at, parked.attempts) == (NOON, 1)
    assert inbox.waiting() == 0
    clock.time = NOON + 2 * CLAIM
    assert [] == inbox.claim(1)


def test_what_was_parked_can_be_handed_on_again(inbox: Inbox) -> None:
    inbox.keep("sf", "1", A_PUSH)
    (kept,) = inbox.claim(1)
    inbox.park(kept.id, "x", "y")

    assert inbox.again(kept.id)

    assert [] == inbox.parked()
    (again,) = inbox.claim(1)
    assert (again.id, again.attempts) == (kept.id, 2)


def test_only_what_is_settled_can_be_handed_on_again(inbox: Inbox) -> None:
    inbox.keep("sf", "1", A_PUSH)
    (kept,) = inbox.claim(1)

    assert not inbox.again(kept.id)
    assert not inbox.again(kept.id + 1)
    assert [] == inbox.claim(1)  # the claim still holds


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


def test_an_empty_inbox_has_nothing_to_tell_again(inbox: Inbox) -> None:
    assert inbox.again_last(timedelta(minutes=2)) == 0
