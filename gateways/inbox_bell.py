"""Which kinds of parked pushes people have not been called about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Select, and_, delete, func, insert, or_, select, update

from domain.clock import utc_now
from gateways.database import READING
from gateways.tables import INBOX, INBOX_ALERTS, InboxState
from gateways.transaction import inserted, patient

AGAIN_AFTER = timedelta(days=1)  # what is parked for so long has been forgotten by its people


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedKind:
    """Pushes that wait for a person for the same cause: the same door, the same field."""

    door: str
    path: str
    reason: str
    count: int


class InboxBell:
    """Remembers who was called about what."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now

    @patient("hub")
    def unheard(self) -> list[ParkedKind]:
        """Tell the kinds that nobody was called about, or not for a day."""
        with self._reading.begin() as connection:
            rows = connection.execute(_kinds(self._now() - AGAIN_AFTER)).mappings()
            return [ParkedKind(**row) for row in rows]

    @patient("hub")
    def take(self, kind: ParkedKind) -> bool:
        """Take it on oneself to call people; ``False`` when another has done so just now."""
        now = self._now()
        row = {"door": kind.door, "fault_path": kind.path}
        if inserted(self._engine, insert(INBOX_ALERTS).values(**row, rung_at=now)):
            return True
        stale = INBOX_ALERTS.c.rung_at <= now - AGAIN_AFTER
        with self._engine.begin() as connection:
            done = connection.execute(
                update(INBOX_ALERTS).filter_by(**row).where(stale).values(rung_at=now)
            )
        return done.rowcount == 1

    @patient("hub")
    def give_back(self, kind: ParkedKind) -> None:
        """Say that nobody could be called after all."""
        called = delete(INBOX_ALERTS).filter_by(door=kind.door, fault_path=kind.path)
        with self._engine.begin() as connection:
            connection.execute(called)


def _kinds(stale: datetime) -> Select[Any]:
    same = and_(
        INBOX.c.door == INBOX_ALERTS.c.door, INBOX.c.fault_path == INBOX_ALERTS.c.fault_path
    )
    return (
        select(
            INBOX.c.door,
            INBOX.c.fault_path.label("path"),
            func.min(INBOX.c.fault_reason).label("reason"),
            func.count().label("count"),
        )
        .outerjoin(INBOX_ALERTS, same)
        .where(
            INBOX.c.state == InboxState.PARKED,
            or_(INBOX_ALERTS.c.rung_at.is_(None), INBOX_ALERTS.c.rung_at <= stale),
        )
        .group_by(INBOX.c.door, INBOX.c.fault_path)
        .order_by(INBOX.c.door, INBOX.c.fault_path)
    )
