"""Hands over HTTP: who may act, what stays on record, and what a tool hears."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.testing import WorkflowEnvironment

from domain.lifecycle import OrderStage, ParcelStage
from domain.risk import Standing
from domain.staff import Role
from gateways.buyer_acts import BuyerActs
from gateways.buyers import BuyerBook
from rulebook.risk import standard_risk
from settings import Member
from tests.fakes.hub import BRISK, Hub, LiveOrder, eventually
from tests.fakes.invoices import FakeInvoices
from tests.fakes.orders import an_order
from web.bulk_api import bulk_router
from web.buyers import Buyers, Listeners
from web.buyers_api import buyers_router
from web.guards import Guards
from web.hands import Hands
from web.ops_api import ops_router
from web.refusals import explain_refusals
from web.staff import Staff

TOKENS = {role: f"token-of-the-{role}-0000" for role in Role}
WHY = {"reason": "买家来电"}
ADDRESS = {
    "name": "张三",
    "phone": "13800001234",
    "province": "浙江省",
    "city": "杭州市",
    "district": "拱墅区",
    "address": "莫干山路 2 号",
}


def hands_app(hub: Engine, hands: Hands, listeners: Listeners) -> FastAPI:
    """The hands as the starter serves them, with one member of the staff for each role."""
    staff = Staff({f"{role}-1": Member(role=role, token=SecretStr(TOKENS[role])) for role in Role})
    buyers = Buyers(BuyerBook(hub), BuyerActs(hub), listeners)
    app = FastAPI(title="Lifeline", docs_url=None, redoc_url=None)
    explain_refusals(app)
    for router in (ops_router(hands, staff), bulk_router(hands, staff)):
        app.include_router(router)
    app.include_router(buyers_router(buyers, staff))
    return app


def listeners_of(live: Hub) -> Listeners:
    guards = Guards(client=live.client, task_queue=live.queue, rule=standard_risk(), speed=1)
    return Listeners(guards=guards, orders=live.lives())


@dataclass
class Ops:
    """A tool that asks, as somebody, and the hub behind the API."""

    http: httpx.AsyncClient
    live: Hub

    async def get(self, path: str, role: Role = Role.VIEWER) -> httpx.Response:
        return await self.http.get(f"/api/ops{path}", headers=_as(role))

    async def post(
        self, path: str, said: dict[str, Any], role: Role = Role.OPERATOR, click: str = ""
    ) -> httpx.Response:
        headers = {**_as(role), "idempotency-key": click}
        return await self.http.post(f"/api/ops{path}", json=said, headers=headers)

    async def bulk(self, deed: str, said: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self.post(f"/bulk/{deed}", {**WHY, **said})
        assert 200 == answer.status_code, answer.text
        assert "application/x-ndjson" in answer.headers["content-type"]
        return [json.loads(line) for line in answer.text.splitlines()]


def _as(role: Role) -> dict[str, str]:
    return {"authorization": f"Bearer {TOKENS[role]}"}


@pytest.fixture
async def live(dev_env: WorkflowEnvironment) -> AsyncIterator[Hub]:
    hub = Hub(dev_env)
    hub.invoices = FakeInvoices(asks=0)
    async with hub.working():
        yield hub
        await hub.end_all()


@pytest.fixture
async def ops(hub: Engine, live: Hub) -> AsyncIterator[Ops]:
    transport = httpx.ASGITransport(hands_app(hub, Hands(live.client), listeners_of(live)))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as http:
        yield Ops(http, live)


@pytest.fixture
async def order(live: Hub) -> LiveOrder:
    order = await live.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    return order


def path(order: LiveOrder) -> str:
    return f"/orders/{order.order.id}"


async def test_an_order_is_shown_with_what_may_be_done(ops: Ops, order: LiveOrder) -> None:
    shown = (await ops.get(path(order))).json()

    assert ("handed_over", "已交仓库", False) == (
        shown["stage"],
        shown["stage_zh"],
        shown["closed"],
    )
    assert order.order.buyer_key == shown["buyer_key"]
    assert {"hold", "cancel", "reroute"} <= set(shown["deeds"])
    for personal in (order.order.receiver.name, order.order.receiver.phone, "文三路", "phone"):
        assert personal not in json.dumps(shown, ensure_ascii=False)


async def test_an_order_that_is_not_there_is_not_found(ops: Ops) -> None:
    for answer in (
        await ops.get("/orders/douyin/nobody"),
        await ops.post("/orders/douyin/nobody/hold", WHY),
    ):
        assert (404, True) == (answer.status_code, "没有订单" in answer.json()["detail"])


async def test_the_members_name_is_on_record_and_not_what_they_call_themselves(
    ops: Ops, order: LiveOrder
) -> None:
    answer = await ops.post(f"{path(order)}/hold", {**WHY, "by": "somebody-else"})

    assert {"order_id": order.order.id, "said": "挂起"} == answer.json()
    assert ["operator-1 挂起:买家来电"] == (await ops.get(path(order))).json()["notes"]


async def test_a_refusal_is_a_conflict_with_its_sentence(ops: Ops, order: LiveOrder) -> None:
    answer = await ops.post(f"{path(order)}/release", WHY)

    assert (409, {"detail": "订单没有被人工挂起"}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("said", [{}, {"reason": ""}], ids=["none", "empty"])
async def test_a_hand_without_a_reason_is_not_taken(
    ops: Ops, order: LiveOrder, said: dict[str, Any]
) -> None:
    assert 422 == (await ops.post(f"{path(order)}/cancel", said)).status_code
    assert OrderStage.HANDED_OVER is (await order.view()).stage


async def test_a_click_that_is_sent_twice_is_one_hand(ops: Ops, order: LiveOrder) -> None:
    for _ in range(2):
        sent = await ops.post(f"{path(order)}/hold", WHY, click="c-1")
        assert 200 == sent.status_code

    assert 1 == len((await ops.get(path(order))).json()["notes"])


async def test_every_hand_reaches_the_order(ops: Ops, order: LiveOrder) -> None:
    assert (
        200 == (await ops.post(f"{path(order)}/reroute", {**WHY, "warehouse": "HZ-XH"})).status_code
    )
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)
    assert 200 == (await ops.post(f"{path(order)}/edit-address", {**WHY, **ADDRESS})).status_code
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 3)
    asked = ops.live.router.asked[-1]
    assert ("莫干山路 2 号", True) == (asked.receiver.address, asked.receiver.place is not None)
    correction = {**WHY, "parcel_no": 3, "number": "ZT9", "carrier": "zhongtong"}
    assert 200 == (await ops.post(f"{path(order)}/correct-waybill", correction)).status_code
    assert 200 == (await ops.post(f"{path(order)}/cancel", WHY)).status_code
    assert OrderStage.CANCELLED is await order.ends()
    over = await ops.post(f"{path(order)}/hold", WHY)
    assert (409, True) == (over.status_code, "已完结" in over.json()["detail"])


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RISK])
async def test_who_is_no_operator_moves_no_order(ops: Ops, order: LiveOrder, role: Role) -> None:
    bulk = {**WHY, "dry_run": False, "query": {"orders": [order.order.id]}}

    assert 403 == (await ops.post(f"{path(order)}/cancel", WHY, role)).status_code
    assert 403 == (await ops.post("/bulk/cancel", bulk, role)).status_code
    assert () == (await order.view()).notes


async def test_a_preview_changes_nothing_and_a_run_answers_for_each(
    ops: Ops, order: LiveOrder
) -> None:
    query = {"orders": [order.order.id, "miniprogram/nobody"]}

    assert [{"count": 2, "first": query["orders"]}] == await ops.bulk("hold", {"query": query})
    assert () == (await order.view()).notes
    *lines, summary = await ops.bulk("hold", {"query": query, "dry_run": False})
    assert {order.order.id: "done", "miniprogram/nobody": "unknown"} == {
        line["order_id"]: line["outcome"] for line in lines
    }
    assert {"asked": 2, "done": 1, "refused": 1} == summary


async def test_a_bulk_reroute_leaves_the_warehouse_that_it_names(ops: Ops, live: Hub) -> None:
    live.router.apart = {2: "SH-PD"}
    live.router.warehouses = {"HZ-GS": "shunfeng", "SH-PD": "shunfeng", "HZ-XH": "zhongtong"}
    live.stock.on_hand |= {("SH-PD", "RICE-5KG"): 100}
    order = await live.accept(an_order(lines=2), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)
    query = {"warehouse": "SH-PD"}

    async def is_listed() -> bool:
        return (await ops.bulk("reroute", {"query": query})) == [
            {"count": 1, "first": [order.order.id]}
        ]

    await eventually(is_listed)
    said = {"query": query, "dry_run": False, "warehouse": "HZ-XH"}
    assert {"asked": 1, "done": 1, "refused": 0} == (await ops.bulk("reroute", said))[-1]

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 3)
    assert {"HZ-GS": "handed_over", "SH-PD": "cancelled", "HZ-XH": "handed_over"} == {
        parcel.warehouse: parcel.stage.value for parcel in view.parcels
    }


async def test_a_query_that_means_everything_is_refused(ops: Ops) -> None:
    answer = await ops.post("/bulk/cancel", {**WHY, "query": {}})

    assert (400, True) == (answer.status_code, "至少一个条件" in answer.json()["detail"])


async def test_a_frozen_buyer_is_on_record_and_can_be_let_go(ops: Ops) -> None:
    frozen = await ops.post("/buyers/k1/freeze", {"hours": 2, "reason": "仅退款 3 次"}, Role.RISK)
    until = datetime.fromisoformat(frozen.json()["frozen_until"])
    assert timedelta(hours=1) < until - datetime.now(UTC) <= timedelta(hours=2)

    let_go = await ops.post("/buyers/k1/unfreeze", {"reason": "误报"}, Role.RISK)

    assert {"buyer_key": "k1", "orders": 0} == let_go.json()
    shown = (await ops.get("/buyers/k1")).json()
    assert shown["frozen_until"] is None
    assert [("unfreeze", "risk-1", "误报"), ("freeze", "risk-1", "仅退款 3 次")] == [
        (act["act"], act["by"], act["reason"]) for act in shown["acts"]
    ]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_who_is_no_risk_officer_freezes_nobody(ops: Ops, role: Role) -> None:
    assert 403 == (await ops.post("/buyers/k1/freeze", WHY, role)).status_code
    assert 403 == (await ops.post("/buyers/k1/unfreeze", WHY, role)).status_code
    assert [] == (await ops.get("/buyers/k1")).json()["acts"]


async def test_the_held_orders_of_a_buyer_go_on_when_the_buyer_is_let_go(
    ops: Ops, live: Hub
) -> None:
    made = an_order()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    live.buyers.frozen[made.buyer_key] = Standing(frozen_until=tomorrow, reason="仅退款 3 次")
    order = await live.accept(made, BRISK)
    await order.reaches(OrderStage.WAITING)
    live.buyers.unfreeze(made.buyer_key)

    async def went_on() -> bool:
        let_go = await ops.post(f"/buyers/{made.buyer_key}/unfreeze", {"reason": "误报"}, Role.RISK)
        told: dict[str, object] = let_go.json()
        return told == {"buyer_key": made.buyer_key, "orders": 1}

    await eventually(went_on)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    assert () == (await order.view()).notes  # it was no hand on the order
