"""Full order lives per second, beside a bare workflow with the same steps on the same engine.

Both sides are opened and told their news by this process, in turns, and worked for by workers with
the same settings. Whatever else runs on the machine slows both, so the ratio is what counts.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from temporalio.client import Client

from bench.engine import engine_of_its_own
from bench.rows import Row
from bench.sides import Bare, Orders, Side
from bench.work import Work, work_of

THREADS = 8  # as many as the worker process has
GOAL = 0.85

Pair = tuple[float, float]  # lives per second: ours, and the bare workflow's


def turns(pairs: int) -> int:
    """Tell how many pairs are run in all: one more, which warms up both sides."""
    return pairs + 1


async def measure(pairs: int, orders: int, done: Callable[[], None]) -> list[Row]:
    """Measure both sides ``pairs`` times; ``done`` hears of each pair.

    Raises:
        CannotStart: The engine does not start.
        UnlikeWork: The sides did not do the same work, so their ratio would say nothing.
    """
    async with engine_of_its_own() as client:
        with ThreadPoolExecutor(THREADS) as threads:
            ours, bare = Orders(client, threads), Bare(client, threads)
            async with ours.worker, bare.worker:
                work = await _same_work(client, ours, bare)
                rates: list[Pair] = []
                for turn in range(turns(pairs)):
                    rates.append(await _pair(client, ours, bare, turn, orders))
                    done()
    return [row_of(rates[1:], work)]


class UnlikeWork(Exception):
    """One side has more steps than the other."""


def row_of(rates: Sequence[Pair], work: Work) -> Row:
    """Tell the medians of the pairs."""
    return Row(
        name="full order lives, gateways that answer at once",
        value=round(median(ours for ours, _ in rates), 1),
        unit="lives/s",
        against=f"bare workflow with {work}: {median(bare for _, bare in rates):.1f} lives/s",
        ratio=round(median(ours / bare for ours, bare in rates), 3),
        goal=GOAL,
    )


async def _same_work(client: Client, ours: Side, bare: Side) -> Work:
    """Let each side live once, and compare what the engine wrote down."""
    did = []
    for side in (ours, bare):
        life = await side.open("first")
        await client.get_workflow_handle(life).result()
        did.append(await work_of(client, life))
    if did[0] != did[1]:
        raise UnlikeWork(f"an order has {did[0]}; the bare workflow has {did[1]}")
    return did[0]


async def _pair(client: Client, ours: Side, bare: Side, turn: int, orders: int) -> Pair:
    """Measure ours, bare, bare, ours, so that a machine that slows down meanwhile favours none."""
    seconds = {ours: 0.0, bare: 0.0}
    for n, side in enumerate((ours, bare, bare, ours)):
        seconds[side] += await _seconds(client, side, f"{turn}-{n}", orders // 2)
    lives = orders // 2 * 2
    return lives / seconds[ours], lives / seconds[bare]


async def _seconds(client: Client, side: Side, turn: str, orders: int) -> float:
    """Open all lives at once, and tell how long it took until the last one ended."""

    async def live(n: int) -> None:
        await client.get_workflow_handle(await side.open(f"{turn}-{n:04d}")).result()

    began = time.perf_counter()
    await asyncio.gather(*(live(n) for n in range(orders)))
    return time.perf_counter() - began
