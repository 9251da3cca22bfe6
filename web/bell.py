"""Calls people about parked pushes: once for each kind, not once for each push."""

import asyncio
from typing import Protocol

import structlog

from domain.errors import GatewayBusy, GatewayRefused
from gateways.inbox_bell import InboxBell, ParkedKind

LOOK_S = 5.0
AWAY_S = 60.0

log = structlog.get_logger()


class Alarm(Protocol):
    """What this needs from whoever calls people."""

    async def ring_parked(self, door: str, path: str, reason: str, count: int) -> None: ...


class Bell:
    """Looks for kinds of parked pushes that nobody was called about, for ever.

    What can't be rung now is rung later; what another front rings is not rung here.
    """

    def __init__(self, bell: InboxBell, alarm: Alarm) -> None:
        self._bell = bell
        self._alarm = alarm

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.ring_all()
            except (GatewayBusy, GatewayRefused) as fault:
                log.warning("bell_silent", fault=str(fault))
                await asyncio.sleep(AWAY_S)
            await asyncio.sleep(LOOK_S)

    async def ring_all(self) -> None:
        """Call people about each kind once."""
        for kind in await asyncio.to_thread(self._bell.unheard):
            if await asyncio.to_thread(self._bell.take, kind):
                await self._ring(kind)

    async def _ring(self, kind: ParkedKind) -> None:
        try:
            await self._alarm.ring_parked(kind.door, kind.path, kind.reason, kind.count)
        except (GatewayBusy, GatewayRefused):
            await asyncio.to_thread(self._bell.give_back, kind)
            raise
