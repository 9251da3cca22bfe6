"""The inbox for staff and their tools, over HTTP. The command line calls the same functions."""

from base64 import b64encode
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from domain.events import Push
from domain.hands import Hand
from domain.staff import Role, StaffMember
from gateways.inbox_desk import Entry, InboxDesk, without_proofs
from gateways.tables import LONG_KEY, InboxState
from web.staff import Staff

LARGEST_ID = 2**63 - 1
DOOR_ROOM = 32

PushId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="推送编号")]
Reason = Annotated[str, Field(min_length=1, max_length=500, description="原因,记录在案")]
Door = Annotated[str, Field(min_length=1, max_length=DOOR_ROOM, description="来源,例如 sf")]
Refusals = dict[int | str, dict[str, Any]]


class Refusal(BaseModel):
    """Why not."""

    detail: str


class Why(BaseModel):
    """The reason for what a person does."""

    reason: Reason


class Kind(BaseModel):
    """All that is parked for one cause."""

    door: Door
    path: Annotated[str, Field(min_length=1, max_length=LONG_KEY, description="出错字段")]
    reason: Reason


class Replayed(BaseModel):
    """How many pushes are handed on once more."""

    count: int


class Content(BaseModel):
    """A push with what is in it; ``body`` is for reading, ``body_base64`` is exact."""

    entry: Entry
    headers: dict[str, str]
    query: dict[str, str]
    body: str
    body_base64: str


REFUSED: Refusals = {
    400: {"model": Refusal, "description": "请求正文无法解析"},
    401: {"model": Refusal, "description": "未登录"},
    403: {"model": Refusal, "description": "权限不足"},
    503: {"model": Refusal, "description": "数据库暂时没有答复"},
}
NO_SUCH: Refusals = {404: {"model": Refusal, "description": "没有这条推送"}}
NOT_NOW: Refusals = {409: {"model": Refusal, "description": "推送当前的状态不允许"}}


def inbox_router(desk: InboxDesk, staff: Staff, arrived: Callable[[], None]) -> APIRouter:
    """Serve the inbox under ``/api/ops``.

    Args:
        desk: Where the pushes are.
        staff: Who may look, and who may act.
        arrived: Told when there is something for the drain to do.
    """
    router = APIRouter(prefix="/api/ops", tags=["收件箱"], responses=REFUSED)
    may_look = Depends(staff.must(Role.VIEWER))
    operator = Annotated[StaffMember, Depends(staff.must(Role.OPERATOR))]

    @router.get("/inbox", summary="列出推送,最新的在前", dependencies=[may_look])
    def entries(
        state: Annotated[InboxState | None, Query(description="状态")] = None,
        door: Annotated[str | None, Query(max_length=DOOR_ROOM, description="来源")] = None,
        limit: Annotated[int, Query(ge=1, le=500, description="最多几条")] = 50,
        before: Annotated[
            int | None, Query(ge=1, le=LARGEST_ID, description="只看编号小于它的,用于翻页")
        ] = None,
    ) -> list[Entry]:
        return desk.entries(state=state, door=door, limit=limit, before=before)

    @router.get("/inbox/{push_id}", summary="查看一条推送的原文", responses=NO_SUCH)
    def entry(push_id: PushId, _: operator) -> Content:
        return _content(desk.entry(push_id), without_proofs(desk.content(push_id)))

    @router.post("/inbox/replay", summary="重放某来源因同一字段搁置的全部推送")
    def replay_kind(kind: Kind, member: operator) -> Replayed:
        hand = Hand(by=member.name, reason=kind.reason)
        count = desk.replay_parked(kind.door, kind.path, hand)
        arrived()
        return Replayed(count=count)

    @router.post(
        "/inbox/{push_id}/replay", summary="重放一条推送", responses={**NO_SUCH, **NOT_NOW}
    )
    def replay(push_id: PushId, why: Why, member: operator) -> Entry:
        desk.replay(push_id, Hand(by=member.name, reason=why.reason))
        arrived()
        return desk.entry(push_id)

    @router.post(
        "/inbox/{push_id}/drop", summary="忽略一条推送;原文保留", responses={**NO_SUCH, **NOT_NOW}
    )
    def drop(push_id: PushId, why: Why, member: operator) -> Entry:
        desk.drop(push_id, Hand(by=member.name, reason=why.reason))
        return desk.entry(push_id)

    return router


def _content(entry: Entry, push: Push) -> Content:
    return Content(
        entry=entry,
        headers=dict(push.headers),
        query=dict(push.query),
        body=push.body.decode(errors="backslashreplace"),
        body_base64=b64encode(push.body).decode(),
    )
