"""The inbox over HTTP: who may look, who may act, and what stays on record."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine

from domain.events import Push
from domain.staff import Role
from gateways.exceptions import ExceptionBook
from gateways.inbox import Inbox
from gateways.inbox_desk import InboxDesk
from gateways.tables import InboxState
from settings import Member
from tests.web.sightings import NOON
from web.exceptions_api import exceptions_router
from web.inbox_api import inbox_router
from web.refusals import explain_refusals
from web.staff import Staff

TOKENS = {role: f"token-of-the-{role}-0000" for role in Role}
WHY = {"reason": "映射已修正"}
BODY = "正文".encode() + b"\xff"


def ops_app(hub: Engine) -> FastAPI:
    """The ops API as the starter builds it, with one member of the staff for each role."""
    members = {
        f"{role}-1": Member(role=role, token=SecretStr(token)) for role, token in TOKENS.items()
    }
    app = FastAPI(title="Lifeline", docs_url=None, redoc_url=None)
    explain_refusals(app)
    app.include_router(inbox_router(InboxDesk(hub), Staff(members), lambda: None))
    app.include_router(exceptions_router(ExceptionBook(hub), Staff(members)))
    return app


def parked(inbox: Inbox, key: str, path: str = "$.price") -> int:
    """Keep a push, and park it."""
    push = Push(
        path="/hooks/sf/the-secret",
        headers={"x-sign": "s", "event-sign": "s", "cookie": "c", "content-type": "text/xml"},
        query={"sign": "s", "access_token": "t", "method": "deliveryorder.confirm"},
        body=BODY,
        received_at=NOON,
    )
    inbox.keep("sf", key, push)
    (kept,) = inbox.claim(1)
    inbox.park(kept.id, path, f"字段 {path} 无法识别")
    return kept.id


@dataclass
class Ops:
    """A tool that asks, as somebody."""

    http: httpx.AsyncClient
    inbox: Inbox

    async def get(self, path: str, role: Role = Role.OPERATOR) -> httpx.Response:
        return await self.http.get(f"/api/ops{path}", headers=_as(role))

    async def post(
        self, path: str, said: dict[str, str], role: Role = Role.OPERATOR
    ) -> httpx.Response:
        return await self.http.post(f"/api/ops{path}", json=said, headers=_as(role))

    async def states(self) -> list[str]:
        return [entry["state"] for entry in (await self.get("/inbox")).json()]


@pytest.fixture
async def ops(hub: Engine) -> AsyncIterator[Ops]:
    transport = httpx.ASGITransport(ops_app(hub))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as http:
        yield Ops(http, Inbox(hub))


def _as(role: Role) -> dict[str, str]:
    return {"authorization": f"Bearer {TOKENS[role]}"}


async def test_the_list_tells_what_is_wrong_but_not_what_is_inside(ops: Ops) -> None:
    push_id = parked(ops.inbox, "1")

    (entry,) = (await ops.get("/inbox?state=parked&door=sf", Role.VIEWER)).json()

    assert (push_id, "parked", "$.price") == (entry["id"], entry["state"], entry["fault_path"])
    assert "body" not in entry


async def test_the_list_has_pages(ops: Ops) -> None:
    ids = [parked(ops.inbox, str(n)) for n in range(3)]

    first = (await ops.get("/inbox?limit=2")).json()
    second = (await ops.get(f"/inbox?limit=2&before={first[-1]['id']}")).json()

    assert ids[::-1] == [entry["id"] for entry in first + second]
    assert [] == (await ops.get("/inbox?state=done")).json()


async def test_a_push_is_shown_as_it_came_without_what_proves_it(ops: Ops) -> None:
    push_id = parked(ops.inbox, "1")

    answer = await ops.get(f"/inbox/{push_id}")

    shown = answer.json()
    assert {"content-type": "text/xml"} == shown["headers"]
    assert {"method": "deliveryorder.confirm"} == shown["query"]
    assert r"正文\xff" == shown["body"]
    assert BODY == base64.b64decode(shown["body_base64"])
    assert "the-secret" not in answer.text  # SF proves itself by the path


async def test_a_replay_and_a_drop_keep_who_and_why(ops: Ops) -> None:
    first, second = parked(ops.inbox, "1"), parked(ops.inbox, "2")

    replayed = (await ops.post(f"/inbox/{first}/replay", WHY)).json()
    dropped = (await ops.post(f"/inbox/{second}/drop", WHY)).json()

    for entry, state in ((replayed, InboxState.NEW), (dropped, InboxState.DROPPED)):
        assert (state, "operator-1", WHY["reason"]) == (
            entry["state"],
            entry["settled_by"],
            entry["settled_why"],
        )


async def test_one_kind_is_replayed_at_once(ops: Ops) -> None:
    for n, path in enumerate(["$.price", "$.price", "$.sku"]):
        parked(ops.inbox, str(n), path)

    answer = await ops.post("/inbox/replay", {"door": "sf", "path": "$.price", **WHY})

    assert {"count": 2} == answer.json()
    assert ["parked", "new", "new"] == await ops.states()


@pytest.mark.parametrize(
    ("path", "said", "status", "words"),
    [
        ("/inbox/999/replay", WHY, 404, "收件箱里没有 999"),
        ("/inbox/999/drop", WHY, 404, "收件箱里没有 999"),
        ("/inbox/1/drop", WHY, 409, "正在等待处理"),
        ("/inbox/1/replay", WHY, 409, "正在等待处理"),
        ("/inbox/1/replay", {}, 422, "reason"),
        ("/inbox/1/drop", {"reason": ""}, 422, "reason"),
        ("/inbox/replay", {"door": "sf"}, 422, "path"),
    ],
)
async def test_what_can_not_be_done_is_said_in_chinese(
    ops: Ops, path: str, said: dict[str, str], status: int, words: str
) -> None:
    push_id = parked(ops.inbox, "1")
    await ops.post(f"/inbox/{push_id}/replay", WHY)

    answer = await ops.post(path.replace("/1/", f"/{push_id}/"), said)

    assert status == answer.status_code
    assert words in answer.text


@pytest.mark.parametrize("act", ["replay", "drop"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.RISK, None])
async def test_whoever_may_not_act_changes_nothing(ops: Ops, act: str, role: Role | None) -> None:
    push_id = parked(ops.inbox, "1")
    kind = {"door": "sf", "path": "$.price", **WHY}
    headers = _as(role) if role else {}

    answers = [
        await ops.http.post(f"/api/ops/inbox/{push_id}/{act}", json=WHY, headers=headers),
        await ops.http.post("/api/ops/inbox/replay", json=kind, headers=headers),
        await ops.http.get(f"/api/ops/inbox/{push_id}", headers=headers),
    ]

    assert [403 if role else 401] * 3 == [answer.status_code for answer in answers]
    assert ["parked"] == await ops.states()


async def test_text_that_is_none_is_refused(ops: Ops) -> None:
    push_id = parked(ops.inbox, "1")

    answer = await ops.http.post(
        f"/api/ops/inbox/{push_id}/drop",
        content=rb'{"reason": "\ud800"}',
        headers={**_as(Role.OPERATOR), "content-type": "application/json"},
    )

    assert 422 == answer.status_code
    assert ["parked"] == await ops.states()
