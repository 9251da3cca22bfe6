"""A freeze, as the steps after it are told."""

from datetime import UTC, datetime, timedelta

from domain.claim import RefundKind, RefundStage
from domain.freeze import Freeze, FreezeNotice, FreezeState
from domain.guard import Claim
from domain.order import OrderId

NOON = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
BUYER = "e8fc9ddacd8dcf46cb63cb80c90e6c1d"


def a_notice(no: str = "20260206040000", state: FreezeState = FreezeState.FROZEN) -> FreezeNotice:
    claims = tuple(
        Claim(
            refund_id=f"R{n}",
            order_id=OrderId(f"douyin/690000070000000000{n}"),
            kind=RefundKind.REFUND_ONLY,
            amount_fen=20_001,
            at=NOON + timedelta(minutes=n),
            stage=RefundStage.ASKED,
        )
        for n in range(3)
    )
    freeze = Freeze(
        no=no,
        since=NOON,
        until=NOON + timedelta(hours=24),
        confirm_by=None,
        state=state,
        reason="12:00 至 12:02 有 3 笔大额退款申请,共 ¥600.03",
        claims=claims,
        by="" if state is FreezeState.FROZEN else "张风控",
    )
    return FreezeNotice(buyer_key=BUYER, freeze=freeze)
