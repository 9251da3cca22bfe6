"""The shop of the sandbox: it sells once, pushes signed, and hears of shipments strictly."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.clock import utc_now
from domain.events import Push
from gateways.miniprogram import MiniProgramDoor
from infra.sandbox import push
from infra.sandbox.app import build_app
from infra.sandbox.partner import Surroundings
from infra.sandbox.partners import miniprogram
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.world import World
from settings import MiniProgram
from tests.partnered import Outside, partnered
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
        outside.ledger.put("order", "MP7-00001", {"items": [{}, {}], "due": True})
        yield outside


async def tell(shop: Outside, news: Any, **headers: str) -> tuple[int, int]:
    """Tell the shop some news, signed; the HTTP status and the shop's code."""
    body = json.dumps(news).encode()
    seal = miniprogram.sealed(push.Push(url="", body=body))
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
                "X-Lifeline-Sign": miniprogram.signature(
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
    """Lets the shop's pushes in by the hub's own door."""

    def __init__(self) -> None:
        self.orders: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._door = MiniProgramDoor(MiniProgram(), lambda phone: phone)

    async def create(self, request: Request) -> Response:
        push = Push(
            path=request.url.path,
            headers=dict(request.headers),
            query={},
            body=await request.body(),
            received_at=utc_now(),
        )
        self._door.verify(push)
        self._door.read(push)
        self.orders.put_nowait(json.loads(push.body))
        return JSONResponse({"code": 0, "msg": "ok"})


@contextlib.asynccontextmanager
async def selling(var: Path, hub: Hub) -> AsyncIterator[World]:
    """Open the shop before a hub."""
    create = Route("/api/order/create", hub.create, methods=["POST"])
    async with served(Starlette(routes=[create])) as hub_url, httpx.AsyncClient() as http:
        world = World(var, speed=1, seed=7, hub_url=hub_url)
        shop = miniprogram.build(Surroundings(world=world, http=http))
        async with served(build_app(world, [shop], [])):
            yield world
    for ledger in world.ledgers.values():
        ledger.close()


async def test_the_hubs_door_takes_what_the_shop_pushes(tmp_path: Path) -> None:
    hub, order = Hub(), SampleOrders(7).order(1)

    async with selling(tmp_path, hub) as world, asyncio.timeout(20):
        await world.tell(miniprogram.BUYER_ORDERED, order)
        heard = await hub.orders.get()

        assert world.open_ledger("miniprogram").get("order", "MP7-00001") == {**heard, "due": True}
    assert {**heard, "paid_at": None} == {**order, "paid_at": None}


async def test_a_sale_that_was_never_pushed_is_pushed_after_a_restart(tmp_path: Path) -> None:
    """A kill between the sale and the push."""
    hub = Hub()
    async with selling(tmp_path, hub) as world:
        sold = {**SampleOrders(7).order(1), "paid_at": 1_770_350_399_123, "due": True}
        world.open_ledger("miniprogram").put("order", "MP7-00001", sold)

    async with selling(tmp_path, hub), asyncio.timeout(20):
        assert (await hub.orders.get())["order_no"] == "MP7-00001"
