"""The queue of exceptions for staff and their tools, over HTTP; the command line has the same."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from domain.clock import utc_now
from domain.staff import Role, StaffMember
from domain.trouble import Remedy
from domain.words import STEPS, zh
from gateways.exception_rows import OpenException
from gateways.exceptions import ExceptionBook, Part, StepCount
from gateways.tables import ORDER_ID, PARCEL_KEY
from web.inbox_api import REFUSED, Refusal, Refusals
from web.staff import Staff

STEP_ROOM = 32
NAME_ROOM = 64
# Where each remedy is done: under the order's own address, ``web.ops_api``.
HANDS: Mapping[Remedy, str] = {
    Remedy.RETRY: "resolve",
    Remedy.DONE_BY_HAND: "resolve",
    Remedy.REROUTE: "reroute",
    Remedy.EDIT_ADDRESS: "edit-address",
    Remedy.CANCEL: "cancel",
}
NO_SUCH: Refusals = {404: {"model": Refusal, "description": "没有这个未处理的异常"}}
TAKEN: Refusals = {409: {"model": Refusal, "description": "已由他人领取,姓名见 detail"}}


class Key(BaseModel):
    """Which exception."""

    key: Annotated[
        str,
        Field(min_length=1, max_length=PARCEL_KEY + 1 + STEP_ROOM, description="列表里的 key"),
    ]


class Act(BaseModel):
    """What may be done about it, and the address that does it (POST)."""

    remedy: Remedy
    name: str
    path: str


class ExceptionCard(BaseModel):
    """An exception: what stands still, why, for how long, until when, and who works on it.

    Attributes:
        age_s: Since when it is open, in seconds; for a cleared one, how long it was.
        overdue_s: How far past its deadline; 0 before that.
    """

    key: str
    order_id: str
    step: str
    step_zh: str
    subject: str
    reason: str
    since: datetime
    age_s: int
    deadline: datetime
    overdue_s: int
    owner: str | None
    owned_at: datetime | None
    escalations: int
    rung_at: datetime | None
    cleared_at: datetime | None
    acts: tuple[Act, ...]


def exceptions_router(
    book: ExceptionBook, staff: Staff, now: Callable[[], datetime] = utc_now
) -> APIRouter:
    """Serve the queue under ``/api/ops/exceptions``.

    Args:
        book: Where the exceptions are.
        staff: Who may look, and who may take one.
        now: Tells the time that ages are counted to.
    """
    router = APIRouter(prefix="/api/ops/exceptions", tags=["异常"], responses=REFUSED)
    may_look = Depends(staff.must(Role.VIEWER))
    worker = Annotated[StaffMember, Depends(staff.must(Role.OPERATOR, Role.RISK))]

    @router.get("", summary="列出异常,最先到期的在前", dependencies=[may_look])
    def exceptions(
        part: Annotated[Part, Query(description="哪一部分")] = Part.OPEN,
        owner: Annotated[str | None, Query(max_length=NAME_ROOM, description="领取人")] = None,
        step: Annotated[str | None, Query(max_length=STEP_ROOM, description="步骤")] = None,
        channel: Annotated[str | None, Query(max_length=STEP_ROOM, description="渠道")] = None,
        order_id: Annotated[
            str | None, Query(max_length=ORDER_ID, description="订单,例如 douyin/4981")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=500, description="最多几条")] = 50,
    ) -> list[ExceptionCard]:
        found = book.listed(
            part, owner=owner, step=step, channel=channel, order_id=order_id, limit=limit
        )
        return [card_of(each, now()) for each in found]

    @router.get("/counts", summary="各步骤未处理、超期、无人领取的数量", dependencies=[may_look])
    def counts() -> list[StepCount]:
        return list(book.counts())

    @router.post("/take", summary="领取一个异常", responses={**NO_SUCH, **TAKEN})
    def take(said: Key, member: worker) -> ExceptionCard:
        return card_of(book.take(said.key, member.name), now())

    @router.post("/give-back", summary="退回自己领取的异常", responses={**NO_SUCH, **TAKEN})
    def give_back(said: Key, member: worker) -> ExceptionCard:
        return card_of(book.give_back(said.key, member.name), now())

    return router


def card_of(found: OpenException, now: datetime) -> ExceptionCard:
    """Show one exception as it stands at ``now``."""
    at = found.cleared_at or now
    return ExceptionCard(
        key=found.key,
        order_id=found.order_id,
        step=found.step,
        step_zh=STEPS[found.step].zh if found.step in STEPS else found.step,
        subject=found.subject,
        reason=found.reason,
        since=found.since,
        age_s=max(0, int((at - found.since).total_seconds())),
        deadline=found.deadline,
        overdue_s=max(0, int((at - found.deadline).total_seconds())),
        owner=found.owner,
        owned_at=found.owned_at,
        escalations=found.escalations,
        rung_at=found.rung_at,
        cleared_at=found.cleared_at,
        acts=() if found.cleared_at else _acts(found),
    )


def _acts(found: OpenException) -> tuple[Act, ...]:
    channel, _, number = found.order_id.partition("/")
    order = f"/api/ops/orders/{channel}/{quote(number, safe='')}"
    open_to = [remedy for remedy in Remedy if remedy in found.remedies]
    return tuple(
        Act(remedy=remedy, name=zh(remedy), path=f"{order}/{HANDS[remedy]}") for remedy in open_to
    )
