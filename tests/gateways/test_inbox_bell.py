"""People are called once for each kind of parked push, and again when it matters again."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from domain.events import Push
from domain.hands import Hand
from gateways.inbox import Inbox
from gateways.inbox_bell import AGAIN_AFTER, InboxBell, ParkedKind
from gateways.inbox_desk import InboxDesk
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

NOON = datetime(2026, 2, 6, 12, 0, tzinfo=UTC)
A_PUSH = Push(path="/", headers={}, query={}, body=b"", received_at=NOON)
A_HAND = Hand(by="李四", reason="映射已修正")


class Inside:
    """An inbox, its bell, and a clock that stands still until a test moves it."""

    def __init__(self, hub: Engine) -> None:
        self.time = NOON
        self.inbox = Inbox(hub, lambda: self.time)
        self.desk = InboxDesk(hub, lambda: self.time)
        self.bell = InboxBell(hub, lambda: self.time)

    def park(self, door: str, path: str) -> int:
        self.inbox.keep(door, f"{path}{self.inbox.waiting()}{len(self.desk.entries())}", A_PUSH)
        (kept,) = self.inbox.claim(1)
        self.inbox.park(kept.id, path, f"字段 {path} 无法识别")
        return kept.id


@pytest.fixture
def inside(hub: Engine) -> Inside:
    return Inside(hub)


def test_each_kind_is_heard_of_once_with_its_count(inside: Inside) -> None:
    for _ in range(3):
        inside.park("douyin", "price")
    inside.park("youzan", "price")

    kinds = inside.bell.unheard()

    assert kinds == [
        ParkedKind(door="douyin", path="price", reason="字段 price 无法识别", count=3),
        ParkedKind(door="youzan", path="price", reason="字段 price 无法识别", count=1),
    ]
    assert [True, True] == [inside.bell.take(kind) for kind in kinds]
    inside.park("douyin", "price")
    assert [] == inside.bell.unheard()


def test_two_fronts_call_once(inside: Inside) -> None:
    inside.park("douyin", "price")
    (kind,) = inside.bell.unheard()

    assert inside.bell.take(kind)
    assert not inside.bell.take(kind)


def test_after_a_day_people_are_called_again(inside: Inside) -> None:
    inside.park("douyin", "price")
    (kind,) = inside.bell.unheard()
    inside.bell.take(kind)

    inside.time = NOON + AGAIN_AFTER

    assert [kind] == inside.bell.unheard()
    assert inside.bell.take(kind)
    assert [] == inside.bell.unheard()


def test_a_call_that_reached_nobody_is_made_again(inside: Inside) -> None:
    inside.park("douyin", "price")
    (kind,) = inside.bell.unheard()
    inside.bell.take(kind)

    inside.bell.give_back(kind)

    assert [kind] == inside.bell.unheard()


def test_a_kind_that_was_cleared_and_comes_back_is_news(inside: Inside) -> None:
    first, second = inside.park("douyin", "price"), inside.park("douyin", "price")
    inside.bell.take(inside.bell.unheard()[0])

    inside.desk.drop(first, A_HAND)
    inside.park("douyin", "price")
    assert [] == inside.bell.unheard()  # it was never all cleared

    inside.desk.replay_parked("douyin", "price", A_HAND)
    for kept in inside.inbox.claim(9):
        inside.inbox.park(kept.id, "price", "字段 price 无法识别")

    assert [2] == [kind.count for kind in inside.bell.unheard()]
    assert second in inside.desk.parked_ids("douyin", "price")
