"""About which exceptions people have not been called, and which have waited past their deadline."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, case, func, or_, select, update

from domain.clock import utc_now
from gateways.database import READING
from gateways.exception_rows import CALLING, OPEN, exception_of
from gateways.ringing import Kind, Ringing
from gateways.tables import EXCEPTIONS
from gateways.transaction import patient
from rulebook.alerts import AlertRules

# In a storm one message tells all of a step's exceptions, so that each step is heard of within the
# minute: there are fewer steps than a robot has messages.
MOST_KINDS = 8
# A kind that people were just called about is rung again at the earliest after this.
REST = timedelta(seconds=45)
# Whoever calls people is done within this, or was killed in the middle of it.
CALL = timedelta(minutes=1)
SHOWN = 3


class _Line(NamedTuple):
    """All open exceptions of one step with one reason."""

    step: str
    reason: str
    first: datetime | None  # the oldest that nobody was called about
    last: datetime | None  # when people were last called about one of them


class ExceptionBell:
    """Remembers what people were called about: each exception once for each rung."""

    def __init__(
        self, engine: Engine, rules: AlertRules, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._rules = rules
        self._now = now

    def due(self) -> Sequence[Kind]:
        """Tell what people must be called about now."""
        return [*self._unheard(), *self._overdue()]

    @patient("hub")
    def take(self, kind: Kind) -> Ringing | None:
        """Take it on oneself to call people; ``None`` when another has done so just now."""
        at = self._now()
        with self._engine.begin() as connection:
            connection.execute(
                update(EXCEPTIONS)
                .where(_waiting(kind, at))
                .values(rung_at=at, escalations=kind.rung or CALLING)
            )
            return _ringing(connection, kind, at)

    @patient("hub")
    def heard(self, ringing: Ringing) -> None:
        """Say that people were called."""
        called = update(EXCEPTIONS).where(_taken(ringing)).values(escalations=ringing.rung)
        with self._engine.begin() as connection:
            connection.execute(called)

    @patient("hub")
    def give_back(self, ringing: Ringing) -> None:
        """Say that nobody could be called after all."""
        before: dict[str, Any] = {"escalations": max(ringing.rung - 1, 0)}
        if not ringing.rung:
            before["rung_at"] = None
        with self._engine.begin() as connection:
            connection.execute(update(EXCEPTIONS).where(_taken(ringing)).values(before))

    def _unheard(self) -> Sequence[Kind]:
        """Tell the kinds that have gathered for long enough and did not ring just now."""
        now = self._now()
        lines = self._lines()
        ripe = [line for line in lines if _is_ripe(line, now - self._rules.gather, now - REST)]
        if len(ripe) <= MOST_KINDS:
            return [Kind(step=line.step, reasons=(line.reason,)) for line in ripe]
        busy = {line.step for line in lines if line.last and line.last > now - REST}
        steps = dict.fromkeys(line.step for line in ripe if line.step not in busy)
        return [Kind(step=step) for step in steps]

    @patient("hub")
    def _lines(self) -> Sequence[_Line]:
        place = (EXCEPTIONS.c.step, EXCEPTIONS.c.reason)
        first = func.min(case((_unrung(self._now()), EXCEPTIONS.c.since)))
        last = func.max(EXCEPTIONS.c.rung_at)
        query = select(*place, first, last).where(OPEN).group_by(*place).order_by(first, *place)
        with self._reading.begin() as connection:
            return [_Line(*row) for row in connection.execute(query)]

    @patient("hub")
    def _overdue(self) -> Sequence[Kind]:
        """Tell the rungs that somebody must be called on; the highest first, who skips none."""
        late = select(EXCEPTIONS.c.step).where(OPEN, EXCEPTIONS.c.deadline <= self._now())
        with self._reading.begin() as connection:
            steps = connection.execute(late.distinct().order_by(EXCEPTIONS.c.step)).scalars().all()
            return [
                kind
                for step in steps
                for kind in self._rungs(step)
                if connection.execute(
                    select(EXCEPTIONS.c.step).where(_waiting(kind, self._now())).limit(1)
                ).first()
            ]

    def _rungs(self, step: str) -> Iterator[Kind]:
        ladder = self._rules.of(step).ladder
        for number, rung in reversed([*enumerate(ladder, start=1)]):
            yield Kind(step=step, rung=number, before=self._now() - rung.after, to=rung.to)


def _is_ripe(line: _Line, gathered: datetime, rested: datetime) -> bool:
    if line.first is None or line.first > gathered:
        return False
    return line.last is None or line.last <= rested


def _unrung(now: datetime) -> ColumnElement[bool]:
    """Tell what nobody was called about, or only by somebody who was killed in the middle."""
    lost = and_(EXCEPTIONS.c.escalations == CALLING, EXCEPTIONS.c.rung_at <= now - CALL)
    return or_(EXCEPTIONS.c.rung_at.is_(None), lost)


def _waiting(kind: Kind, now: datetime) -> ColumnElement[bool]:
    """Tell which exceptions a call is about, before it is made."""
    which = and_(OPEN, EXCEPTIONS.c.step == kind.step)
    if kind.before is not None:
        late = EXCEPTIONS.c.deadline <= kind.before
        return and_(which, ~_unrung(now), EXCEPTIONS.c.escalations < kind.rung, late)
    if kind.reasons:
        which = and_(which, EXCEPTIONS.c.reason.in_(kind.reasons))
    return and_(which, _unrung(now))


def _taken(ringing: Ringing) -> ColumnElement[bool]:
    return _rung_at(ringing.step, ringing.rung, ringing.at)


def _rung_at(step: str, rung: int, at: datetime) -> ColumnElement[bool]:
    state = EXCEPTIONS.c.escalations == (rung or CALLING)
    return and_(EXCEPTIONS.c.step == step, EXCEPTIONS.c.rung_at == at, state)


def _ringing(connection: Connection, kind: Kind, at: datetime) -> Ringing | None:
    """Tell what was just taken on."""
    which = _rung_at(kind.step, kind.rung, at)
    number = func.count().label("number")
    reasons = connection.execute(
        select(EXCEPTIONS.c.reason, number)
        .where(which)
        .group_by(EXCEPTIONS.c.reason)
        .order_by(number.desc(), EXCEPTIONS.c.reason)
    ).all()
    oldest = select(EXCEPTIONS).where(which).order_by(EXCEPTIONS.c.since, EXCEPTIONS.c.subject)
    rows = connection.execute(oldest.limit(SHOWN)).mappings()
    if not reasons:
        return None
    return Ringing(
        step=kind.step,
        rung=kind.rung,
        to=kind.to,
        count=sum(row.number for row in reasons),
        reasons=tuple(row.reason for row in reasons[:SHOWN]),
        oldest=tuple(exception_of(row) for row in rows),
        at=at,
    )
