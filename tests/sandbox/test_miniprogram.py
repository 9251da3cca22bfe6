"""The shop of the sandbox: it sells once, pushes signed, and hears of shipments strictly."""

import asyncio
import contextlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox import push
from infra.sandbox.app import build_app
from infra.sandbox.partner import Surroundings
from infra.sandbox.partners import miniprogram, miniprogram_gate
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.shop import BUYER_ORDERED
from infra.sandbox.world import World
from tests.partnered import Outside, partnered, recall_pushes
from tests.serving import served

NEWS = {
    "event_id": "miniprogram/MP7-00001/1",
    "order_no": "MP7-00001",
    "status": "shipped",
    "carrier": "shunfeng",
    "tracking_no": "SF1000000000001",
    "lines": [1],
}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Outside]:
    async with partnered(tmp_path, miniprogram.build) as outside:
        order = {"items": [{}, {}], "due": True, "standing": "due"}
        outside.ledger.put("order", "MP7-00001", order)
        yield outside


async def tell(shop: Outside, news: Any, **headers: str) -> tuple[int, int]:
    """Tell the shop some news, signed; the HTTP status and the shop's code."""
    body = json.dumps(news).encode()
    seal = miniprogram_gate.sealed(push.Push(url="", body=body))
    url = f"{shop.url}/api/order/status"
    answer = await shop.http.post(url, content=body, headers={**seal, **headers})
    return answer.status_code, answer.json()["code"]


async def test_a_repeated_event_is_counted_as_told_twice_and_shipped_once(shop: Outside) -> None:
    assert await tell(shop, NEWS) == (200, 0)
    assert await tell(shop, NEWS) == (200, 0)

    ((key, shipment),) = shop.ledger.each("shipment")
    assert key == NEWS["event_id"]
    assert shipment == {
        "order_no": "MP7-00001",
        "carrier": "shunfeng",
        "tracking_no": "SF1000000000001",
        "lines": [1],
        "told": 2,
    }
    assert [call[1:] for call in shop.ledger.calls()] == [
        ("order.status", "miniprogram/MP7-00001/1", "ok"),
        ("order.status", "miniprogram/MP7-00001/1", "duplicate"),
    ]


async def test_an_order_is_shipped_once_all_its_lines_are(shop: Outside) -> None:
    await tell(shop, NEWS)
    partly = (shop.ledger.get("order", "MP7-00001") or {})["standing"]
    await tell(shop, {**NEWS, "event_id": "miniprogram/MP7-00001/2", "lines": [2]})

    assert ("due", "shipped") == (
        partly,
        (shop.ledger.get("order", "MP7-00001") or {})["standing"],
    )


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        ({"order_no": "MP7-99999"}, (404, 40401)),
        ({"lines": [3]}, (400, 40003)),
        ({"lines": []}, (400, 40003)),
        ({"lines": [True]}, (400, 40003)),
        ({"status": "delivered"}, (400, 40003)),
        ({"tracking_no": "SF 1"}, (400, 40003)),
        ({"carrier": None}, (400, 40003)),
    ],
)
async def test_news_that_makes_no_sense_is_declined(
    shop: Outside, wrong: dict[str, Any], answer: tuple[int, int]
) -> None:
    assert await tell(shop, {**NEWS, **wrong}) == answer
    assert shop.ledger.count("shipment") == 0


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-Lifeline-Sign": "0" * 64}, 40001),
        ({"X-Lifeline-Nonce": "another"}, 40001),
        (
            {
                "X-Lifeline-Timestamp": "1700000000",
                "X-Lifeline-Nonce": "n",
                "X-Lifeline-Sign": miniprogram_gate.signature(
                    "1700000000", "n", json.dumps(NEWS).encode()
                ),
            },
            40002,
        ),
    ],
)
async def test_what_is_not_signed_now_changes_nothing(
    shop: Outside, headers: dict[str, str], code: int
) -> None:
    assert await tell(shop, NEWS, **headers) == (401, code)
    assert shop.ledger.count("shipment") == 0


class Hub:
    """Keeps the orders that come signed."""

    def __init__(self) -> None:
        self.orders: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def create(self, request: Request) -> Response:
        body = await request.body()
        if request.headers["x-lifeline-sign"] != signed(request.headers, body):
            return JSONResponse({"code": 40001, "msg": "签名不符"}, 401)
        self.orders.put_nowait(json.loads(body))
        return JSONResponse({"code": 0, "msg": "ok"})


def signed(headers: Mapping[str, str], body: bytes) -> str:
    """Sign as the shop should have."""
    head = f"{headers['x-lifeline-timestamp']}\n{headers['x-lifeline-nonce']}\n".encode()
    return hmac.new(b"sandbox-miniprogram-secret", head + body, sha256).hexdigest()


@contextlib.asynccontextmanager
async def selling(var: Path, hub: Hub) -> AsyncIterator[World]:
    """Open the shop before a hub."""
    create = Route("/api/order/create", hub.create, methods=["POST"])
    async with served(Starlette(routes=[create])) as hub_url, httpx.AsyncClient() as http:
        world = World(var, speed=1, seed=7, hub_url=hub_url)
        shop = miniprogram.build(Surroundings(world=world, http=http))
        async with served(build_app(world, [shop], [])):
            yield world
            await recall_pushes()
    for ledger in world.ledgers.values():
        ledger.close()


async def test_a_sale_is_pushed_signed_as_the_shop_keeps_it(tmp_path: Path) -> None:
    hub, order = Hub(), SampleOrders(7).order(1)

    async with selling(tmp_path, hub) as world, asyncio.timeout(20):
        await world.tell(BUYER_ORDERED, order)
        heard = await hub.orders.get()

        kept = world.open_ledger("miniprogram").get("order", "MP7-00001")
    stands = {"channel": "miniprogram", "due": True, "standing": "due"}
    assert {**(kept or {}), "status": "paid"} == {**heard, **stands}
    assert heard["updated_at"] == heard["paid_at"]
    sold = {name: heard[name] for name in order if name != "channel"}
    assert {**sold, "channel": "miniprogram"} == order


async def test_a_sale_that_was_never_pushed_is_pushed_after_a_restart(tmp_path: Path) -> None:
    """A kill between the sale and the push."""
    hub = Hub()
    async with selling(tmp_path, hub) as world:
        dates = {"paid_at": 1_770_350_399_123, "updated_at": 1_770_350_399_123}
        sold = {**SampleOrders(7).order(1), **dates, "due": True, "standing": "due"}
        world.open_ledger("miniprogram").put("order", "MP7-00001", sold)

    async with selling(tmp_path, hub), asyncio.timeout(20):
        assert (await hub.orders.get())["order_no"] == "MP7-00001"
