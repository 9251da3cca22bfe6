"""Hands on one order for staff and their tools, over HTTP. The command line has the same ones."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Path, status
from pydantic import BaseModel

from domain.hands import Deed
from domain.lifecycle import OrderStage, ParcelStage
from domain.order import OrderId, order_id
from domain.parcel import Item
from domain.staff import Role, StaffMember
from domain.trouble import Hold, Trouble
from domain.view import ParcelView
from domain.words import zh
from gateways.order_rows import NUMBER
from web.handled import Card, Handled, Outcome
from web.hands import Hands
from web.inbox_api import REFUSED, Refusal, Refusals
from web.ops_bodies import (
    AddressBody,
    CancelBody,
    CorrectionBody,
    DecisionBody,
    HoldBody,
    ReleaseBody,
    RerouteBody,
    ResolutionBody,
    RetryBody,
)
from web.staff import Staff

Click = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=100,
        pattern=r"^[\w.:-]*$",
        description="同一次点击重复发送时用同一个值,只会执行一次",
    ),
]
NO_ORDER: Refusals = {404: {"model": Refusal, "description": "没有这个订单"}}
NOT_ALLOWED: Refusals = {409: {"model": Refusal, "description": "订单当前不允许,原因见 detail"}}
ACTED: Refusals = {**NO_ORDER, **NOT_ALLOWED}


def _order(
    channel: Annotated[str, Path(min_length=1, max_length=32, pattern=r"^[\w-]+$")],
    number: Annotated[str, Path(min_length=1, max_length=NUMBER, description="渠道订单号")],
) -> OrderId:
    return order_id(channel, number)


Ordered = Annotated[OrderId, Depends(_order)]


class Done(BaseModel):
    """What the order did."""

    order_id: str
    said: str


class ParcelCard(BaseModel):
    """Where one parcel stands; ``carrier`` and ``number`` are empty until it has a waybill."""

    no: int
    warehouse: str
    stage: ParcelStage
    carrier: str
    number: str
    items: tuple[Item, ...]


class OrderCard(BaseModel):
    """Where an order stands, and what may be done to it now; no buyer's data but the key.

    Attributes:
        deeds: What a person may do to it; the remedies of each exception are beside it.
    """

    order_id: str
    buyer_key: str
    closed: bool
    stage: OrderStage
    stage_zh: str
    hold: Hold | None
    troubles: tuple[Trouble, ...]
    parcels: tuple[ParcelCard, ...]
    notes: tuple[str, ...]
    deeds: tuple[Deed, ...]


def ops_router(hands: Hands, staff: Staff) -> APIRouter:
    """Serve the hands on one order under ``/api/ops/orders``."""
    router = APIRouter(prefix="/api/ops/orders/{channel}/{number}", tags=["订单"])
    router.responses = dict(REFUSED)
    may_look = Depends(staff.must(Role.VIEWER))

    @router.get(
        "", summary="订单在哪、为什么停、现在能做什么", dependencies=[may_look], responses=NO_ORDER
    )
    async def card(order: Ordered) -> OrderCard:
        return _shown(await hands.card(order))

    _serve_moves(router, hands, staff)
    _serve_repairs(router, hands, staff)
    return router


def _serve_moves(router: APIRouter, hands: Hands, staff: Staff) -> None:
    """Serve what stops an order, lets it go on, or sends it from elsewhere."""
    operator = Annotated[StaffMember, Depends(staff.must(Role.OPERATOR))]

    @router.post("/reroute", summary="改派仓库", responses=ACTED)
    async def reroute(
        order: Ordered, body: RerouteBody, member: operator, click: Click = ""
    ) -> Done:
        return _done(await body.act(hands, order, member.name, click))

    @router.post("/hold", summary="挂起", responses=ACTED)
    async def hold(order: Ordered, body: HoldBody, member: operator, click: Click = "") -> Done:
        return _done(await body.act(hands, order, member.name, click))

    @router.post("/release", summary="解除挂起", responses=ACTED)
    async def release(
        order: Ordered, body: ReleaseBody, member: operator, click: Click = ""
    ) -> Done:
        return _done(await body.act(hands, order, member.name, click))

    @router.post("/cancel", summary="取消", responses=ACTED)
    async def cancel(order: Ordered, body: CancelBody, member: operator, click: Click = "") -> Done:
        return _done(await body.act(hands, order, member.name, click))


def _serve_repairs(router: APIRouter, hands: Hands, staff: Staff) -> None:
    """Serve what mends an order, or decides about it."""
    operator = Annotated[StaffMember, Depends(staff.must(Role.OPERATOR))]

    @router.post("/edit-address", summary="修改地址", responses=ACTED)
    async def edit_address(
        order: Ordered, body: AddressBody, member: operator, click: Click = ""
    ) -> Done:
        return _done(await body.act(hands, order, member.name, click))

    @router.post("/correct-waybill", summary="更正运单号", responses=ACTED)
    async def correct_waybill(
        order: Ordered, body: CorrectionBody, member: operator, click: Click = ""
    ) -> Done:
        return _done(await body.act(hands, order, member.name, click))

    @router.post("/decide-claim", summary="决定一张售后单", responses=ACTED)
    async def decide_claim(
        order: Ordered, body: DecisionBody, member: operator, click: Click = ""
    ) -> Done:
        return _done(await body.act(hands, order, member.name, click))

    @router.post("/retry", summary="立即重试在等待的步骤", responses=ACTED)
    async def retry(order: Ordered, body: RetryBody, member: operator, click: Click = "") -> Done:
        return _done(await body.act(hands, order, member.name, click))

    @router.post("/resolve", summary="处理异常", responses=ACTED)
    async def resolve(
        order: Ordered, body: ResolutionBody, member: operator, click: Click = ""
    ) -> Done:
        return _done(await body.act(hands, order, member.name, click))


def _done(handled: Handled) -> Done:
    if handled.done:
        return Done(order_id=handled.order_id, said=handled.said)
    unknown = handled.outcome is Outcome.UNKNOWN
    code = status.HTTP_404_NOT_FOUND if unknown else status.HTTP_409_CONFLICT
    raise HTTPException(code, handled.said)


def _shown(card: Card) -> OrderCard:
    view = card.view
    return OrderCard(
        order_id=card.order_id,
        buyer_key=card.buyer_key,
        closed=card.closed,
        stage=view.stage,
        stage_zh=zh(view.stage),
        hold=view.hold,
        troubles=view.troubles,
        parcels=tuple(_parcel(parcel) for parcel in view.parcels),
        notes=view.notes,
        deeds=() if card.closed else view.deeds,
    )


def _parcel(parcel: ParcelView) -> ParcelCard:
    """Tell a parcel without the end of the buyer's phone number that carriers ask for."""
    waybill = parcel.waybill
    return ParcelCard(
        no=parcel.no,
        warehouse=parcel.warehouse,
        stage=parcel.stage,
        carrier=waybill.carrier if waybill else "",
        number=waybill.number if waybill else "",
        items=parcel.items,
    )
