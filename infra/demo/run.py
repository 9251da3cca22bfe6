"""The demonstration: sample orders go through their whole lives, watched from outside.

It buys at the channels and looks through the engine's, like anybody else.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.order import OrderId
from infra import histories
from infra.demo.figures import Intervals, intervals
from infra.sandbox import client as sandbox
from web.lives import workflow_id
from workflows import chronicle

LOOK_AT = 64  # how many open lives are looked at each time
LOOK_EVERY_S = 0.5
STUCK_AFTER_S = 240  # no life ended for so long: a person is needed, or something is broken
READ_AT_ONCE = 8
# Not pushed yet or still in the inbox; or the engine is away, which ends by itself.
NOT_YET = frozenset(
    {
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,  # what the SDK makes of its own time-out
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What is played.

    Attributes:
        orders: How many sample orders.
        seed: Which ones.
        rate: Orders per second that buyers send.
        channels: Where they are bought, in turn.
    """

    orders: int
    seed: int
    rate: float
    channels: tuple[str, ...] = ("miniprogram",)


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
        self._bought: list[OrderId] = []
        self._ended: list[OrderId] = []

    async def run(self) -> Outcome:
        """Push every order and watch until every life has ended, or none moves any more."""
        began = time.monotonic()
        pushing = asyncio.create_task(self._push())
        try:
            stuck = await self._watch()
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)
        return Outcome(
            completed=tuple(self._ended),
            stuck=tuple(stuck),
            duration_s=time.monotonic() - began,
        )

    async def _push(self) -> None:
        """Let the shops sell a few orders each second, as buyers buy."""
        for n in range(1, self._play.orders + 1):
            channel = self._play.channels[n % len(self._play.channels)]
            sold = await asyncio.to_thread(
                sandbox.push_orders,
                self._sandbox,
                count=1,
                seed=self._play.seed,
                first=n,
                channel=channel,
            )
            self._bought += [OrderId(found) for found in sold["ids"]]
            await asyncio.sleep(1 / self._play.rate)

    async def _watch(self) -> Sequence[OrderId]:
        """Look at the open orders in turn; tell which are stuck, bought or not."""
        open_ids, moved, taken = list[OrderId](), time.monotonic(), 0
        with _progress() as progress:
            bar = progress.add_task("订单走完一生", total=self._play.orders)
            while len(self._ended) < self._play.orders and time.monotonic() - moved < STUCK_AFTER_S:
                open_ids += self._bought[taken:]
                taken = len(self._bought)
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
            if fault.status in NOT_YET:
                return False
            raise
        return seen.status is not WorkflowExecutionStatus.RUNNING

    async def intervals_of(self, ids: Sequence[OrderId]) -> list[Intervals]:
        """Read the histories of lives, a few at once."""
        gate = asyncio.Semaphore(READ_AT_ONCE)

        async def read(found: OrderId) -> Intervals:
            async with gate:
                events = await histories.fetch(self._client, workflow_id(found))
            return intervals(chronicle.read(events))

        return list(await asyncio.gather(*(read(found) for found in ids)))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )
