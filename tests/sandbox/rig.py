"""One sandbox partner, served on loopback, and a hub that keeps what is pushed to it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.clock import utc_now
from domain.events import Push
from infra.sandbox.app import build_app
from infra.sandbox.faults import Fault
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.world import World
from tests.serving import served

QIMEN_OK = b"<response><flag>success</flag></response>"


@dataclass(frozen=True, slots=True)
class Rig:
    """A partner under test. At the world's own speed nothing happens by itself within a test."""

    url: str  # the partner's prefix
    partner: str
    surroundings: Surroundings
    pushes: asyncio.Queue[Push]

    @property
    def world(self) -> World:
        return self.surroundings.world

    @contextlib.contextmanager
    def always(self, fault: Fault) -> Iterator[None]:
        """Let a fault strike every call, or every push, meanwhile."""
        plan = self.world.plan_of(self.partner)
        plan.switch(fault, 1.0)
        yield
        plan.switch(fault, 0.0)


@contextlib.asynccontextmanager
async def rigged(
    var: Path, build: Callable[[Surroundings], Partner], *, speed: float = 1
) -> AsyncIterator[Rig]:
    """Build one partner in a new world under ``var``, and serve it."""
    pushes: asyncio.Queue[Push] = asyncio.Queue()
    async with contextlib.AsyncExitStack() as stack:
        hub_url = await stack.enter_async_context(served(_hub(pushes)))
        http = await stack.enter_async_context(httpx.AsyncClient())
        world = World(var, speed=speed, seed=1, hub_url=hub_url)
        for ledger in world.ledgers.values():
            stack.callback(ledger.close)
        surroundings = Surroundings(world=world, http=http)
        partner = build(surroundings)
        stack.callback(world.open_ledger(partner.name).close)
        url = await stack.enter_async_context(served(build_app(world, [partner], [])))
        yield Rig(f"{url}/{partner.name}", partner.name, surroundings, pushes)


def _hub(pushes: asyncio.Queue[Push]) -> Starlette:
    async def take(request: Request) -> Response:
        push = Push(
            path=request.url.path,
            headers=dict(request.headers),
            query=dict(request.query_params),
            body=await request.body(),
            received_at=utc_now(),
        )
        pushes.put_nowait(push)
        return Response(QIMEN_OK, media_type="text/xml")

    return Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])
