"""The queue of exceptions over HTTP: who may look, who may take, and who is quicker."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine

from domain.staff import Role
from gateways.exceptions import ExceptionBook
from settings import Member
from tests.gateways.test_exceptions import KEY, NOON, SOON, an_alert, clearing_of
from web.exceptions_api import exceptions_router
from web.refusals import explain_refusals
from web.staff import Staff

TOKENS = {
    "王芳": (Role.OPERATOR, "token-of-wang-fang-0000"),
    "李四": (Role.OPERATOR, "token-of-li-si-00000000"),
    "风控": (Role.RISK, "token-of-the-risk-000000"),
    "访客": (Role.VIEWER, "token-of-the-viewer-0000"),
}
LATER = NOON + timedelta(minutes=45)


class Ops:
    """Tools that ask, each as somebody, and the queue that they ask about."""

    def __init__(self, http: httpx.AsyncClient, book: ExceptionBook) -> None:
        self.http = http
        self.book = book

    async def get(self, path: str = "", name: str = "访客") -> Any:
        answer = await self.http.get(f"/api/ops/exceptions{path}", headers=_as(name))
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def post(self, path: str, name: str, key: str = KEY) -> httpx.Response:
        address = f"/api/ops/exceptions/{path}"
        return await self.http.post(address, json={"key": key}, headers=_as(name))


def _as(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {TOKENS[name][1]}"} if name else {}


@pytest.fixture
async def ops(hub: Engine) -> AsyncIterator[Ops]:
    members = {
        name: Member(role=role, token=SecretStr(token)) for name, (role, token) in TOKENS.items()
    }
    book = ExceptionBook(hub, lambda: LATER)
    app = FastAPI()
    explain_refusals(app)
    app.include_router(exceptions_router(book, Staff(members), lambda: LATER))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as http:
        yield Ops(http, book)


async def test_an_exception_is_told_with_age_deadline_and_where_to_act(ops: Ops) -> None:
    ops.book.opened(an_alert("A/1"), NOON + SOON)

    (card,) = await ops.get()

    assert ("获取运单号", "地址不详", None) == (card["step_zh"], card["reason"], card["owner"])
    assert (45 * 60, 15 * 60) == (card["age_s"], card["overdue_s"])
    assert [
        {"remedy": "retry", "name": "重试", "path": "/api/ops/orders/douyin/A%2F1/resolve"},
        {"remedy": "cancel", "name": "取消", "path": "/api/ops/orders/douyin/A%2F1/cancel"},
    ] == card["acts"]


async def test_the_list_answers_what_people_ask(ops: Ops) -> None:
    ops.book.opened(an_alert(), NOON + SOON)
    ops.book.opened(an_alert("B1", "printer.print", "youzan"), NOON + timedelta(days=1))
    ops.book.take(KEY, "王芳")

    for query in ("?part=overdue", "?owner=王芳", "?step=label.create", "?channel=douyin"):
        assert [KEY] == [card["key"] for card in await ops.get(query)], query
    assert 1 == len(await ops.get("?limit=1"))
    assert [("label.create", 1, 1, 0), ("printer.print", 1, 0, 1)] == [
        (count["step"], count["open"], count["overdue"], count["untaken"])
        for count in await ops.get("/counts")
    ]


async def test_what_is_cleared_has_an_age_and_nothing_to_do(ops: Ops) -> None:
    ops.book.opened(an_alert(), NOON + SOON)
    ops.book.cleared(clearing_of(an_alert()))

    (card,) = await ops.get("?part=cleared")

    assert (45 * 60, []) == (card["age_s"], card["acts"])


async def test_the_quicker_one_takes_it_and_the_other_hears_who(ops: Ops) -> None:
    ops.book.opened(an_alert(), NOON + SOON)

    first, second = await ops.post("take", "王芳"), await ops.post("take", "李四")
    foreign = await ops.post("give-back", "李四")
    back = await ops.post("give-back", "王芳")
    third = await ops.post("take", "风控")

    assert (200, "王芳") == (first.status_code, first.json()["owner"])
    assert [409, 409] == [second.status_code, foreign.status_code]
    assert "已由 王芳" in second.json()["detail"]
    assert (200, None) == (back.status_code, back.json()["owner"])
    assert "风控" == third.json()["owner"]


async def test_what_is_not_open_can_not_be_taken(ops: Ops) -> None:
    answer = await ops.post("take", "王芳", "douyin/A9/1:label.create")

    assert 404 == answer.status_code
    assert "lifeline exceptions list" in answer.json()["detail"]


@pytest.mark.parametrize(("name", "status"), [("访客", 403), ("", 401)])
@pytest.mark.parametrize("path", ["take", "give-back"])
async def test_whoever_may_not_act_changes_nothing(
    ops: Ops, path: str, name: str, status: int
) -> None:
    ops.book.opened(an_alert(), NOON + SOON)

    assert status == (await ops.post(path, name)).status_code
    assert ops.book.shown(KEY).owner is None


@pytest.mark.parametrize("said", [b'{"key": "\\ud800"}', b'{"key": ""}', b"{}", b"[]", b"\xff"])
async def test_a_question_that_is_none_is_refused(ops: Ops, said: bytes) -> None:
    headers = {**_as("王芳"), "content-type": "application/json"}

    answer = await ops.http.post("/api/ops/exceptions/take", content=said, headers=headers)

    assert answer.status_code in {400, 422}
