"""What channels show in tests: orders and refund claims as they stood at some minute."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.claim import Refund, RefundKind, RefundStage
from domain.events import OrderSeen, RefundSeen
from domain.order import Order, Receiver
from domain.standing import Standing

NOON = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def seen(
    order: Order,
    standing: Standing = Standing.DUE,
    minute: int = 0,
    receiver: Receiver | None = None,
) -> OrderSeen:
    """Show an order; its channel hides the receiver unless it is due."""
    shown = replace(order, receiver=receiver or order.receiver)
    return OrderSeen(
        order_id=order.id,
        standing=standing,
        changed_at=at(minute),
        order=shown if standing is Standing.DUE else None,
    )


def claimed(order: Order, stage: RefundStage = RefundStage.ASKED, minute: int = 1) -> RefundSeen:
    """Show a claim about a whole order."""
    refund = Refund(
        id=f"R-{order.number}",
        order_id=order.id,
        kind=RefundKind.REFUND_ONLY,
        stage=stage,
        amount_fen=order.paid_fen,
        lines=(),
        reason="不想要了",
        changed_at=at(minute),
        protocol="1",
    )
    return RefundSeen(refund=refund)
