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
from infra.demo.buyers import Buyers, Deed
from infra.demo.clerk import Clerk
from infra.demo.figures import Intervals, intervals
from infra.sandbox import client as sandbox
from web.lives import workflow_id
from workflows import chronicle

LOOK_AT = 64  # how many open lives are looked at each time
LOOK_EVERY_S = 0.5
STUCK_AFTER_S = 240  # no life ended for so long: a person is needed, or something is broken
QUIET_S = 15.0  # no life ended for so long: look whether some will never begin
READ_AT_ONCE = 8
MOST_ABUSERS, ORDERS_OF_AN_ABUSER = 3, 4
THINKS_S = 4.0  # an abuser between ordering and claiming
HEARD_AFTER_S = 3.0  # a claim is on its way to the hub for so long, at most
STILL_CLAIMED = 'WorkflowType = "after_sale" AND ExecutionStatus = "Running"'
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
        refunds: The share of the orders whose buyers want money back.
        abuse: Whether there are buyers who claim too often.
        speed: World minutes in a second, so that claims come when they are meant to.
    """

    orders: int
    seed: int
    rate: float
    channels: tuple[str, ...] = ("miniprogram",)
    refunds: float = 0.0
    abuse: bool = False
    speed: float = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the orders.

    Attributes:
        expected: How many there were, those of abusers too.
        unopened: How many their channel closed before they could begin.
        stuck: Those whose life had not ended when nothing moved any more.
    """

    expected: int
    unopened: int
    completed: tuple[OrderId, ...]
    stuck: tuple[OrderId, ...]
    duration_s: float


class Demonstration:
    """Plays one run against a hub that is up."""

    def __init__(self, client: Client, sandbox_url: str, play: Play) -> None:
        self._client = client
        self._sandbox = sandbox_url
        self._play = play
        self._buyers = Buyers(play.seed, play.refunds)
        self._claiming: list[asyncio.Task[None]] = []
        self._expected = play.orders + (len(self._abused_at) * ORDERS_OF_AN_ABUSER)
        self._bought: list[OrderId] = []
        self._ended: list[OrderId] = []

    async def run(self) -> Outcome:
        """Push every order and watch until every life has ended, or none moves any more."""
        began = time.monotonic()
        at_work = [
            asyncio.create_task(self._push()),
            asyncio.create_task(Clerk(self._client, self._play.seed).run()),
            *(asyncio.create_task(self._abuse(channel)) for channel in self._abused_at),
        ]
        try:
            stuck = await self._watch()
            await self._claims_settled()
        finally:
            for task in (*at_work, *self._claiming):
                task.cancel()
            await asyncio.gather(*at_work, *self._claiming, return_exceptions=True)
        lived = [found for found in self._ended if not await self._never_lived(found)]
        return Outcome(
            expected=self._expected,
            unopened=len(self._ended) - len(lived),
            completed=tuple(lived),
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
            bought = [OrderId(found) for found in sold["ids"]]
            self._bought += bought
            for deed in self._buyers.deeds(n, channel, bought[0]):
                self._claiming.append(asyncio.create_task(self._do(deed)))
            await asyncio.sleep(1 / self._play.rate)

    async def _do(self, deed: Deed) -> None:
        """Let a buyer act when the time has come."""
        await asyncio.sleep(deed.after_h * 60 / self._play.speed)
        await asyncio.to_thread(sandbox.deed, self._sandbox, deed.name, **deed.payload)

    @property
    def _abused_at(self) -> tuple[str, ...]:
        return self._play.channels[:MOST_ABUSERS] if self._play.abuse else ()

    async def _abuse(self, channel: str) -> None:
        """Let one abuser order, claim three times at once, and order again."""
        name, seed = f"A-{channel}", self._play.seed
        await self._order_as(name, channel, ORDERS_OF_AN_ABUSER - 1, seed)
        await asyncio.sleep(THINKS_S)
        await asyncio.to_thread(sandbox.abuse, self._sandbox, name)
        await asyncio.sleep(THINKS_S)
        await self._order_as(name, channel, 1, seed)

    async def _order_as(self, name: str, channel: str, orders: int, seed: int) -> None:
        sold = await asyncio.to_thread(
            sandbox.abuser, self._sandbox, name, channel, orders=orders, seed=seed
        )
        self._bought += [OrderId(found) for found in sold["ids"]]

    async def _claims_settled(self) -> None:
        """Wait until every claim was made, and what came after an order's end is settled too."""
        if self._claiming:
            await asyncio.gather(*self._claiming, return_exceptions=True)
            await asyncio.sleep(HEARD_AFTER_S)
        began = time.monotonic()
        while time.monotonic() - began < STUCK_AFTER_S:
            count = await self._client.count_workflows(STILL_CLAIMED)
            if not count.count:
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def _watch(self) -> Sequence[OrderId]:
        """Look at the open orders in turn; tell which are stuck, bought or not."""
        open_ids, moved, taken = list[OrderId](), time.monotonic(), 0
        with _progress() as progress:
            bar = progress.add_task("订单走完一生", total=self._expected)
            while len(self._ended) < self._expected and time.monotonic() - moved < STUCK_AFTER_S:
                open_ids += self._bought[taken:]
                taken = len(self._bought)
                looked_at = open_ids[:LOOK_AT]
                ends = await asyncio.gather(*(self._has_ended(found) for found in looked_at))
                ended = [found for found, end in zip(looked_at, ends, strict=True) if end]
                if not ended and time.monotonic() - moved > QUIET_S:
                    closed = await self._closed_before_they_began()
                    ended = [found for found in open_ids if found in closed]
                    open_ids = [found for found in open_ids if found not in closed]
                if ended:
                    moved = time.monotonic()
                # What is still open goes to the back, so that a slow order hides no other.
                rest = [found for found in looked_at if found not in ended]
                open_ids = open_ids[LOOK_AT:] + rest
                self._ended += ended
                progress.update(bar, completed=len(self._ended))
                await asyncio.sleep(LOOK_EVERY_S)
        return open_ids

    async def _closed_before_they_began(self) -> set[OrderId]:
        """Tell the orders that their channel closed before the hub could open them."""
        closed = set[OrderId]()
        for channel in self._play.channels:
            ledger = await asyncio.to_thread(sandbox.ledger, self._sandbox, channel)
            sold = ledger["entries"].get("order", {})
            ids = [OrderId(f"{channel}/{no}") for no, doc in sold.items() if not doc["due"]]
            closed.update([found for found in ids if await self._never_lived(found)])
        return closed

    async def _never_lived(self, found: OrderId) -> bool:
        try:
            await self._client.get_workflow_handle(workflow_id(found)).describe()
        except RPCError as fault:
            return fault.status is RPCStatusCode.NOT_FOUND
        return False

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
