"""The inbox: every push is kept here before it is answered, and handed on from here (design 7)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from domain.clock import utc_now
from domain.events import Push
from domain.order import OrderId
from gateways.database import READING, writable
from gateways.inbox_rows import push_of, row_of
from gateways.order_rows import CLEAR
from gateways.tables import INBOX, LONG_KEY, ORDERS, InboxState
from gateways.transaction import inserted, patient

# A drain is done with its batch in well under a second; one that is not has died.
CLAIM = timedelta(seconds=30)
AGAIN = {"state": InboxState.NEW, "claimed_until": None, "settled_at": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPush:
    """A push that was claimed; ``attempts`` counts the claims, this one too."""

    id: int
    door: str
    key: str
    push: Push
    attempts: int


class Inbox:
    """Keeps pushes, each once, and hands each on until it is done or waits for something."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now

    @patient("hub")
    def keep(self, door: str, key: str, push: Push) -> bool:
        """Keep a push; it is committed when this returns. ``False``: it was here before."""
        return inserted(self._engine, insert(INBOX).values(**row_of(door, key, push)))

    @patient("hub")
    def keep_claimed(self, door: str, key: str, push: Push) -> int | None:
        """Keep a push that the caller works on itself; ``None``: it was here before."""
        row = row_of(door, key, push)
        row |= {"claimed_until": self._now() + CLAIM, "attempts": 1}
        try:
            with self._engine.begin() as connection:
                return connection.execute(insert(INBOX).values(**row)).lastrowid
        except IntegrityError:
            return None

    @patient("hub")
    def claim(self, limit: int, without: Collection[str] = ()) -> list[KeptPush]:
        """Take the oldest pushes that nobody works on, at most ``limit``; none of some doors.

        A claim lapses after ``CLAIM``, so what a killed drain had taken comes again. Two drains
        never meet: on MySQL the second skips locked rows, on SQLite it waits for the first.
        """
        now = self._now()
        with self._engine.begin() as connection:
            rows = connection.execute(_free(now, limit, without)).all()
            taken = update(INBOX).where(INBOX.c.id.in_([row.id for row in rows]))
            if rows:
                claims = {"claimed_until": now + CLAIM, "attempts": INBOX.c.attempts + 1}
                connection.execute(taken.values(claims))
        return [
            KeptPush(
                id=row.id,
                door=row.door,
                key=row.event_key,
                push=push_of(row),
                attempts=row.attempts + 1,
            )
            for row in rows
        ]

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

    def park(self, push_id: int, path: str, reason: str) -> None:
        """Put a push aside that can't be read: ``path`` is the field, ``reason`` for a person."""
        faults = {"fault_path": writable(path)[:LONG_KEY], "fault_reason": writable(reason)}
        settled = {"state": InboxState.PARKED, "settled_at": self._now()}
        self._put(INBOX.c.id == push_id, {**settled, **faults})

    def postpone(self, push_id: int, pause: timedelta) -> None:
        """Leave a push alone for a while: the partner that must be asked does not answer."""
        free = INBOX.c.state == InboxState.NEW
        self._put((INBOX.c.id == push_id) & free, {"claimed_until": self._now() + pause})

    def release(self, push_id: int) -> None:
        """Give a claim back, so that the drain goes on with the push."""
        self._put(INBOX.c.id == push_id, {"claimed_until": None})

    def early(self, push_id: int, order_id: OrderId, path: str, reason: str) -> None:
        """Let a push wait for its order; if it has come by now, the push goes on at once."""
        faults = {"fault_path": writable(path)[:LONG_KEY], "fault_reason": writable(reason)}
        self._put(
            INBOX.c.id == push_id, {"state": InboxState.EARLY, "order_id": order_id, **faults}
        )
        # Whoever opens an order wakes what waits for it. If that was a moment ago, nobody has
        # woken this one; so the order is looked for once more, after the push is seen to wait.
        clear = exists().where(ORDERS.c.order_id == order_id, CLEAR)
        self._put((INBOX.c.id == push_id) & clear, AGAIN)

    @patient("hub")
    def go_on(self, order_id: OrderId) -> int:
        """Hand on what has waited for this order; tell how much that was."""
        waits = (INBOX.c.state == InboxState.EARLY) & (INBOX.c.order_id == order_id)
        with self._reading.begin() as connection:
            # Almost always nothing waits, and reading takes no lock.
            if connection.execute(select(INBOX.c.id).where(waits).limit(1)).first() is None:
                return 0
        return self._put(waits, AGAIN)

    def wake_early(self, age: timedelta) -> int:
        """Hand on what has waited for its order so long; tell how much that was."""
        early = INBOX.c.state == InboxState.EARLY
        return self._put(early & (INBOX.c.received_at <= self._now() - age), AGAIN)

    @patient("hub")
    def again_last(self, stretch: timedelta) -> int:
        """Hand on once more what was done in the last ``stretch`` before the hub stopped.

        A power cut can take the engine's last commits, and with them the start of a life whose push
        is done here. Telling an order twice is harmless, so the last minutes are told again, and
        what the order book says of these orders' lives is in doubt until then.
        """
        newest = select(func.max(INBOX.c.settled_at)).where(INBOX.c.state == InboxState.DONE)
        with self._engine.begin() as connection:
            last = connection.execute(newest).scalar_one()
            if last is None:
                return 0
            recent = (INBOX.c.state == InboxState.DONE) & (INBOX.c.settled_at >= last - stretch)
            told = select(INBOX.c.order_id).where(recent, INBOX.c.order_id.is_not(None))
            doubtful = or_(ORDERS.c.order_id.in_(told), ORDERS.c.opened_at >= last - stretch)
            doubt = {"opened_at": None, "seen": None, "seen_at": None}
            connection.execute(update(ORDERS).where(doubtful).values(doubt))
            return connection.execute(update(INBOX).where(recent).values(AGAIN)).rowcount

    @patient("hub")
    def waiting(self) -> int:
        """Count the pushes that are to be handed on."""
        count = select(func.count()).where(INBOX.c.state == InboxState.NEW)
        with self._reading.begin() as connection:
            return connection.execute(count).scalar_one()

    @patient("hub")
    def _put(self, which: ColumnElement[bool], values: Mapping[str, object]) -> int:
        with self._engine.begin() as connection:
            return connection.execute(update(INBOX).where(which).values(values)).rowcount


def _free(now: datetime, limit: int, without: Collection[str]) -> Select[Any]:
    unclaimed = or_(INBOX.c.claimed_until.is_(None), INBOX.c.claimed_until <= now)
    return (
        select(INBOX)
        .where(INBOX.c.state == InboxState.NEW, unclaimed, INBOX.c.door.not_in(without))
        .order_by(INBOX.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
