"""A ledger in memory."""

from domain.clock import utc_now
from domain.errors import GatewayRefused
from domain.papers import Reversal, Sale, Voucher


class FakeBooks:
    """Vouchers by sale key."""

    def __init__(self) -> None:
        self.booked: dict[str, Voucher] = {}
        self.amounts_fen: dict[str, int] = {}  # by key; what was reversed is below zero
        self.refuse = ""

    async def book(self, sale: Sale) -> Voucher:
        if self.refuse:
            raise GatewayRefused("fake", "MsgCode 11", self.refuse)
        if sale.amount_fen <= 0:
            raise GatewayRefused("fake", "MsgCode 9", "字段 FEntity:凭证至少有一条分录")
        return self._keep(sale.key, sale.amount_fen)

    async def reverse(self, reversal: Reversal) -> Voucher:
        if self.refuse:
            raise GatewayRefused("fake", "MsgCode 11", self.refuse)
        return self._keep(reversal.key, -reversal.amount_fen)

    def _keep(self, key: str, amount_fen: int) -> Voucher:
        no = len(self.booked) + 1
        voucher = Voucher(id=str(100000 + no), number=f"PZ{no:08d}", at=utc_now())
        self.amounts_fen.setdefault(key, amount_fen)
        return self.booked.setdefault(key, voucher)
