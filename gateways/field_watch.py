"""Fields that a channel's documents have and nobody has seen before: counted, shown, never fatal.

A platform adds fields without a word. What is in them stays where it is; their paths are counted in
memory and written down every few seconds, so that a person can see what is new.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Engine, insert, select, update

from channels.paths import paths_of
from channels.samples import known_paths
from domain.clock import utc_now
from domain.errors import GatewayBusy
from gateways.database import READING, writable
from gateways.tables import CHANNEL_FIELDS, LONG_KEY
from gateways.transaction import patient

WRITE_EVERY_S = 5.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewField:
    """A path that no recorded document has, and how often it came."""

    channel: str
    version: str
    path: str
    times: int
    first_seen: datetime
    last_seen: datetime


class FieldWatch:
    """Counts new fields.

    Args:
        known: The paths that a channel's recorded documents have.
    """

    def __init__(
        self,
        engine: Engine,
        known: Callable[[str], frozenset[str]] = known_paths,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._read_known = known
        self._now = now
        self._known: dict[str, frozenset[str]] = {}
        self._counted: Counter[tuple[str, str, str]] = Counter()

    def see(self, channel: str, version: str, document: object) -> None:
        """Count what is new in a document; a channel without recorded documents has no news."""
        if channel not in self._known:
            self._known[channel] = self._read_known(channel)
        known = self._known[channel]
        for path in paths_of(document) - known if known else ():
            self._counted[channel, version, writable(path)[:LONG_KEY]] += 1

    async def run(self) -> None:
        """Write the counts down every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            counted = self._take()  # here, where ``see`` counts, and not in the thread beside it
            try:
                await asyncio.to_thread(self._add, counted)
            except GatewayBusy:
                self._counted += counted
                log.warning("fields_not_written")

    def write(self) -> None:
        """Write the counts down now; they are kept when the database is busy."""
        counted = self._take()
        try:
            self._add(counted)
        except GatewayBusy:
            self._counted += counted
            raise

    def _take(self) -> Counter[tuple[str, str, str]]:
        counted, self._counted = self._counted, Counter()
        return counted

    @patient("hub")
    def seen(self, channel: str | None = None) -> Sequence[NewField]:
        """Tell the new fields, the latest first."""
        query = select(CHANNEL_FIELDS).order_by(CHANNEL_FIELDS.c.first_seen.desc())
        if channel is not None:
            query = query.where(CHANNEL_FIELDS.c.channel == channel)
        with self._reading.begin() as connection:
            return [NewField(**row) for row in connection.execute(query).mappings()]

    @patient("hub")
    def _add(self, counted: Counter[tuple[str, str, str]]) -> None:
        if not counted:
            return
        now, table = self._now(), CHANNEL_FIELDS
        with self._engine.begin() as connection:
            for (channel, version, path), times in counted.items():
                key = {"channel": channel, "version": version, "path": path}
                same = [table.c[name] == value for name, value in key.items()]
                more = {"times": table.c.times + times, "last_seen": now}
                if connection.execute(update(table).where(*same).values(more)).rowcount == 0:
                    first = {"times": times, "first_seen": now, "last_seen": now}
                    connection.execute(insert(table).values({**key, **first}))
