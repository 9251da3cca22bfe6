"""The world around the partners: its clock, its agenda, and what partners hear of each other.

World time runs ``speed`` times as fast as the wall's. The agenda is kept in the world's ledger, so
pickers and parcels go on where they stopped after a kill -9.
"""

import asyncio
import contextlib
import heapq
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from infra.sandbox.faults import FaultPlan
from infra.sandbox.ledger import Doc, Ledger

TRY_AGAIN = timedelta(seconds=1)  # of the wall's clock

log = structlog.get_logger()

Deed = Callable[[Doc], Awaitable[None]]


class WorldClock:
    """Tells world time; remembers it over restarts and changes of speed."""

    def __init__(self, speed: float, start: datetime) -> None:
        self.speed = speed
        self._start = start
        self._real_start = datetime.now(UTC)

    def now(self) -> datetime:
        """Tell the world's time."""
        return self._start + (datetime.now(UTC) - self._real_start) * self.speed

    def real_seconds_until(self, world_time: datetime) -> float:
        """Tell how long the wall's clock takes to get there; not negative."""
        return max(0.0, (world_time - self.now()).total_seconds() / self.speed)


class World:
    """What all partners share. ``var`` is the folder of the ledgers."""

    def __init__(self, var: Path, *, speed: float, seed: int, hub_url: str) -> None:
        self.clock = WorldClock(speed, _last_seen(var))
        self.seed = seed
        self.hub_url = hub_url
        self.ledger = Ledger(var / "world.sqlite", self.clock)
        self.plans: dict[str, FaultPlan] = {}
        self.ledgers: dict[str, Ledger] = {"world": self.ledger}
        self.shared = var.parent  # where partners and the hub hand each other files
        self._var = var
        self._deeds: dict[str, Deed] = {}
        self._listeners: dict[str, list[Deed]] = {}
        self._changed = asyncio.Event()
        self._due = [(entry["due"], key) for key, entry in self.ledger.each("agenda")]
        heapq.heapify(self._due)

    def open_ledger(self, partner: str) -> Ledger:
        """Open a partner's own ledger, once."""
        if partner not in self.ledgers:
            self.ledgers[partner] = Ledger(self._var / f"{partner}.sqlite", self.clock)
        return self.ledgers[partner]

    def plan_of(self, partner: str) -> FaultPlan:
        """Tell a partner's fault switches."""
        return self.plans.setdefault(partner, FaultPlan(f"{self.seed}/{partner}"))

    def on_agenda(self, what: str, deed: Deed) -> None:
        """Say who does ``what`` when its time has come. A deed must be safe to repeat."""
        self._deeds[what] = deed

    def later(self, after: timedelta, what: str, key: str, payload: Doc) -> None:
        """Put something on the agenda, once for each ``what`` and ``key``."""
        due = (self.clock.now() + after).isoformat()
        name = f"{what}/{key}"
        if self.ledger.put("agenda", name, {"what": what, "due": due, "payload": payload}):
            heapq.heappush(self._due, (due, name))
            self._changed.set()

    def listen(self, event: str, deed: Deed) -> None:
        """Hear of something that another partner tells."""
        self._listeners.setdefault(event, []).append(deed)

    async def tell(self, event: str, payload: Doc) -> None:
        """Tell every partner that listens."""
        for deed in self._listeners.get(event, []):
            await deed(payload)

    async def run(self) -> None:
        """Do what is on the agenda when its time comes, for ever."""
        while True:
            self._changed.clear()
            while self._due and self._wait_s() == 0:
                _, name = heapq.heappop(self._due)
                await self._do(name)
            self._remember_time()
            with contextlib.suppress(TimeoutError):
                # Not wait_for: that of Python 3.11 can swallow a cancel.
                async with asyncio.timeout(self._wait_s() if self._due else 1):
                    await self._changed.wait()

    def _wait_s(self) -> float:
        """Tell how long until the next thing is due, at most a second."""
        due = datetime.fromisoformat(self._due[0][0])
        return min(1.0, self.clock.real_seconds_until(due))

    async def _do(self, name: str) -> None:
        entry = self.ledger.get("agenda", name)
        if entry is None:
            return
        try:
            await self._deeds[entry["what"]](entry["payload"])
        except Exception:  # one partner's mistake must not stop the world
            log.exception("deed_failed", deed=name)
            heapq.heappush(
                self._due, ((self.clock.now() + TRY_AGAIN * self.clock.speed).isoformat(), name)
            )
        else:
            self.ledger.drop("agenda", name)

    def _remember_time(self) -> None:
        self.ledger.put("clock", "now", {})
        self.ledger.amend("clock", "now", at=self.clock.now().isoformat())


def _last_seen(var: Path) -> datetime:
    """Tell where world time stopped; a new world starts now."""
    now = datetime.now(UTC)
    if not (var / "world.sqlite").exists():
        return now
    before = Ledger(var / "world.sqlite", WorldClock(1, now))
    seen = before.get("clock", "now")
    before.close()
    return now if seen is None else max(now, datetime.fromisoformat(seen["at"]))
