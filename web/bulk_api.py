"""Bulk hands over HTTP: a preview first, then one line of JSON for each order as it answers."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from domain.hands import Deed
from domain.order import OrderId
from domain.staff import Role, StaffMember
from web.bulk import SHOWN, Bulk, tally
from web.handled import Handled, Outcome
from web.hands import Hands
from web.inbox_api import REFUSED
from web.ops_api import Click
from web.ops_bodies import (
    CancelBody,
    HoldBody,
    QueryBody,
    ReleaseBody,
    RerouteBody,
    ResolutionBody,
    RetryBody,
)
from web.staff import Staff

LINES = "application/x-ndjson"


class Many(BaseModel):
    """Which orders; a dry run, which is the default, changes nothing."""

    query: QueryBody
    dry_run: Annotated[bool, Field(description="true 只预览,不执行")] = True


class ManyReroute(RerouteBody, Many):
    """Re-route many."""


class ManyHold(HoldBody, Many):
    """Hold many."""


class ManyRelease(ReleaseBody, Many):
    """Release many."""


class ManyCancel(CancelBody, Many):
    """Cancel many."""


class ManyRetry(RetryBody, Many):
    """Retry many now."""


class ManyResolve(ResolutionBody, Many):
    """Resolve exceptions of many."""


class Preview(BaseModel):
    """How many orders are meant, and the first of them."""

    count: int
    first: list[str]


class Line(BaseModel):
    """What became of one order."""

    order_id: str
    outcome: Outcome
    said: str


class Summary(BaseModel):
    """The last line: what all of it came to."""

    asked: int
    done: int
    refused: int


class ManyBody(Protocol):
    """Any of the bodies above."""

    query: QueryBody
    dry_run: bool

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled: ...


STREAMED: dict[int | str, dict[str, Any]] = {
    **REFUSED,
    200: {
        "description": "每行一个 JSON:预览时一行 count 和 first;执行时每单一行,最后一行汇总",
        "content": {LINES: {"schema": {"type": "string"}}},
    },
}


def bulk_router(hands: Hands, staff: Staff) -> APIRouter:
    """Serve bulk hands under ``/api/ops/bulk``."""
    router = APIRouter(
        prefix="/api/ops/bulk",
        tags=["批量"],
        responses=STREAMED,
    )
    operator = Annotated[StaffMember, Depends(staff.must(Role.OPERATOR))]
    bulk = Bulk(hands=hands)

    @router.post("/reroute", summary="批量改派仓库;条件中的仓库就是要离开的仓库")
    async def reroute(body: ManyReroute, member: operator, click: Click = "") -> Response:
        body.source = body.source or body.query.warehouse
        return await _answer(bulk, Deed.REROUTE, body, member.name, click)

    @router.post("/hold", summary="批量挂起")
    async def hold(body: ManyHold, member: operator, click: Click = "") -> Response:
        return await _answer(bulk, Deed.HOLD, body, member.name, click)

    @router.post("/release", summary="批量解除挂起")
    async def release(body: ManyRelease, member: operator, click: Click = "") -> Response:
        return await _answer(bulk, Deed.RELEASE, body, member.name, click)

    @router.post("/cancel", summary="批量取消")
    async def cancel(body: ManyCancel, member: operator, click: Click = "") -> Response:
        return await _answer(bulk, Deed.CANCEL, body, member.name, click)

    @router.post("/retry", summary="批量立即重试")
    async def retry(body: ManyRetry, member: operator, click: Click = "") -> Response:
        return await _answer(bulk, Deed.RETRY_NOW, body, member.name, click)

    @router.post("/resolve", summary="批量处理异常")
    async def resolve(body: ManyResolve, member: operator, click: Click = "") -> Response:
        return await _answer(bulk, Deed.RESOLVE, body, member.name, click)

    return router


class LinesResponse(StreamingResponse):
    """One JSON document a line."""

    media_type = LINES


async def _answer(bulk: Bulk, deed: Deed, body: ManyBody, by: str, click: str) -> Response:
    """Find the orders first: a query that can not be asked is refused as a whole."""
    found = await bulk.find(body.query.query(), deed)
    if body.dry_run:
        return LinesResponse(iter([_line(Preview(count=len(found), first=list(found[:SHOWN])))]))

    async def deal(order_id: OrderId, key: str) -> Handled:
        return await body.act(bulk.hands, order_id, by, key)

    return LinesResponse(_lines(bulk.run(found, deal, click)))


async def _lines(answers: AsyncIterator[Handled]) -> AsyncIterator[str]:
    told = []
    async for each in answers:
        told.append(each)
        yield _line(Line(order_id=each.order_id, outcome=each.outcome, said=each.said))
    whole = tally(told)
    yield _line(Summary(asked=whole.asked, done=whole.done, refused=whole.refused))


def _line(document: BaseModel) -> str:
    return document.model_dump_json() + "\n"
