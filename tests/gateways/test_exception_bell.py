"""People are called about exceptions in groups, once for each rung, and again when nobody comes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from domain.trouble import Alert
from gateways.exception_bell import CALL, MOST_KINDS, REST, ExceptionBell
from gateways.exceptions import ExceptionBook
from gateways.ringing import Kind, Ringing
from rulebook.alerts import AlertRules, Rung, StepRule
from tests.gateways.hubs import hub
from tests.gateways.test_exceptions import KEY, NOON, an_alert, clearing_of
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

WITHIN = timedelta(minutes=30)
GATHER = timedelta(seconds=10)
RULES = AlertRules(
    gather=GATHER,
    default=StepRule(
        within=WITHIN,
        ladder=(
            Rung(after=timedelta(0), to=("lisi",)),
            Rung(after=timedelta(minutes=20), to=("wangfang",)),
        ),
    ),
    steps={},
)


class Inside:
    """A queue, its bell, and a clock that stands still until a test moves it."""

    def __init__(self, hub: Engine) -> None:
        self.time = NOON + GATHER
        self.book = ExceptionBook(hub, lambda: self.time)
        self.bell = ExceptionBell(hub, RULES, lambda: self.time)

    def opens(self, *alerts: Alert) -> None:
        for alert in alerts:
            self.book.opened(alert, alert.since + WITHIN)

    def ring(self) -> list[Ringing]:
        """Call people about everything that is due."""
        taken = [self.bell.take(kind) for kind in self.bell.due()]
        rung = [ringing for ringing in taken if ringing]
        for ringing in rung:
            self.bell.heard(ringing)
        return rung

    def at(self, time: datetime) -> None:
        self.time = time


@pytest.fixture
def inside(hub: Engine) -> Inside:
    return Inside(hub)


def test_exceptions_of_one_step_and_reason_are_one_message(inside: Inside) -> None:
    times = [NOON - timedelta(seconds=n) for n in range(4)]
    inside.opens(*(replace(an_alert(f"A{n}"), since=time) for n, time in enumerate(times)))
    inside.opens(an_alert("B1", "printer.print"))

    printer, label = sorted(inside.ring(), key=lambda ringing: ringing.count)

    assert (4, ("地址不详",), 0, ()) == (label.count, label.reasons, label.rung, label.to)
    assert ["douyin/A3/1", "douyin/A2/1", "douyin/A1/1"] == [old.subject for old in label.oldest]
    assert (1, "printer.print") == (printer.count, printer.step)
    assert [] == inside.ring()


def test_a_new_exception_waits_a_moment_for_others_like_it(inside: Inside) -> None:
    inside.opens(replace(an_alert(), since=NOON + timedelta(seconds=1)))

    assert [] == inside.ring()
    inside.at(inside.time + timedelta(seconds=1))
    assert 1 == len(inside.ring())


def test_a_storm_of_one_kind_rings_again_only_after_a_rest(inside: Inside) -> None:
    inside.opens(an_alert("A1"))
    assert 1 == len(inside.ring())
    inside.opens(an_alert("A2"), an_alert("A3"))
    assert [] == inside.ring()

    inside.at(inside.time + REST)

    assert [2] == [ringing.count for ringing in inside.ring()]
    assert REST + GATHER < timedelta(minutes=1)


def test_a_storm_of_many_reasons_is_one_message_for_each_step(inside: Inside) -> None:
    many = [an_alert(f"A{n}", reason=f"理由 {n}") for n in range(MOST_KINDS)]
    inside.opens(*many, an_alert("B1", "printer.print"))

    rung = {ringing.step: ringing for ringing in inside.ring()}

    assert {"label.create": MOST_KINDS, "printer.print": 1} == {
        step: ringing.count for step, ringing in rung.items()
    }
    assert 3 == len(rung["label.create"].reasons)

    inside.opens(*(an_alert(f"C{n}", reason=f"又一个 {n}") for n in range(MOST_KINDS + 1)))
    assert [] == inside.ring()
    inside.at(inside.time + REST)
    assert [MOST_KINDS + 1] == [ringing.count for ringing in inside.ring()]


def test_two_fronts_call_once(inside: Inside) -> None:
    inside.opens(an_alert())
    (kind,) = inside.bell.due()

    assert inside.bell.take(kind)
    inside.at(inside.time + timedelta(microseconds=1))
    assert inside.bell.take(kind) is None


def test_a_call_that_reached_nobody_is_made_again(inside: Inside) -> None:
    inside.opens(an_alert())
    (kind,) = inside.bell.due()
    first = inside.bell.take(kind)
    assert first

    inside.bell.give_back(first)

    assert [first] == inside.ring()


def test_a_front_that_is_killed_while_it_calls_leaves_it_to_the_next(inside: Inside) -> None:
    inside.opens(an_alert())
    (kind,) = inside.bell.due()
    inside.bell.take(kind)  # and nothing more is heard of it
    assert [] == inside.ring()
    assert 0 == inside.book.shown(KEY).escalations

    inside.at(inside.time + CALL)

    assert [1] == [ringing.count for ringing in inside.ring()]
    inside.at(inside.time + CALL)
    assert [] == inside.ring()


def test_what_is_cleared_before_it_rings_is_nobody_s_business(inside: Inside) -> None:
    inside.opens(an_alert())
    inside.book.cleared(clearing_of(an_alert()))

    assert [] == inside.ring()


def test_what_is_overdue_climbs_the_ladder_one_person_after_the_other(inside: Inside) -> None:
    inside.opens(an_alert())
    inside.ring()
    inside.book.take(KEY, "王芳")  # a name on it does not stop the clock

    inside.at(NOON + WITHIN)
    (first,) = inside.ring()
    assert [] == inside.ring()
    inside.at(NOON + WITHIN + timedelta(minutes=20))
    (second,) = inside.ring()
    inside.at(NOON + timedelta(days=9))

    assert [(1, ("lisi",)), (2, ("wangfang",))] == [
        (ringing.rung, ringing.to) for ringing in (first, second)
    ]
    assert "王芳" == first.oldest[0].owner
    assert [] == inside.ring()
    assert 2 == inside.book.shown(KEY).escalations


def test_a_front_that_was_away_calls_the_one_whose_turn_it_is_now(inside: Inside) -> None:
    inside.opens(an_alert())
    inside.ring()

    inside.at(NOON + timedelta(days=1))

    assert [("wangfang",)] == [ringing.to for ringing in inside.ring()]
    assert [] == inside.ring()


def test_an_escalation_that_reached_nobody_is_made_again(inside: Inside) -> None:
    inside.opens(an_alert())
    inside.ring()
    inside.at(NOON + WITHIN)
    (first,) = inside.ring()

    inside.bell.give_back(first)

    assert [first] == inside.ring()


def test_nobody_climbs_a_ladder_for_what_is_cleared(inside: Inside) -> None:
    inside.opens(an_alert(), an_alert("A2"))
    inside.ring()
    inside.book.cleared(clearing_of(an_alert()))

    inside.at(NOON + WITHIN)

    assert [["douyin/A2/1"]] == [[old.subject for old in each.oldest] for each in inside.ring()]


def test_what_was_due_and_is_cleared_meanwhile_is_not_rung(inside: Inside) -> None:
    inside.opens(an_alert())
    kinds = inside.bell.due()
    inside.book.cleared(clearing_of(an_alert()))

    assert [Kind(step="label.create", reasons=("地址不详",))] == kinds
    assert inside.bell.take(kinds[0]) is None
