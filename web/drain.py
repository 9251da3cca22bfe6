"""Hands kept pushes on: reads each in its partner's words, and tells the order's life.

What can't be read is parked with the field that is wrong; what can't be told now is told later. A
drain that dies loses nothing: its claims lapse, and whatever was told twice is one fact.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from temporalio.service import RPCError

from domain.errors import GatewayBusy, Untranslatable
from domain.events import Door
from domain.order import OrderId
from gateways.inbox import Inbox, KeptPush
from web.teller import Teller, Unknown

BATCH = 32
IDLE_S = 1.0  # a push wakes the drain at once; this finds what another process left behind
ENGINE_AWAY_S = 2.0
TRIES = 30

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A push that was handed on, and the order it was about, if it was about one."""

    push_id: int
    order_id: OrderId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A push that waits for a person."""

    push_id: int
    path: str
    reason: str


class Drain:
    """Empties the inbox, for ever."""

    def __init__(
        self, inbox: Inbox, doors: Mapping[str, Door], teller: Teller, arrived: asyncio.Event
    ) -> None:
        self._inbox = inbox
        self._doors = {door.name: door for door in doors.values()}
        self._teller = teller
        self._arrived = arrived  # set by whoever has just kept a push

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._arrived.clear()
            try:
                kept = await asyncio.to_thread(self._inbox.claim, BATCH)
                await self._until_settled(kept)
            except GatewayBusy as fault:
                log.warning("inbox_away", fault=str(fault))
                await asyncio.sleep(ENGINE_AWAY_S)
                continue
            if len(kept) < BATCH:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_S):  # wait_for of 3.11 can swallow a cancel
                        await self._arrived.wait()

    async def _until_settled(self, kept: Sequence[KeptPush]) -> None:
        """Hand a batch on, side by side; while the engine is away, wait and try again.

        What can't be told for minutes is let go: its claim has lapsed, and it comes again.
        """
        for _ in range(TRIES):
            outcomes = await asyncio.gather(*(self._hand_on(push) for push in kept))
            settled = [outcome for outcome in outcomes if outcome is not None]
            await asyncio.to_thread(self._settle, settled)
            ids = {outcome.push_id for outcome in settled}
            kept = [push for push in kept if push.id not in ids]
            if not kept:
                return
            log.warning("drain_waits", pushes=len(kept))
            await asyncio.sleep(ENGINE_AWAY_S)

    async def _hand_on(self, kept: KeptPush) -> Done | Parked | None:
        about: OrderId | None = None
        try:
            for event in self._doors[kept.door].read(kept.push):
                about = await self._teller.tell(event) or about
        except (Untranslatable, Unknown) as fault:
            log.warning("push_parked", push=kept.id, door=kept.door, path=fault.path)
            return Parked(push_id=kept.id, path=fault.path, reason=str(fault))
        except (RPCError, GatewayBusy):
            return None
        except Exception as bug:
            # Ours, not the partner's: it must stop neither this push from being seen nor the rest.
            log.exception("push_hit_a_bug", push=kept.id, door=kept.door)
            reason = f"程序内部错误 {type(bug).__name__}:请把日志交给开发者,修复后重放"
            return Parked(push_id=kept.id, path="?", reason=reason)
        return Done(push_id=kept.id, order_id=about)

    def _settle(self, outcomes: Sequence[Done | Parked]) -> None:
        done = {o.push_id: o.order_id for o in outcomes if isinstance(o, Done)}
        if done:
            self._inbox.done_all(done)
        for outcome in outcomes:
            if isinstance(outcome, Parked):
                self._inbox.park(outcome.push_id, outcome.path, outcome.reason)
