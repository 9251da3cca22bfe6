"""The queue of exceptions: which orders wait for a person, until when, and who works on them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    func,
    insert,
    select,
    update,
)

from domain.clock import utc_now
from domain.trouble import Alert, Clearing
from gateways.database import READING, writable
from gateways.exception_rows import (
    OPEN,
    NoSuchException,
    OpenException,
    TakenByAnother,
    exception_of,
    open_as,
)
from gateways.tables import EXCEPTIONS
from gateways.transaction import inserted, patient

NAME_ROOM = 64
REASON_ROOM = 4000  # characters; nobody reads more


class Part(StrEnum):
    """Which exceptions somebody wants to see."""

    OPEN = "open"
    OVERDUE = "overdue"
    UNTAKEN = "untaken"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCount:
    """How many exceptions of one step are open, past their deadline, and taken by nobody."""

    step: str
    open: int
    overdue: int
    untaken: int


class ExceptionBook:
    """The hub's record of exceptions. Rows stay when they are cleared."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now

    @patient("hub")
    def opened(self, alert: Alert, deadline: datetime) -> None:
        """Put an exception into the queue; one that is there already stays as it is."""
        row = {
            "order_id": alert.order_id,
            "step": alert.step,
            "subject": alert.subject,
            "since": alert.since,
            "reason": writable(alert.reason)[:REASON_ROOM],
            "remedies": json.dumps(alert.remedies, ensure_ascii=False),
            "deadline": deadline,
            "escalations": 0,
        }
        inserted(self._engine, insert(EXCEPTIONS).values(row))

    @patient("hub")
    def cleared(self, clearing: Clearing) -> None:
        """Close an exception; one that is closed, or was never there, is fine."""
        known = and_(
            EXCEPTIONS.c.order_id == clearing.order_id,
            EXCEPTIONS.c.step == clearing.step,
            EXCEPTIONS.c.subject == clearing.subject,
            EXCEPTIONS.c.since == clearing.since,
        )
        closed = update(EXCEPTIONS).where(known, OPEN).values(cleared_at=self._now())
        with self._engine.begin() as connection:
            connection.execute(closed)

    @patient("hub")
    def listed(
        self,
        part: Part = Part.OPEN,
        *,
        owner: str | None = None,
        step: str | None = None,
        channel: str | None = None,
        order_id: str | None = None,
        limit: int = 50,
    ) -> Sequence[OpenException]:
        """Tell those that must be closed soonest first; of cleared ones the latest first."""
        wanted = {EXCEPTIONS.c.owner: owner, EXCEPTIONS.c.step: step}
        wanted[EXCEPTIONS.c.order_id] = order_id
        query = select(EXCEPTIONS).where(self._within(part))
        query = query.where(*(column == value for column, value in wanted.items() if value))
        if channel:
            query = query.where(EXCEPTIONS.c.order_id.startswith(f"{channel}/", autoescape=True))
        newest, soonest = EXCEPTIONS.c.cleared_at.desc(), EXCEPTIONS.c.deadline
        order = newest if part is Part.CLEARED else soonest
        query = query.order_by(order, EXCEPTIONS.c.since, EXCEPTIONS.c.order_id).limit(limit)
        with self._reading.begin() as connection:
            return [exception_of(row) for row in connection.execute(query).mappings()]

    @patient("hub")
    def counts(self) -> Sequence[StepCount]:
        """Tell how many are open, step by step, the most first."""
        overdue = case((self._within(Part.OVERDUE), 1), else_=0)
        untaken = case((EXCEPTIONS.c.owner.is_(None), 1), else_=0)
        number = func.count().label("open")
        query = (
            select(EXCEPTIONS.c.step, number, func.sum(overdue), func.sum(untaken))
            .where(OPEN)
            .group_by(EXCEPTIONS.c.step)
            .order_by(number.desc(), EXCEPTIONS.c.step)
        )
        with self._reading.begin() as connection:
            return [
                StepCount(step=step, open=count, overdue=int(late), untaken=int(free))
                for step, count, late, free in connection.execute(query)
            ]

    @patient("hub")
    def shown(self, key: str) -> OpenException:
        """Tell one open exception; ``NoSuchException`` when there is none."""
        with self._reading.begin() as connection:
            return _find(connection, key)

    @patient("hub")
    def take(self, key: str, by: str) -> OpenException:
        """Take an exception on oneself; taking what is one's own already changes nothing.

        Raises:
            NoSuchException: nothing is open under this key.
            TakenByAnother: somebody else was quicker; the message names them.
        """
        name = writable(by)[:NAME_ROOM]
        found = self._pass(key, None, name)
        if found.owner is None:
            return self.take(key, by)  # another has let it go between the two looks
        if found.owner != name:
            raise TakenByAnother(key, found.owner, found.owned_at or found.since)
        return found

    @patient("hub")
    def give_back(self, key: str, by: str) -> OpenException:
        """Let others take it; what nobody has is fine.

        Raises:
            NoSuchException: nothing is open under this key.
            TakenByAnother: it is somebody else's.
        """
        found = self._pass(key, writable(by)[:NAME_ROOM], None)
        if found.owner is not None:
            raise TakenByAnother(key, found.owner, found.owned_at or found.since)
        return found

    def _pass(self, key: str, giver: str | None, taker: str | None) -> OpenException:
        """Let one hand it to another in one statement, if it is the giver's; tell how it stands."""
        theirs = EXCEPTIONS.c.owner.is_(None) if giver is None else EXCEPTIONS.c.owner == giver
        since = None if taker is None else self._now()
        passed = update(EXCEPTIONS).where(open_as(key), theirs)
        with self._engine.begin() as connection:
            connection.execute(passed.values(owner=taker, owned_at=since))
            return _find(connection, key)

    def _within(self, part: Part) -> ColumnElement[bool]:
        match part:
            case Part.OPEN:
                return OPEN
            case Part.OVERDUE:
                return and_(OPEN, EXCEPTIONS.c.deadline <= self._now())
            case Part.UNTAKEN:
                return and_(OPEN, EXCEPTIONS.c.owner.is_(None))
            case Part.CLEARED:
                return EXCEPTIONS.c.cleared_at.is_not(None)


def _find(connection: Connection, key: str) -> OpenException:
    row = connection.execute(select(EXCEPTIONS).where(open_as(key))).mappings().first()
    if row is None:
        raise NoSuchException(key)
    return exception_of(row)
