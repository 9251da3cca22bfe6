"""Empties the inbox: hands kept pushes on, and writes down what became of them.

A drain that dies loses nothing: its claims lapse, and whatever was told twice is one fact. Each
door has a lane of its own, so a partner that does not answer holds nobody back but itself.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

import structlog

from domain.errors import GatewayBusy
from gateways.inbox import Inbox, KeptPush
from web.handing import EARLY_AGE, EngineAway, Handing
from web.settlement import Settlement, settle
from web.stumble import log_stumble

BATCH = 32
IDLE_S = 1.0  # a push wakes the drain at once; this finds what another process left behind
ENGINE_AWAY_S = 2.0
TRIES = 30
EARLY_LOOK_S = 60.0

log = structlog.get_logger()


class Drain:
    """Empties the inbox, for ever."""

    def __init__(self, inbox: Inbox, handing: Handing, arrived: asyncio.Event) -> None:
        self._inbox = inbox
        self._handing = handing
        self._arrived = arrived  # set by whoever has just kept a push
        self._lanes: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._wake_early())
            while True:
                self._arrived.clear()
                kept = await self._claim()
                for door, pushes in groupby(sorted(kept, key=_by_door), key=_by_door):
                    self._lanes[door] = group.create_task(self._lane(door, tuple(pushes)))
                if len(kept) < BATCH:
                    await self._rest(IDLE_S)

    async def _claim(self) -> list[KeptPush]:
        try:
            return await asyncio.to_thread(self._inbox.claim, BATCH, tuple(self._lanes))
        except GatewayBusy as fault:
            log.warning("inbox_away", fault=str(fault))
            await asyncio.sleep(ENGINE_AWAY_S)
            return []

    async def _lane(self, door: str, kept: Sequence[KeptPush]) -> None:
        """Hand one door's pushes on; no more of its pushes are claimed meanwhile."""
        try:
            await self._until_settled(kept)
        except GatewayBusy as fault:
            log.warning("inbox_away", fault=str(fault))  # the claims lapse, and they come again
        except Exception as bug:  # noqa: BLE001 - it is logged, without what it says
            log_stumble("lane_stumbled", bug, door=door)  # the same; and the other lanes go on
        finally:
            del self._lanes[door]
            self._arrived.set()

    async def _until_settled(self, kept: Sequence[KeptPush]) -> None:
        """Hand a batch on, side by side; while the engine is away, wait and try again.

        What can't be told for minutes is let go: its claim has lapsed, and it comes again.
        """
        for _ in range(TRIES):
            outcomes = await asyncio.gather(*(self._try(push) for push in kept))
            settled = [outcome for outcome in outcomes if outcome is not None]
            await asyncio.to_thread(settle, self._inbox, settled)
            kept = [push for push, outcome in zip(kept, outcomes, strict=True) if outcome is None]
            if not kept:
                return
            log.warning("drain_waits", pushes=len(kept))
            await asyncio.sleep(ENGINE_AWAY_S)

    async def _try(self, push: KeptPush) -> Settlement | None:
        try:
            return await self._handing.hand_on(push)
        except EngineAway:
            return None

    async def _wake_early(self) -> None:
        """Look again at what has waited for its order for a day."""
        while True:
            with contextlib.suppress(GatewayBusy):
                if await asyncio.to_thread(self._inbox.wake_early, EARLY_AGE):
                    self._arrived.set()
            await asyncio.sleep(EARLY_LOOK_S)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of 3.11 can swallow a cancel
                await self._arrived.wait()


_by_door = attrgetter("door")
