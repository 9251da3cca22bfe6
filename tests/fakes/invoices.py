"""A tax bureau in memory."""

from domain.clock import utc_now
from domain.errors import GatewayRefused
from domain.papers import Bill, Invoice


class FakeInvoices:
    """Invoices by bill key. The bureau is still issuing for the first ``asks`` questions."""

    def __init__(self, *, asks: int = 1) -> None:
        self.issued: dict[str, Invoice] = {}
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
