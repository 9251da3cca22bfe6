"""Buyers for risk officers, over HTTP. The command line calls the same functions."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from domain.hands import Hand
from domain.staff import Role, StaffMember
from gateways.buyer_acts import BuyerAct
from web.buyers import BuyerCard, Buyers
from web.inbox_api import REFUSED, Why
from web.staff import Staff

LONGEST_H = 24 * 365

BuyerKey = Annotated[
    str,
    Path(min_length=1, max_length=64, pattern=r"^[\w.-]+$", description="买家标识,见订单详情"),
]


class Freeze(Why):
    """For how long, and why."""

    hours: Annotated[float, Field(gt=0, le=LONGEST_H, description="冻结多少小时")] = 24


class Frozen(BaseModel):
    """Until when the buyer may not order."""

    buyer_key: str
    frozen_until: datetime


class Unfrozen(BaseModel):
    """How many held orders went on."""

    buyer_key: str
    orders: int


class Shown(BaseModel):
    """A buyer, by key; ``frozen_until`` is ``null`` for who may order."""

    buyer_key: str
    frozen_until: datetime | None
    reason: str
    acts: tuple[BuyerAct, ...]


def buyers_router(buyers: Buyers, staff: Staff) -> APIRouter:
    """Serve buyers under ``/api/ops/buyers``."""
    router = APIRouter(prefix="/api/ops/buyers/{buyer_key}", tags=["买家"], responses=REFUSED)
    may_look = Depends(staff.must(Role.VIEWER))
    officer = Annotated[StaffMember, Depends(staff.must(Role.RISK))]

    @router.get("", summary="是否冻结,谁操作过、为什么", dependencies=[may_look])
    async def card(buyer_key: BuyerKey) -> Shown:
        return _shown(await buyers.card(buyer_key))

    @router.post("/freeze", summary="冻结买家下单")
    async def freeze(buyer_key: BuyerKey, body: Freeze, member: officer) -> Frozen:
        hand = Hand(by=member.name, reason=body.reason)
        until = await buyers.freeze(buyer_key, timedelta(hours=body.hours), hand)
        return Frozen(buyer_key=buyer_key, frozen_until=until)

    @router.post("/unfreeze", summary="解冻买家,挂起的订单随即继续")
    async def unfreeze(buyer_key: BuyerKey, why: Why, member: officer) -> Unfrozen:
        count = await buyers.unfreeze(buyer_key, Hand(by=member.name, reason=why.reason))
        return Unfrozen(buyer_key=buyer_key, orders=count)

    return router


def _shown(card: BuyerCard) -> Shown:
    return Shown(
        buyer_key=card.buyer_key,
        frozen_until=card.standing.frozen_until,
        reason=card.standing.reason,
        acts=card.acts,
    )
