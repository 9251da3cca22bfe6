"""Our own mini program's shop: it pushes signed orders and claims, and is told of shipments.

Whoever missed a push asks it for the orders that changed, or for one order.

Ledger ``miniprogram`` as in ``infra.sandbox.shop``; ``shipment`` is by event id, and ``told``
counts how often the hub said it.
"""

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.routing import Route

from infra.sandbox.ledger import Doc
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.miniprogram_desk import Counter, Register
from infra.sandbox.partners.miniprogram_gate import SECRET, Act, acknowledged, answering, sealed
from infra.sandbox.partners.miniprogram_refunds import RefundDesk
from infra.sandbox.partners.miniprogram_shop import SalePusher, Shop
from infra.sandbox.shop import (
    BUYER_CANCELLED,
    BUYER_CLAIMED,
    BUYER_MOVED,
    BUYER_ORDERED,
    BUYER_WITHDREW,
    GOODS_SENT_BACK,
    MONEY_RETURNED,
)
from infra.sandbox.world import Deed, World

NAME = "miniprogram"
STATUS, CHANGED, DETAIL = "/api/order/status", "/api/order/changed", "/api/order/detail"
REFUND, ANSWER = "/api/refund/detail", "/api/refund/answer"


def build(surroundings: Surroundings) -> Partner:
    """Make the shop."""
    world = surroundings.world
    ledger = world.open_ledger(NAME)
    pusher = SalePusher(surroundings.http, ledger, world.plan_of(NAME), acknowledged, sealed)
    shop, register = Shop(ledger, pusher, world.hub_url), Register(ledger)
    refunds = RefundDesk(world, shop)
    _listen(world, shop)
    doors: Mapping[str, tuple[str, Act]] = {
        STATUS: ("order.status", Counter(ledger, shop).hear),
        CHANGED: ("order.changed", register.changed),
        DETAIL: ("order.detail", register.detail),
        REFUND: ("refund.detail", refunds.detail),
        ANSWER: ("refund.answer", refunds.answer),
    }
    routes = [
        Route(path, answering(ledger, name, act), methods=["POST"])
        for path, (name, act) in doors.items()
    ]
    return Partner(
        name=NAME,
        app=Starlette(routes=routes),
        credentials={"secret": SECRET},
        urls={
            "order_status": STATUS,
            "order_changed": CHANGED,
            "order_detail": DETAIL,
            "refund_detail": REFUND,
            "refund_answer": ANSWER,
        },
        resume=shop.resume,
    )


def _listen(world: World, shop: Shop) -> None:
    deeds: Mapping[str, Deed] = {
        BUYER_ORDERED: shop.sell,
        BUYER_MOVED: shop.move,
        BUYER_CANCELLED: shop.cancel,
        BUYER_CLAIMED: shop.claim,
        BUYER_WITHDREW: shop.withdraw,
        MONEY_RETURNED: shop.pay_back,
        GOODS_SENT_BACK: shop.send_back,
    }
    for event, deed in deeds.items():
        world.listen(event, _ours(deed))


def _ours(deed: Deed) -> Deed:
    """Do not listen to what happens in other shops."""

    async def heard(payload: Doc) -> None:
        if payload["channel"] == NAME:
            await deed(payload)

    return heard
