"""How pushes reach a hub that is slow to believe: until "got it", sometimes twice or late."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from infra.sandbox.faults import Fault, FaultPlan
from infra.sandbox.ledger import Ledger
from infra.sandbox.push import Push, Pusher
from infra.sandbox.world import WorldClock
from tests.serving import served

GOT_IT = '{"said": "got it"}'


class Hub:
    """Takes pushes, and does not say "got it" at first."""

    def __init__(self, *refusals: str) -> None:
        self.heard: list[str] = []
        self.seals: list[str] = []
        self._answers = itertools.chain(refusals, itertools.repeat(GOT_IT))
        self._came = asyncio.Condition()

    async def take(self, request: Request) -> Response:
        async with self._came:
            self.heard.append((await request.body()).decode())
            self.seals.append(request.headers["x-seal"])
            self._came.notify_all()
        return PlainTextResponse(next(self._answers))

    async def has_heard(self, times: int) -> list[str]:
        """Wait for so many pushes, and tell them."""
        async with self._came, asyncio.timeout(20):
            await self._came.wait_for(lambda: len(self.heard) >= times)
        return self.heard


@dataclass
class Post:
    """A pusher, what it has on record, and the hub's address."""

    pusher: Pusher
    ledger: Ledger
    plan: FaultPlan
    url: str

    def send(self, key: str) -> None:
        self.pusher.send(key, Push(url=f"{self.url}/hook", body=key.encode()))

    async def acknowledged(self, key: str) -> None:
        """Wait until a push is on record as acknowledged."""
        async with asyncio.timeout(20):
            while not (self.ledger.get("push", key) or {})["acknowledged"]:  # noqa: ASYNC110 - the record is what counts, and it tells nobody
                await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def posted(var: Path, hub: Hub) -> AsyncIterator[Post]:
    app = Starlette(routes=[Route("/hook", hub.take, methods=["POST"])])
    ledger = Ledger(var / "shop.sqlite", WorldClock(1, datetime.now(UTC)))
    plan, seals = FaultPlan("7/shop"), itertools.count(1)
    async with served(app) as url, httpx.AsyncClient(trust_env=False) as http:
        pusher = Pusher(
            http,
            ledger,
            plan,
            lambda answer: bool(answer.json()["said"] == "got it"),
            lambda _: {"x-seal": str(next(seals))},
        )
        yield Post(pusher, ledger, plan, url)
    ledger.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.sandbox.push.FIRST_WAIT_S", 0)


async def test_a_push_is_sent_until_the_hub_says_got_it_newly_sealed_each_time(
    tmp_path: Path,
) -> None:
    hub = Hub('{"said": "no"}', "<broken>")

    async with posted(tmp_path, hub) as post:
        post.send("order-1")
        await post.acknowledged("order-1")

    assert hub.heard == ["order-1"] * 3
    assert hub.seals == ["1", "2", "3"]


async def test_the_same_key_is_pushed_once(tmp_path: Path) -> None:
    hub = Hub()

    async with posted(tmp_path, hub) as post:
        post.send("order-1")
        post.send("order-1")
        await post.acknowledged("order-1")
        post.send("order-1")
        post.send("order-2")
        await post.acknowledged("order-2")

    assert hub.heard == ["order-1", "order-2"]


async def test_a_duplicated_push_comes_twice(tmp_path: Path) -> None:
    hub = Hub()

    async with posted(tmp_path, hub) as post:
        post.plan.switch(Fault.DUPLICATE_PUSH, 1)
        post.send("order-1")

        assert await hub.has_heard(2) == ["order-1", "order-1"]


async def test_a_push_out_of_order_is_overtaken(tmp_path: Path) -> None:
    hub = Hub()

    async with posted(tmp_path, hub) as post:
        post.plan.switch(Fault.OUT_OF_ORDER_PUSH, 1)
        post.send("first")
        await asyncio.sleep(0)  # it has drawn its lot
        post.plan.switch(Fault.OUT_OF_ORDER_PUSH, 0)
        post.send("second")

        assert await hub.has_heard(2) == ["second", "first"]


async def test_what_nobody_acknowledged_is_sent_again_after_a_restart(tmp_path: Path) -> None:
    hub = Hub()

    async with posted(tmp_path, hub) as post:
        owed = {"url": f"{post.url}/hook", "body": "order-1", "headers": {}, "acknowledged": False}
        post.ledger.put("push", "order-1", owed)
        post.ledger.put("push", "order-0", {**owed, "body": "order-0", "acknowledged": True})
        post.pusher.resume()
        await post.acknowledged("order-1")

    assert hub.heard == ["order-1"]
