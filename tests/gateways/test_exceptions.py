"""The queue of exceptions: opened once, taken by one, closed for good."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.order import order_id
from domain.trouble import Alert, Clearing, Remedy
from gateways.exception_alarm import ExceptionAlarm
from gateways.exception_rows import NoSuchException, OpenException, TakenByAnother
from gateways.exceptions import ExceptionBook, Part, StepCount
from rulebook.alerts import load_alerts
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

NOON = datetime(2026, 2, 6, 12, 0, tzinfo=UTC)
SOON = timedelta(minutes=30)
RULES = Path(__file__).parents[2] / "rules"


def an_alert(
    number: str = "A1",
    step: str = "label.create",
    channel: str = "douyin",
    reason: str = "地址不详",
) -> Alert:
    order = order_id(channel, number)
    return Alert(
        order_id=order,
        step=step,
        subject=f"{order}/1",
        reason=reason,
        remedies=(Remedy.RETRY, Remedy.CANCEL),
        since=NOON,
    )


def clearing_of(alert: Alert) -> Clearing:
    return Clearing(
        order_id=alert.order_id, step=alert.step, subject=alert.subject, since=alert.since
    )


KEY = "douyin/A1/1:label.create"


class Queue:
    """A book of exceptions, and a clock that stands still until a test moves it."""

    def __init__(self, hub: Engine) -> None:
        self.time = NOON
        self.book = ExceptionBook(hub, lambda: self.time)

    def opens(self, *alerts: Alert) -> None:
        for alert in alerts:
            self.book.opened(alert, alert.since + SOON)

    def keys(self, part: Part = Part.OPEN) -> list[str]:
        return keys(self.book.listed(part))


def keys(found: Sequence[OpenException]) -> list[str]:
    return [each.key for each in found]


@pytest.fixture
def queue(hub: Engine) -> Queue:
    return Queue(hub)


def test_an_exception_is_shown_with_its_reason_deadline_and_what_may_be_done(queue: Queue) -> None:
    queue.opens(an_alert())

    (found,) = queue.book.listed()

    assert (KEY, "地址不详", NOON, NOON + SOON) == (
        found.key,
        found.reason,
        found.since,
        found.deadline,
    )
    assert (Remedy.RETRY, Remedy.CANCEL) == found.remedies
    assert (None, None) == (found.owner, found.cleared_at)


def test_an_exception_that_is_told_twice_is_one(queue: Queue) -> None:
    queue.opens(an_alert())
    queue.book.take(KEY, "王芳")
    queue.opens(an_alert())

    (found,) = queue.book.listed()
    assert "王芳" == found.owner


def test_a_cleared_exception_stays_for_the_record_alone(queue: Queue) -> None:
    queue.opens(an_alert())
    queue.book.cleared(clearing_of(an_alert()))
    queue.time += SOON
    queue.book.cleared(clearing_of(an_alert()))

    assert [] == queue.keys()
    (found,) = queue.book.listed(Part.CLEARED)
    assert NOON == found.cleared_at
    with pytest.raises(NoSuchException, match="lifeline exceptions list"):
        queue.book.take(KEY, "王芳")


def test_an_exception_that_comes_back_is_a_new_one(queue: Queue) -> None:
    queue.opens(an_alert())
    queue.book.take(KEY, "王芳")
    queue.book.cleared(clearing_of(an_alert()))

    queue.opens(replace(an_alert(), since=NOON + SOON))
    queue.book.cleared(clearing_of(an_alert()))  # the first one's end, told late

    (found,) = queue.book.listed()
    assert (NOON + SOON, None) == (found.since, found.owner)


def test_what_was_never_opened_can_be_cleared(queue: Queue) -> None:
    queue.book.cleared(clearing_of(an_alert()))

    assert [] == queue.keys(Part.CLEARED)


def test_what_another_has_taken_is_refused_by_name(queue: Queue) -> None:
    queue.opens(an_alert())
    queue.book.take(KEY, "王芳")

    with pytest.raises(TakenByAnother, match="已由 王芳 在 02-06 20:00 领取"):
        queue.book.take(KEY, "李四")
    with pytest.raises(TakenByAnother, match="王芳"):
        queue.book.give_back(KEY, "李四")
    assert "王芳" == queue.book.shown(KEY).owner


def test_taking_twice_and_giving_back_twice_change_nothing(queue: Queue) -> None:
    queue.opens(an_alert())

    taken = queue.book.take(KEY, "王芳")
    queue.time += SOON
    assert taken == queue.book.take(KEY, "王芳")
    free = queue.book.give_back(KEY, "王芳")
    assert free == queue.book.give_back(KEY, "王芳")

    assert (None, None) == (free.owner, free.owned_at)
    assert "李四" == queue.book.take(KEY, "李四").owner


def test_of_two_people_at_the_same_moment_one_takes_it(queue: Queue) -> None:
    alerts = [an_alert(f"A{n}") for n in range(20)]
    queue.opens(*alerts)

    def take_all(name: str) -> list[str]:
        taken = list[str]()
        for alert in alerts:
            key = f"{alert.subject}:{alert.step}"
            try:
                queue.book.take(key, name)
            except TakenByAnother:
                continue
            taken.append(key)
        return taken

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(take_all, ("王芳", "李四"))

    assert sorted(first + second) == sorted(queue.keys())
    owners = {found.key: found.owner for found in queue.book.listed()}
    assert owners == {**dict.fromkeys(first, "王芳"), **dict.fromkeys(second, "李四")}


def test_the_list_answers_what_people_ask(queue: Queue) -> None:
    late = replace(an_alert("A2"), since=NOON - SOON)
    print_out = an_alert("B1", "printer.print", "youzan")
    queue.opens(an_alert(), late, print_out)
    queue.book.take(KEY, "王芳")

    assert ["douyin/A2/1:label.create"] == queue.keys(Part.OVERDUE)
    assert ["douyin/A2/1:label.create", "youzan/B1/1:printer.print"] == queue.keys(Part.UNTAKEN)
    assert [KEY] == keys(queue.book.listed(owner="王芳"))
    assert ["youzan/B1/1:printer.print"] == keys(queue.book.listed(step="printer.print"))
    assert ["youzan/B1/1:printer.print"] == keys(queue.book.listed(channel="youzan"))
    assert [] == keys(queue.book.listed(channel="you%"))
    assert [KEY] == keys(queue.book.listed(order_id="douyin/A1"))
    assert 1 == len(queue.book.listed(limit=1))


def test_the_one_that_must_be_closed_first_stands_first(queue: Queue) -> None:
    queue.opens(an_alert("A1"), replace(an_alert("A2"), since=NOON - SOON))

    assert ["douyin/A2/1:label.create", KEY] == queue.keys()


def test_the_counts_tell_each_step(queue: Queue) -> None:
    late = replace(an_alert("A2"), since=NOON - SOON)
    queue.opens(an_alert(), late, an_alert("A3", "printer.print"), an_alert("A4"))
    queue.book.take(KEY, "王芳")
    queue.book.cleared(clearing_of(an_alert("A4")))

    assert [
        StepCount(step="label.create", open=2, overdue=1, untaken=1),
        StepCount(step="printer.print", open=1, overdue=0, untaken=1),
    ] == queue.book.counts()


async def test_the_deadline_follows_the_step(queue: Queue) -> None:
    alarm = ExceptionAlarm(queue.book, load_alerts(RULES))

    told = await alarm.ring(an_alert(step="printer.print"))
    await alarm.ring(an_alert("A2"))

    assert NOON + timedelta(minutes=10) == told
    assert [told, NOON + SOON] == [found.deadline for found in queue.book.listed()]


async def test_an_alert_from_before_the_queue_is_put_under_its_step(queue: Queue) -> None:
    old = replace(an_alert(), step="", subject="获取运单号 douyin/A1/1", remedies=("重试",))

    await ExceptionAlarm(queue.book, load_alerts(RULES)).ring(old)

    assert [KEY] == queue.keys()
