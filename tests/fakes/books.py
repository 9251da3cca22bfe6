"""A ledger in memory."""

from domain.clock import utc_now
from domain.errors import GatewayRefused
from domain.papers import Sale, Voucher


class FakeBooks:
    """Vouchers by sale key."""

    def __init__(self) -> None:
        self.booked: dict[str, Voucher] = {}
        self.refuse = ""

    async def book(self, sale: Sale) -> Voucher:
        if self.refuse:
            raise GatewayRefused("fake", "MsgCode 11", self.refuse)
        if sale.amount_fen <= 0:
            raise GatewayRefused("fake", "MsgCode 9", "字段 FEntity:凭证至少有一条分录")
        no = len(self.booked) + 1
        voucher = Voucher(id=str(100000 + no), number=f"PZ{no:08d}", at=utc_now())
        return self.booked.setdefault(sale.key, voucher)
