"""The cases of the proof: every script, at every point of a life, with every single fault.

A plain life is lived first and tells its steps and events; nothing here is written down twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.fakes.turnstile import Moment
from tests.proof.injector import Fault, Strike
from tests.proof.scripts import SCRIPTS, Script

EVENTS = ("start", "packed", "collected", "arrived", "closed")  # told before they happen
QUIET = frozenset({"alert.ring", "alert.clear", "risk.check"})


@dataclass(frozen=True, slots=True)
class Point:
    """Where in a life the script is told: at a step, or before an event."""

    name: str
    moment: Moment | None = None

    def __str__(self) -> str:
        return f"{self.moment}:{self.name}" if self.moment else self.name


@dataclass(frozen=True, slots=True)
class Case:
    """One life to be lived; ``later`` is what else is told, each at an event."""

    script: Script
    point: Point
    fault: Fault | None = None
    later: tuple[tuple[Point, Script], ...] = ()

    def __str__(self) -> str:
        """Name the case, so that it can be lived again: ``whole/after:label.create/busy:…``."""
        struck = f"/{self.fault.strike}:{self.fault.step}" if self.fault else ""
        return f"{self.script.name}/{self.point}{struck}"


def points(steps: Sequence[str]) -> Iterator[Point]:
    """Tell every point of a life whose steps are these."""
    for step in dict.fromkeys(steps):
        yield Point(step, Moment.BEFORE)
        yield Point(step, Moment.AFTER)
    for event in EVENTS:
        yield Point(event)


def without_fault(steps: Sequence[str]) -> Iterator[Case]:
    """Tell every script at every point."""
    for script in SCRIPTS.values():
        for point in points(steps):
            yield Case(script, point)


def with_each_fault(case: Case, steps: Sequence[str]) -> Iterator[Case]:
    """Tell a case with each single fault of every partner that its life meets."""
    for step in dict.fromkeys(steps):
        if step not in QUIET:
            for strike in Strike:
                yield Case(case.script, case.point, Fault(step, strike))


def named(name: str) -> Case:
    """Read a case's name."""
    script, point, *fault = name.split("/")
    moment, sign, step = point.partition(":")
    where = Point(step, Moment(moment)) if sign else Point(point)
    if not fault:
        return Case(SCRIPTS[script], where)
    strike, _, struck = fault[0].partition(":")
    return Case(SCRIPTS[script], where, Fault(struck, Strike(strike)))
