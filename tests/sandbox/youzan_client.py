"""The Youzan shop of the sandbox, a client that is signed in there, and a hub that it pushes to."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.app import build_app
from infra.sandbox.ledger import Ledger
from infra.sandbox.partner import Surroundings
from infra.sandbox.partners import youzan
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.shop import BUYER_ORDERED
from infra.sandbox.world import World
from tests.partnered import recall_pushes
from tests.serving import served

CLIENT = {"client_id": "sandbox-yz-client", "client_secret": "sandbox-yz-secret"}
SILENT = {**CLIENT, "authorize_type": "silent", "grant_id": "7001003"}
TID = "E20260101000007000000001"  # of five lines
SMALL_TID = "E20260101000007000000003"
LONG_AGO_MS = 1_767_225_600_000  # 2026-01-01 08:00:00 in China
GOT_IT: Mapping[str, Any] = {"code": 0, "msg": "success"}


@dataclass(frozen=True, slots=True)
class Heard:
    """One push: its headers, its very bytes, and what is in them."""

    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.raw)
        return told

    @property
    def message(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(unquote_plus(self.body["msg"]))
        return told


class Hub:
    """Keeps what is pushed."""

    def __init__(self, *answers: Any) -> None:
        self.heard: list[Heard] = []
        self._came = asyncio.Condition()
        self.says(*answers)

    def says(self, *answers: Any) -> None:
        """Let it answer so from now on, and "got it" after that."""
        self._answers = itertools.chain(answers, itertools.repeat(GOT_IT))

    async def take(self, request: Request) -> Response:
        async with self._came:
            self.heard.append(Heard(dict(request.headers), await request.body()))
            self._came.notify_all()
        return JSONResponse(next(self._answers))

    async def has_heard(self, kind: str, times: int = 1) -> list[Heard]:
        """Wait for so many pushes of a kind that are no probe, and tell them."""
        async with self._came, asyncio.timeout(20):
            await self._came.wait_for(lambda: len(self._of(kind)) >= times)
        return self._of(kind)

    async def was_probed(self) -> dict[str, Any]:
        """Wait for the probe, and tell it."""
        async with self._came, asyncio.timeout(20):
            await self._came.wait_for(lambda: any(each.body["test"] for each in self.heard))
        return next(each.body for each in self.heard if each.body["test"])

    def _of(self, kind: str) -> list[Heard]:
        return [each for each in self.heard if each.body["type"] == kind and not each.body["test"]]


@dataclass
class Shop:
    """The shop as a client sees it; ``world`` and ``ledger`` are behind its counter."""

    url: str
    http: httpx.AsyncClient
    world: World
    hub: Hub
    token: str = field(default="", repr=False)

    @property
    def ledger(self) -> Ledger:
        return self.world.open_ledger("youzan")

    async def grant(self, **changes: Any) -> dict[str, Any]:
        """Ask for a token."""
        answer = await self.http.post(f"{self.url}/auth/token", json={**SILENT, **changes})
        told: dict[str, Any] = answer.json()
        return told

    async def call(self, method: str, version: str, asked: Any = None) -> dict[str, Any]:
        """Call a method, signed in."""
        path = f"{self.url}/api/{method}/{version}"
        answer = await self.http.post(path, params={"access_token": self.token}, json=asked or {})
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()
        return told

    async def trade(self, tid: str = TID) -> dict[str, Any]:
        """Ask for one order."""
        told: dict[str, Any] = (await self.call("youzan.trade.get", "4.0.0", {"tid": tid}))["data"]
        return told

    async def sell(self, n: int = 1) -> dict[str, Any]:
        """Let a buyer order a sample."""
        order = SampleOrders(7).order(n, "youzan")
        await self.world.tell(BUYER_ORDERED, order)
        return order

    def long_ago(self, tid: str = TID, at_ms: int = LONG_AGO_MS) -> None:
        """Let an order have been paid long ago."""
        self.ledger.amend("order", tid, paid_at=at_ms, updated_at=at_ms)

    async def has_settled(self, kind: str) -> None:
        """Wait until the record says that the hub has every push of a kind."""
        async with asyncio.timeout(20):
            while not all(  # noqa: ASYNC110 - the record is what counts, and it tells nobody
                push["acknowledged"] for key, push in self.ledger.each("push") if kind in key
            ):
                await asyncio.sleep(0)

    async def deed(self, what: str, **more: Any) -> None:
        """Let a buyer or the platform do something."""
        await self.world.tell(what, {"channel": "youzan", **more})


@contextlib.asynccontextmanager
async def trading(var: Path, *, speed: float = 1) -> AsyncIterator[Shop]:
    """Open the shop before a hub, and sign a client in."""
    async with listening(Hub()) as (hub, hub_url), opened(var, hub, hub_url, speed) as shop:
        yield shop


@contextlib.asynccontextmanager
async def listening(hub: Hub) -> AsyncIterator[tuple[Hub, str]]:
    """Serve a hub, and tell where."""
    async with served(
        Starlette(routes=[Route("/hooks/youzan", hub.take, methods=["POST"])])
    ) as url:
        yield hub, url


@contextlib.asynccontextmanager
async def opened(var: Path, hub: Hub, hub_url: str, speed: float = 1) -> AsyncIterator[Shop]:
    """Open the shop, and sign a client in."""
    async with httpx.AsyncClient(trust_env=False) as http:
        world = World(var, speed=speed, seed=7, hub_url=hub_url)
        partner = youzan.build(Surroundings(world=world, http=http))
        async with served(build_app(world, [partner], [])) as base:
            shop = Shop(f"{base}/youzan", http, world, hub)
            shop.token = (await shop.grant())["data"]["access_token"]
            yield shop
            await recall_pushes()
            await http.aclose()
    for ledger in world.ledgers.values():
        ledger.close()
