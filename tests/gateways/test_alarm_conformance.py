"""The same facts about every alarm: an order says that it needs a person, and then that not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from activities.alert import Alarm
from domain.order import order_id
from domain.trouble import Alert, Clearing, Remedy
from gateways.exception_alarm import ExceptionAlarm
from gateways.exceptions import ExceptionBook, Part
from rulebook.alerts import load_alerts
from tests.fakes.alarm import FakeAlarm
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

RULES = Path(__file__).parents[2] / "rules"
ALERT = Alert(
    order_id=order_id("miniprogram", "A1001"),
    step="label.create",
    subject="miniprogram/A1001/1",
    reason="sf 拒绝了请求:8051 地址不在服务范围",
    remedies=(Remedy.EDIT_ADDRESS, Remedy.CANCEL),
    since=datetime(2026, 2, 6, 12, 30, tzinfo=UTC),
)
CLEARING = Clearing(
    order_id=ALERT.order_id, step=ALERT.step, subject=ALERT.subject, since=ALERT.since
)


@dataclass(frozen=True, slots=True)
class Subject:
    """An alarm under test, and what stands in its queue."""

    alarm: Alarm
    waiting: Callable[[], set[str]]
    cleared: Callable[[], set[str]]


@pytest.fixture(params=["fake", "queue"])
def subject(request: pytest.FixtureRequest, hub: Engine) -> Subject:
    if request.param == "queue":
        book = ExceptionBook(hub)
        return Subject(
            ExceptionAlarm(book, load_alerts(RULES)),
            lambda: {found.subject for found in book.listed()},
            lambda: {found.subject for found in book.listed(Part.CLEARED)},
        )
    fake = FakeAlarm()
    return Subject(
        fake,
        lambda: {alert.subject for alert in fake.rung} - {end.subject for end in fake.cleared},
        lambda: {end.subject for end in fake.cleared},
    )


async def test_an_order_that_needs_a_person_stands_in_the_queue(subject: Subject) -> None:
    deadline = await subject.alarm.ring(ALERT)

    assert {ALERT.subject} == subject.waiting()
    assert ALERT.since + timedelta(minutes=30) == deadline


async def test_an_alert_that_is_told_twice_is_answered_the_same(subject: Subject) -> None:
    first = await subject.alarm.ring(ALERT)

    assert first == await subject.alarm.ring(ALERT)
    assert {ALERT.subject} == subject.waiting()


async def test_what_needs_nobody_any_more_leaves_the_queue(subject: Subject) -> None:
    other = replace(ALERT, subject="miniprogram/A1001/2")
    await subject.alarm.ring(ALERT)
    await subject.alarm.ring(other)

    await subject.alarm.clear(CLEARING)
    await subject.alarm.clear(CLEARING)

    assert {other.subject} == subject.waiting()
    assert {ALERT.subject} == subject.cleared()
