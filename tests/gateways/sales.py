"""Sales for tests."""

from datetime import UTC, datetime

from domain.order import OrderId
from domain.papers import Sale


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
