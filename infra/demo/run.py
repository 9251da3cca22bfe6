"""The demonstration: sample orders go through their whole lives, watched from outside.

It pushes through the shop's own door and looks through the engine's, like anybody else.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.order import OrderId, order_id
from infra.demo.figures import Intervals, intervals
from infra.sandbox import client as sandbox
from web.lives import workflow_id
from workflows import chronicle

LOOK_AT = 64  # how many open lives are looked at each time
LOOK_EVERY_S = 0.5
STUCK_AFTER_S = 240  # no life ended for so long: a person is needed, or something is broken
READ_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What is played.

    Attributes:
        orders: How many sample orders.
        seed: Which ones.
        rate: Orders per second that the shop sends.
    """

    orders: int
    seed: int
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the orders.

    Attributes:
        stuck: Those whose life had not ended when nothing moved any more.
    """

    completed: tuple[OrderId, ...]
    stuck: tuple[OrderId, ...]
    duration_s: float


class Demonstration:
    """Plays one run against a hub that is up."""

    def __init__(self, client: Client, sandbox_url: str, play: Play) -> None:
        self._client = client
        self._sandbox = sandbox_url
        self._play = play
        self._ended: list[OrderId] = []

    async def run(self) -> Outcome:
        """Push every order and watch until every life has ended, or none moves any more."""
        began = time.monotonic()
        ids = [
            order_id("miniprogram", f"MP{self._play.seed}-{n:05d}")
            for n in range(1, self._play.orders + 1)
        ]
        pushing = asyncio.create_task(self._push())
        try:
            stuck = await self._watch(ids)
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)
        return Outcome(
            completed=tuple(self._ended),
            stuck=tuple(stuck),
            duration_s=time.monotonic() - began,
        )

    async def _push(self) -> None:
        """Let the shop send a few orders each second, as buyers do."""
        for n in range(1, self._play.orders + 1):
            await asyncio.to_thread(
                sandbox.push_orders, self._sandbox, count=1, seed=self._play.seed, first=n
            )
            await asyncio.sleep(1 / self._play.rate)

    async def _watch(self, ids: Sequence[OrderId]) -> Sequence[OrderId]:
        open_ids, moved = list(ids), time.monotonic()
        with _progress() as progress:
            bar = progress.add_task("订单走完一生", total=len(ids))
            while open_ids and time.monotonic() - moved < STUCK_AFTER_S:
                looked_at = open_ids[:LOOK_AT]
                ends = await asyncio.gather(*(self._has_ended(found) for found in looked_at))
                ended = [found for found, end in zip(looked_at, ends, strict=True) if end]
                if ended:
                    moved = time.monotonic()
                # What is still open goes to the back, so that a slow order hides no other.
                rest = [found for found in looked_at if found not in ended]
                open_ids = open_ids[LOOK_AT:] + rest
                self._ended += ended
                progress.update(bar, completed=len(self._ended))
                await asyncio.sleep(LOOK_EVERY_S)
        return open_ids

    async def _has_ended(self, found: OrderId) -> bool:
        try:
            seen = await self._client.get_workflow_handle(workflow_id(found)).describe()
        except RPCError as fault:
            if fault.status is RPCStatusCode.NOT_FOUND:
                return False  # not pushed yet, or still in the inbox
            raise
        return seen.status is not WorkflowExecutionStatus.RUNNING

    async def intervals_of(self, ids: Sequence[OrderId]) -> list[Intervals]:
        """Read the histories of lives, a few at once."""
        gate = asyncio.Semaphore(READ_AT_ONCE)

        async def read(found: OrderId) -> Intervals:
            async with gate:
                handle = self._client.get_workflow_handle(workflow_id(found))
                history = await handle.fetch_history()
            return intervals(chronicle.read(history.events))

        return list(await asyncio.gather(*(read(found) for found in ids)))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )
