"""Puts the partners together: each under its own prefix, behind its own faults."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from infra.sandbox.faults import FaultyDoor
from infra.sandbox.partner import Partner
from infra.sandbox.world import World


def build_app(world: World, partners: Iterable[Partner], routes: Iterable[BaseRoute]) -> Starlette:
    """Make the sandbox's one application; ``routes`` are its own controls."""
    known = tuple(partners)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        for partner in known:
            partner.resume()
        turning = asyncio.create_task(world.run())
        yield
        turning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await turning

    mounts = [Mount(f"/{partner.name}", _behind_faults(world, partner)) for partner in known]
    return Starlette(routes=[*routes, *mounts], lifespan=lifespan)


def _behind_faults(world: World, partner: Partner) -> FaultyDoor:
    ledger = world.open_ledger(partner.name)

    def struck(path: str, fault: str) -> None:
        ledger.note(path, "", fault)

    return FaultyDoor(partner.app, world.plan_of(partner.name), partner.complaints, struck)
