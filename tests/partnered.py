"""Serves one partner of the sandbox on loopback, with its ledger and its fault switches at hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.sandbox.app import build_app
from infra.sandbox.faults import Fault, FaultPlan
from infra.sandbox.ledger import Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.world import World
from tests.serving import served

# The kinds that strike a call; each must end as one effect, however often it strikes.
STRIKES = (
    Fault.FAIL_BEFORE,
    Fault.FAIL_AFTER,
    Fault.LOST_ANSWER,
    Fault.SESSION_LOST,
    Fault.RATE_LIMIT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A partner that answers at ``url``, its own prefix included."""

    url: str
    http: httpx.AsyncClient
    ledger: Ledger
    plan: FaultPlan


@contextlib.asynccontextmanager
async def partnered(
    var: Path, build: Callable[[Surroundings], Partner], *, speed: float = 1.0
) -> AsyncIterator[Outside]:
    """Serve what ``build`` makes; the world turns ``speed`` times as fast as the wall's clock."""
    world = World(var, speed=speed, seed=7, hub_url="http://127.0.0.1:9")
    async with httpx.AsyncClient(trust_env=False) as http:
        partner = build(Surroundings(world=world, http=http))
        async with served(build_app(world, [partner], [])) as base, _closing(http):
            yield Outside(
                url=f"{base}/{partner.name}",
                http=http,
                ledger=world.open_ledger(partner.name),
                plan=world.plan_of(partner.name),
            )
    await recall_pushes()
    for ledger in world.ledgers.values():
        ledger.close()


async def recall_pushes() -> None:
    """End pushes that are still on their way, so that none meets a closed ledger."""
    pushing = [
        task
        for task in asyncio.all_tasks()
        if "_until_acknowledged" in getattr(task.get_coro(), "__name__", "")
    ]
    for task in pushing:
        task.cancel()
    await asyncio.gather(*pushing, return_exceptions=True)


@contextlib.asynccontextmanager
async def _closing(http: httpx.AsyncClient) -> AsyncIterator[None]:
    """Hang up before the server stops; it waits for whoever is still on the line."""
    try:
        yield
    finally:
        await http.aclose()
