"""Sales for tests."""

from datetime import UTC, datetime

from domain.order import OrderId
from domain.papers import Reversal, Sale


def a_sale(number: str = "M1", amount_fen: int = 3990) -> Sale:
    """Make a sale late in China's evening, when it is still the same day in UTC."""
    order_id = OrderId(f"miniprogram/{number}")
    return Sale(
        order_id=order_id,
        key=f"{order_id}/voucher/sale",
        channel="miniprogram",
        amount_fen=amount_fen,
        invoice_number="26332000000000000001",
        sold_at=datetime(2026, 11, 22, 16, 30, tzinfo=UTC),
    )


def a_reversal(number: str = "M1", amount_fen: int = 1000) -> Reversal:
    """Make what a sale lost by a refund, the next day."""
    order_id = OrderId(f"miniprogram/{number}")
    return Reversal(
        order_id=order_id,
        key=f"{order_id}/voucher/refund/1",
        channel="miniprogram",
        amount_fen=amount_fen,
        red_number="26333000000000000001",
        returned_at=datetime(2026, 11, 23, 3, 0, tzinfo=UTC),
    )
