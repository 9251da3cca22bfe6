"""A tax bureau in memory."""

from domain.clock import utc_now
from domain.errors import GatewayRefused
from domain.papers import Bill, Finding, Invoice, RedLetter


class FakeInvoices:
    """Invoices by bill key. The bureau is still issuing for the first ``asks`` questions."""

    def __init__(self, *, asks: int = 1) -> None:
        self.issued: dict[str, Invoice] = {}
        self.reds: dict[str, Invoice] = {}
        self.refuse_red = ""
        self.refuse = ""
        self._asks = asks
        self._asked: dict[str, int] = {}

    async def issue(self, bill: Bill) -> Invoice | None:
        if self.refuse:
            raise GatewayRefused("fake", "22", self.refuse)
        if sum(line.amount_fen for line in bill.lines) != bill.amount_fen:
            raise GatewayRefused("fake", "invoiceDetail", "各行金额之和与开票总额不符")
        before = self._asked.get(bill.key, 0)
        self._asked[bill.key] = before + 1
        return self._issue(bill) if before >= self._asks else None

    def _issue(self, bill: Bill) -> Invoice:
        number = f"26332{len(self.issued) + 1:015d}"
        invoice = Invoice(number=number, amount_fen=bill.amount_fen, at=utc_now())
        return self.issued.setdefault(bill.key, invoice)

    async def find(self, bill: Bill) -> Finding:
        """Issue what was asked for before; a bill that nobody asked for has no invoice."""
        if self._asked.get(bill.key, 0) == 0:
            return Finding()
        invoice = await self.issue(bill)
        return Finding(invoice=invoice, pending=invoice is None)

    async def redden(self, red: RedLetter) -> Invoice | None:
        if self.refuse_red:
            raise GatewayRefused("fake", "05", self.refuse_red)
        blue = self.issued.get(red.blue.key)
        if blue is None or blue.number != red.number:
            raise GatewayRefused("fake", "E9500", "发票信息不存在")
        if red.key not in self.reds and self.net_fen(red.blue.key) < red.amount_fen:
            raise GatewayRefused("fake", "E9103", "发票已冲红")
        before = self._asked.get(red.key, 0)
        self._asked[red.key] = before + 1
        return self._redden(red) if before >= self._asks else None

    def net_fen(self, key: str) -> int:
        """Tell what is left of a blue invoice."""
        blue = self.issued[key].amount_fen if key in self.issued else 0
        reds = (red.amount_fen for name, red in self.reds.items() if name.startswith(key + "/"))
        return blue - sum(reds)

    def _redden(self, red: RedLetter) -> Invoice:
        number = f"26333{len(self.reds) + 1:015d}"
        invoice = Invoice(number=number, amount_fen=red.amount_fen, at=utc_now())
        return self.reds.setdefault(red.key, invoice)
