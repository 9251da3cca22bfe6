"""The inbox: every push is kept here before it is answered, and handed on from here (design 7)."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, Select, func, insert, or_, select, update

from domain.clock import utc_now
from domain.events import Push
from gateways.database import READING
from gateways.tables import INBOX, LONG_KEY, InboxState
from gateways.transaction import inserted, patient

# A drain is done with its batch in well under a second; one that is not has died.
CLAIM = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPush:
    """A push that was claimed; ``attempts`` counts the claims, this one too."""

    id: int
    door: str
    key: str
    push: Push
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedPush:
    """A push that could not be told in our words: ``path`` names the field, ``reason`` says why."""

    id: int
    door: str
    key: str
    path: str
    reason: str
    received_at: datetime
    attempts: int


class Inbox:
    """Keeps pushes, each once, and hands each on until it is done or parked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now

    @patient("hub")
    def keep(self, door: str, key: str, push: Push) -> bool:
        """Keep a push; it is committed when this returns. ``False``: it was here before."""
        return inserted(self._engine, insert(INBOX).values(**_row(door, key, push)))

    @patient("hub")
    def claim(self, limit: int) -> list[KeptPush]:
        """Take the oldest pushes that nobody works on, at most ``limit``.

        A claim lapses after ``CLAIM``, so what a killed drain had taken comes again. Two drains
        never meet: on MySQL the second skips locked rows, on SQLite it waits for the first.
        """
        now = self._now()
        with self._engine.begin() as connection:
            rows = connection.execute(_free(now, limit)).all()
            taken = update(INBOX).where(INBOX.c.id.in_([row.id for row in rows]))
            if rows:
                claims = {"claimed_until": now + CLAIM, "attempts": INBOX.c.attempts + 1}
                connection.execute(taken.values(claims))
        return [_kept(row) for row in rows]

    def done(self, push_id: int, order_id: str | None = None) -> None:
        """Say that a push was handed on, and to which order."""
        self.done_all({push_id: order_id})

    @patient("hub")
    def done_all(self, orders: Mapping[int, str | None]) -> None:
        """Say of several pushes, by id, that they were handed on to these orders: one commit."""
        now = self._now()
        with self._engine.begin() as connection:
            for push_id, order_id in orders.items():
                connection.execute(
                    update(INBOX)
                    .where(INBOX.c.id == push_id)
                    .values(state=InboxState.DONE, order_id=order_id, settled_at=now)
                )

    @patient("hub")
    def park(self, push_id: int, path: str, reason: str) -> None:
        """Put a push aside that can't be read: ``path`` is the field, ``reason`` for a person."""
        with self._engine.begin() as connection:
            connection.execute(
                update(INBOX)
                .where(INBOX.c.id == push_id)
                .values(
                    state=InboxState.PARKED,
                    fault_path=path[:LONG_KEY],
                    fault_reason=reason,
                    settled_at=self._now(),
                )
            )

    @patient("hub")
    def again(self, push_id: int) -> bool:
        """Hand a settled push on once more; ``False`` when there is none under this id."""
        with self._engine.begin() as connection:
            done = connection.execute(
                update(INBOX)
                .where(INBOX.c.id == push_id, INBOX.c.state != InboxState.NEW)
                .values(state=InboxState.NEW, claimed_until=None, settled_at=None)
            )
        return done.rowcount == 1

    @patient("hub")
    def again_last(self, stretch: timedelta) -> int:
        """Hand on once more what was done in the last ``stretch`` before the hub stopped.

        A power cut can take the engine's last commits, and with them the start of a life whose push
        is done here. Telling an order twice is harmless, so the last minutes are told again.
        """
        newest = select(func.max(INBOX.c.settled_at))
        with self._engine.begin() as connection:
            last = connection.execute(newest.where(INBOX.c.state == InboxState.DONE)).scalar_one()
            if last is None:
                return 0
            done = connection.execute(
                update(INBOX)
                .where(INBOX.c.state == InboxState.DONE, INBOX.c.settled_at >= last - stretch)
                .values(state=InboxState.NEW, claimed_until=None, settled_at=None)
            )
        return done.rowcount

    @patient("hub")
    def waiting(self) -> int:
        """Count the pushes that are neither done nor parked."""
        count = select(func.count()).where(INBOX.c.state == InboxState.NEW)
        with self._reading.begin() as connection:
            return connection.execute(count).scalar_one()

    @patient("hub")
    def parked(self) -> list[ParkedPush]:
        """Tell the pushes that wait for a person, oldest first, without what is in them."""
        query = (
            select(
                INBOX.c.id,
                INBOX.c.door,
                INBOX.c.event_key.label("key"),
                INBOX.c.fault_path.label("path"),
                INBOX.c.fault_reason.label("reason"),
                INBOX.c.received_at,
                INBOX.c.attempts,
            )
            .where(INBOX.c.state == InboxState.PARKED)
            .order_by(INBOX.c.id)
        )
        with self._reading.begin() as connection:
            return [ParkedPush(**row) for row in connection.execute(query).mappings()]


def _row(door: str, key: str, push: Push) -> dict[str, object]:
    return {
        "door": door,
        "event_key": _fitting(key),
        "path": push.path,
        "headers": json.dumps(dict(push.headers), ensure_ascii=False),
        "query": json.dumps(dict(push.query), ensure_ascii=False),
        "body": push.body,
        "received_at": push.received_at,
        "state": InboxState.NEW,
        "attempts": 0,
    }


def _fitting(key: str) -> str:
    """Keep a key as it is, or its hash when an index has no room for it."""
    return key if len(key) <= LONG_KEY else hashlib.sha256(key.encode()).hexdigest()


def _free(now: datetime, limit: int) -> Select[Any]:
    unclaimed = or_(INBOX.c.claimed_until.is_(None), INBOX.c.claimed_until <= now)
    return (
        select(INBOX)
        .where(INBOX.c.state == InboxState.NEW, unclaimed)
        .order_by(INBOX.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _kept(row: Row[Any]) -> KeptPush:
    push = Push(
        path=row.path,
        headers=json.loads(row.headers),
        query=json.loads(row.query),
        body=row.body,
        received_at=row.received_at,
    )
    return KeptPush(
        id=row.id, door=row.door, key=row.event_key, push=push, attempts=row.attempts + 1
    )
