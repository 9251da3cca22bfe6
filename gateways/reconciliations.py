"""The record of reconciliations: up to when each channel was looked at, and what was found."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine, func, insert, select

from domain.clock import utc_now
from domain.reconciliation import Reconciliation
from gateways.database import READING
from gateways.tables import RECONCILIATIONS
from gateways.transaction import patient


class ReconciliationBook:
    """Remembers every look at a channel."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now

    @patient("hub")
    def looked_until(self, channel: str) -> datetime | None:
        """Tell up to when a channel was looked at; ``None`` when it never was."""
        newest = select(func.max(RECONCILIATIONS.c.until)).where(
            RECONCILIATIONS.c.channel == channel
        )
        with self._reading.begin() as connection:
            found: datetime | None = connection.execute(newest).scalar_one()
        return found

    @patient("hub")
    def record(self, looked: Reconciliation) -> None:
        """Write one look down."""
        row = insert(RECONCILIATIONS).values(
            channel=looked.channel,
            since=looked.since,
            until=looked.until,
            found=looked.found,
            started=looked.started,
            mended=looked.mended,
            parked=looked.parked,
            at=self._now(),
        )
        with self._engine.begin() as connection:
            connection.execute(row)

    @patient("hub")
    def latest(self, limit: int) -> Sequence[Reconciliation]:
        """Tell the latest looks, newest first."""
        query = select(RECONCILIATIONS).order_by(RECONCILIATIONS.c.id.desc()).limit(limit)
        with self._reading.begin() as connection:
            return [
                Reconciliation(
                    channel=row.channel,
                    since=row.since,
                    until=row.until,
                    found=row.found,
                    started=row.started,
                    mended=row.mended,
                    parked=row.parked,
                )
                for row in connection.execute(query)
            ]
