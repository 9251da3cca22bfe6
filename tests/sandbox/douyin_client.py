"""A client of the Douyin shop that knows the documents, not our code; and a hub that listens."""

import asyncio
import contextlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.app import build_app
from infra.sandbox.ledger import Ledger
from infra.sandbox.partner import Surroundings
from infra.sandbox.partners import douyin
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.shop import BUYER_ORDERED
from infra.sandbox.world import World
from tests.serving import served

APP_KEY, APP_SECRET, SHOP_ID = "sandbox-dd-app", "sandbox-dd-secret", "7001002"
Json = dict[str, Any]


def signed_text(method: str, param_json: str, timestamp: str) -> bytes:
    """Write what is signed, as protocols 2.1 say."""
    signed = f"app_key{APP_KEY}method{method}param_json{param_json}timestamp{timestamp}v2"
    return f"{APP_SECRET}{signed}{APP_SECRET}".encode()


def hmac_of(text: bytes) -> str:
    return hmac.new(APP_SECRET.encode(), text, "sha256").hexdigest()


def md5_of(text: bytes) -> str:
    return md5(text).hexdigest()  # noqa: S324 - the platform's older signature


def a_query(method: str, param_json: str, /, **spoiled: str) -> dict[str, str]:
    """Sign a call; what is spoiled is spoiled after the signature."""
    timestamp = str(int(time.time()))
    return {
        "app_key": APP_KEY,
        "method": method,
        "timestamp": timestamp,
        "v": "2",
        "sign_method": "hmac-sha256",
        "sign": hmac_of(signed_text(method, param_json, timestamp)),
        **spoiled,
    }


@dataclass
class Hub:
    """Keeps what is pushed, and says "got it", if it is in the mood."""

    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Json = field(default_factory=lambda: {"code": 0, "msg": "success"})
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: Request) -> Response:
        async with self.came:
            self.bodies.append(await request.body())
            self.headers.append(dict(request.headers))
            self.came.notify_all()
        return JSONResponse(self.answer)

    @property
    def messages(self) -> list[Json]:
        return [message for body in self.bodies for message in json.loads(body)]

    async def heard(self, tag: str) -> Json:
        """Wait for a message with this tag, and tell its data."""
        async with self.came, asyncio.timeout(20):
            await self.came.wait_for(lambda: tag in [message["tag"] for message in self.messages])
        found = next(message for message in self.messages if message["tag"] == tag)
        data: Json = json.loads(found["data"])
        return data


@dataclass
class Shop:
    """The Douyin shop of a sandbox, its world, and the hub that it pushes to."""

    url: str
    http: httpx.AsyncClient
    world: World
    hub: Hub
    token: str = ""

    @property
    def ledger(self) -> Ledger:
        return self.world.open_ledger("douyin")

    async def sign_in(self) -> Json:
        """Fetch a token, and call with it from now on."""
        answer = await self.ask(
            "token.create", {"grant_type": "authorization_self", "shop_id": SHOP_ID}
        )
        self.token = answer["data"]["access_token"]
        told: Json = answer["data"]
        return told

    async def ask(self, method: str, param: Any, /, **spoiled: str) -> Json:
        """Call a method, and tell the whole answer."""
        param_json = json.dumps(param, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        query = a_query(method, param_json, **{"access_token": self.token, **spoiled})
        return await self.post(method, query, param_json)

    async def post(self, method: str, query: dict[str, str], body: str) -> Json:
        """Send a call as it is; whatever it says, the answer is HTTP 200."""
        url = f"{self.url}/{method.replace('.', '/')}"
        answer = await self.http.post(url, params=query, content=body.encode())
        assert answer.status_code == 200
        told: Json = answer.json()
        return told

    async def data(self, method: str, param: Any) -> Any:
        """Call a method, and tell its data."""
        answer = await self.ask(method, param)
        assert answer["code"] == 10000, answer
        return answer["data"]

    async def sell(self, n: int = 1) -> Json:
        """Let a buyer order the n-th sample, and tell it."""
        sample = SampleOrders(7).order(n, "douyin")
        await self.world.tell(BUYER_ORDERED, sample)
        return sample

    async def deed(self, deed: str, **payload: Any) -> None:
        """Let a buyer or the platform do something."""
        await self.world.tell(deed, {"channel": "douyin", **payload})

    async def order(self, number: str) -> Json:
        """Fetch an order as the shop shows it."""
        told: Json = (await self.data("order.orderDetail", {"shop_order_id": number}))[
            "shop_order_detail"
        ]
        return told


@contextlib.asynccontextmanager
async def opened(var: Path, hub: Hub | None = None) -> AsyncIterator[Shop]:
    """Open the shop before a hub, and sign in."""
    listening = hub or Hub()
    hooks = Starlette(routes=[Route("/hooks/douyin", listening.take, methods=["POST"])])
    async with served(hooks) as hub_url, httpx.AsyncClient(trust_env=False) as http:
        world = World(var, speed=1, seed=7, hub_url=hub_url)
        partner = douyin.build(Surroundings(world=world, http=http))
        async with served(build_app(world, [partner], [])) as base:
            shop = Shop(f"{base}/douyin", http, world, listening)
            await shop.sign_in()
            yield shop
            await _send_home()
            await http.aclose()
    for ledger in world.ledgers.values():
        ledger.close()


async def _send_home() -> None:
    """Stop whoever is still pushing, as the sandbox does at its end."""
    pushing = [task for task in asyncio.all_tasks() if "Pusher" in repr(task.get_coro())]
    for task in pushing:
        task.cancel()
    await asyncio.gather(*pushing, return_exceptions=True)
