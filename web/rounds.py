"""Makes the rounds of the exceptions: calls people in groups, and up the ladder when they wait."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from domain.errors import GatewayBusy, GatewayRefused
from gateways.ringing import Kind, Ringing

LOOK_S = 5.0
AWAY_S = 15.0

log = structlog.get_logger()


class Bell(Protocol):
    """What this needs from whoever remembers what people were called about."""

    def due(self) -> Sequence[Kind]: ...

    def take(self, kind: Kind) -> Ringing | None: ...

    def heard(self, ringing: Ringing) -> None: ...

    def give_back(self, ringing: Ringing) -> None: ...


class Robot(Protocol):
    """What this needs from whoever calls people."""

    async def ready(self) -> None: ...

    async def ring_waiting(self, ringing: Ringing) -> None: ...


class Rounds:
    """Looks every few seconds for exceptions that people must hear of, for ever.

    What can't be rung now is rung later; what another front rings is not rung here. People hear of
    an exception within the minute as long as the robot answers.
    """

    def __init__(self, bell: Bell, robot: Robot) -> None:
        self._bell = bell
        self._robot = robot

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.ring_all()
            except (GatewayBusy, GatewayRefused) as fault:
                log.warning("rounds_silent", fault=str(fault))
                await asyncio.sleep(AWAY_S)
            await asyncio.sleep(LOOK_S)

    async def ring_all(self) -> None:
        """Call people about each kind once."""
        for kind in await asyncio.to_thread(self._bell.due):
            await self._robot.ready()  # so that nothing is taken on long before it is said
            if ringing := await asyncio.to_thread(self._bell.take, kind):
                await self._ring(ringing)

    async def _ring(self, ringing: Ringing) -> None:
        try:
            await self._robot.ring_waiting(ringing)
        except BaseException:  # also when the front is told to stop: the next one shall call
            await asyncio.to_thread(self._bell.give_back, ringing)
            raise
        await asyncio.to_thread(self._bell.heard, ringing)
