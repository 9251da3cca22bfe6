"""The mini program's shop lets buyers change their minds, and tells its orders to who asks."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
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
from infra.sandbox.ledger import Ledger
from infra.sandbox.partner import Surroundings
from infra.sandbox.partners import miniprogram, miniprogram_gate
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.shop import (
    BUYER_CANCELLED,
    BUYER_CLAIMED,
    BUYER_MOVED,
    BUYER_ORDERED,
    BUYER_WITHDREW,
    MONEY_RETURNED,
)
from infra.sandbox.world import World
from tests.partnered import recall_pushes
from tests.serving import served

NUMBER = "MP7-00001"
CLAIM = "RF7-00001"
TAKEN = (200, {"code": 0, "msg": "ok"})


class Hub:
    """Keeps what is pushed, by path, and answers one and the same thing."""

    def __init__(self, answer: tuple[int, Any] = TAKEN) -> None:
        self.answer = answer
        self.heard: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

    async def take(self, request: Request) -> Response:
        self.heard.put_nowait((request.url.path, json.loads(await request.body())))
        status, said = self.answer
        return JSONResponse(said, status)

    async def next(self) -> tuple[str, dict[str, Any]]:
        """Wait for the next push."""
        async with asyncio.timeout(20):
            return await self.heard.get()


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop as the hub sees it; ``world`` and ``ledger`` are behind its counter."""

    url: str
    http: httpx.AsyncClient
    world: World
    hub: Hub

    @property
    def ledger(self) -> Ledger:
        return self.world.open_ledger("miniprogram")

    async def ask(self, what: str, asked: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        """Ask for orders, signed."""
        body = json.dumps(asked).encode()
        seal = miniprogram_gate.sealed(push.Push(url="", body=body))
        answer = await self.http.post(
            f"{self.url}/api/order/{what}", content=body, headers={**seal, **headers}
        )
        return answer.status_code, answer.json()

    async def sell(self, n: int = 1) -> dict[str, Any]:
        """Let a buyer order, and tell what the hub hears of it."""
        await self.world.tell(BUYER_ORDERED, SampleOrders(7).order(n))
        return (await self.hub.next())[1]

    async def deed(self, what: str, **more: Any) -> None:
        """Let a buyer do something."""
        await self.world.tell(what, {"channel": "miniprogram", **more})

    async def recorded(self, holds: Callable[[Ledger], bool]) -> None:
        """Wait until the ledger says so."""
        async with asyncio.timeout(20):
            while not holds(self.ledger):  # noqa: ASYNC110 - the record is what counts, and it tells nobody
                await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def selling(var: Path, hub: Hub) -> AsyncIterator[Shop]:
    """Open the shop before a hub."""
    routes = [Route("/{path:path}", hub.take, methods=["POST"])]
    async with served(Starlette(routes=routes)) as hub_url, httpx.AsyncClient() as http:
        world = World(var, speed=1, seed=7, hub_url=hub_url)
        partner = miniprogram.build(Surroundings(world=world, http=http))
        async with served(build_app(world, [partner], [])) as base:
            yield Shop(f"{base}/miniprogram", http, world, hub)
            await recall_pushes()
            await http.aclose()
    for ledger in world.ledgers.values():
        ledger.close()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with selling(tmp_path, Hub()) as opened:
        yield opened


async def test_a_new_address_is_pushed_as_the_order_stands_then(shop: Shop) -> None:
    before = await shop.sell()
    await shop.deed(BUYER_MOVED, order_no=NUMBER, receiver={"phone": "13900000000"})
    path, after = await shop.hub.next()

    assert "/api/order/create" == path
    assert ("paid", "13900000000") == (after["status"], after["receiver"]["phone"])
    assert before["receiver"]["name"] == after["receiver"]["name"]
    assert before["paid_at"] == after["paid_at"] < after["updated_at"]


async def test_a_cancelled_order_is_pushed_once_and_due_no_more(shop: Shop) -> None:
    await shop.sell()
    await shop.deed(BUYER_CANCELLED, order_no=NUMBER)
    await shop.deed(BUYER_CANCELLED, order_no=NUMBER)
    await shop.deed(BUYER_MOVED, order_no=NUMBER, receiver={"phone": "13900000000"})
    _, after = await shop.hub.next()
    kept = shop.ledger.get("order", NUMBER) or {}

    assert "cancelled" == after["status"]
    assert ("cancelled", False) == (kept["standing"], kept["due"])
    assert 2 == shop.ledger.count("push")


@pytest.mark.parametrize("code", [40301, 40302])
@pytest.mark.parametrize("status", [200, 403])
async def test_a_sale_that_the_hub_does_not_take_is_taken_back(
    tmp_path: Path, code: int, status: int
) -> None:
    async with selling(tmp_path, Hub((status, {"code": code, "msg": "不收"}))) as shop:
        await shop.sell()
        await shop.recorded(lambda ledger: (ledger.get("push", NUMBER) or {})["acknowledged"])
        kept = shop.ledger.get("order", NUMBER) or {}

    assert (False, "cancelled", code) == (kept["due"], kept["standing"], kept["refused"])


async def test_any_other_refusal_is_no_answer_to_a_sale(tmp_path: Path) -> None:
    async with selling(tmp_path, Hub((400, {"code": 40003, "msg": "字段缺失"}))) as shop:
        await shop.sell()
        shop.hub.answer = TAKEN
        await shop.hub.next()
        kept = shop.ledger.get("order", NUMBER) or {}

    assert (True, "due") == (kept["due"], kept["standing"])


async def test_a_claim_is_pushed_with_each_of_its_steps(shop: Shop) -> None:
    await shop.sell()
    about = {
        "order_no": NUMBER,
        "kind": "refund_only",
        "amount_fen": 990,
        "lines": [1],
        "reason": "坏了",
    }
    await shop.deed(BUYER_CLAIMED, claim=CLAIM, **about)
    path, asked = await shop.hub.next()
    await shop.deed(MONEY_RETURNED, claim=CLAIM)
    _, refunded = await shop.hub.next()
    await shop.deed(MONEY_RETURNED, claim=CLAIM)
    await shop.deed(BUYER_WITHDREW, claim=CLAIM)

    assert "/hooks/miniprogram" == path
    assert {
        "kind": "refund",
        "refund_no": CLAIM,
        "order_no": NUMBER,
        "type": "refund_only",
        "status": "asked",
        "amount": 990,
        "lines": [1],
        "reason": "坏了",
    } == {name: value for name, value in asked.items() if not name.endswith("_at")}
    assert asked["created_at"] == asked["updated_at"]
    assert "refunded" == refunded["status"]
    assert asked["updated_at"] < refunded["updated_at"]
    assert {CLAIM: {"order_no": NUMBER, "amount_fen": 990}} == dict(shop.ledger.each("refund"))
    assert 3 == shop.ledger.count("push")


async def test_a_claim_may_be_withdrawn_before_the_money_is_back(shop: Shop) -> None:
    await shop.sell()
    about = {"order_no": NUMBER, "kind": "refund_only", "amount_fen": 990, "reason": ""}
    await shop.deed(BUYER_CLAIMED, claim=CLAIM, **about)
    await shop.deed(BUYER_WITHDREW, claim=CLAIM)
    await shop.deed(MONEY_RETURNED, claim=CLAIM)
    statuses = [(await shop.hub.next())[1]["status"] for _ in range(2)]

    assert {"asked", "withdrawn"} == set(statuses)
    assert 0 == shop.ledger.count("refund")


async def test_what_happens_in_other_shops_is_not_heard(shop: Shop) -> None:
    await shop.world.tell(BUYER_ORDERED, SampleOrders(7).order(1, "youzan"))
    await shop.world.tell(BUYER_CANCELLED, {"channel": "youzan", "order_no": "E1"})

    assert 0 == shop.ledger.count("order")


async def test_orders_are_told_by_when_they_were_paid_or_changed(shop: Shop) -> None:
    pushed = [await shop.sell(n) for n in (1, 2, 3)]
    for n, order in enumerate(pushed):
        shop.ledger.amend("order", order["order_no"], paid_at=1000 + n, updated_at=1000 + n)
    shop.ledger.amend("order", NUMBER, updated_at=5000)
    everything = {"since_ms": 0, "until_ms": 9999, "size": 2}
    first = (await shop.ask("changed", {**everything, "page": 1}))[1]
    second = (await shop.ask("changed", {**everything, "page": 2}))[1]
    early = (await shop.ask("changed", {**everything, "until_ms": 1000, "page": 1}))[1]

    assert (0, 3) == (first["code"], first["total"])
    told = [order["order_no"] for page in (first, second) for order in page["orders"]]
    assert ["MP7-00002", "MP7-00003", NUMBER] == told
    assert [NUMBER] == [order["order_no"] for order in early["orders"]]
    dates = {"paid_at": 1001, "updated_at": 1001}
    assert {**pushed[1], **dates} == first["orders"][0]


async def test_one_order_is_told_as_it_was_pushed(shop: Shop) -> None:
    pushed = await shop.sell()

    status, told = await shop.ask("detail", {"order_no": NUMBER})

    assert (200, 0, pushed) == (status, told["code"], told["order"])


@pytest.mark.parametrize(
    ("what", "asked", "answer"),
    [
        ("detail", {"order_no": "MP7-99999"}, (404, 40401)),
        ("detail", {"order_no": 1}, (400, 40003)),
        ("detail", {}, (400, 40003)),
        ("detail", [], (400, 40003)),
        ("detail", {"order_no": "\ud800"}, (400, 40003)),
        ("changed", {"since_ms": 0, "until_ms": 1, "page": 1, "size": 101}, (400, 40003)),
        ("changed", {"since_ms": 0, "until_ms": 1, "page": 0, "size": 1}, (400, 40003)),
        ("changed", {"since_ms": "0", "until_ms": 1, "page": 1, "size": 1}, (400, 40003)),
        ("changed", {"until_ms": 1, "page": 1, "size": 1}, (400, 40003)),
        ("changed", {"since_ms": True, "until_ms": 1, "page": 1, "size": 1}, (400, 40003)),
    ],
)
async def test_a_question_that_makes_no_sense_is_declined(
    shop: Shop, what: str, asked: Any, answer: tuple[int, int]
) -> None:
    status, told = await shop.ask(what, asked)

    assert answer == (status, told["code"])


@pytest.mark.parametrize("what", ["detail", "changed"])
async def test_nobody_asks_without_a_signature(shop: Shop, what: str) -> None:
    wrong = {"X-Lifeline-Sign": "0" * 64}

    status, told = await shop.ask(what, {"order_no": NUMBER}, **wrong)

    assert (401, 40001) == (status, told["code"])


async def test_a_change_that_was_never_pushed_is_pushed_after_a_restart(tmp_path: Path) -> None:
    """A kill between the change and the push."""
    async with selling(tmp_path, Hub()) as shop:
        await shop.sell()
        await shop.recorded(lambda ledger: (ledger.get("push", NUMBER) or {})["acknowledged"])
        shop.ledger.amend("order", NUMBER, standing="cancelled", due=False, updated_at=2**45)
    async with selling(tmp_path, Hub()) as shop:
        _, told = await shop.hub.next()

    assert ("cancelled", 2**45) == (told["status"], told["updated_at"])
