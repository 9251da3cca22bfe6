"""An ERP in memory, and the accountant who audits there."""

from dataclasses import replace

from domain.clock import utc_now
from domain.erp import ErpOrder, ErpStanding, ErpState


class FakeErp:
    """Keeps orders by key, and audits each when it was asked about often enough.

    Attributes:
        asks: How many questions an order waits for its audit; may be changed at any time.
        used: Whether there is an ERP at all.
    """

    def __init__(self) -> None:
        self.orders: dict[str, ErpState] = {}
        self.posted: list[ErpOrder] = []  # each order once
        self.asks = 0
        self.used = True
        self._asked: dict[str, int] = {}

    async def relay(self, order: ErpOrder) -> ErpState:
        if not self.used:
            return ErpState(standing=ErpStanding.NOT_USED)
        if order.key not in self.orders:
            number = f"XSDD{len(self.orders) + 1:06d}"
            self.orders[order.key] = ErpState(standing=ErpStanding.POSTED, number=number)
            self.posted.append(order)
        self._asked[order.key] = self._asked.get(order.key, 0) + 1
        if self._asked[order.key] > self.asks:
            self._audit(order.key)
        return self.orders[order.key]

    async def withdraw(self, order: ErpOrder) -> ErpState:
        if not self.used:
            return ErpState(standing=ErpStanding.NOT_USED)
        known = self.orders.get(order.key, ErpState(standing=ErpStanding.POSTED))
        self.orders[order.key] = replace(known, standing=ErpStanding.CANCELLED)
        return self.orders[order.key]

    def _audit(self, key: str) -> None:
        self.orders[key] = replace(
            self.orders[key],
            standing=ErpStanding.AUDITED,
            audited_by="财务一号",
            audited_at=utc_now(),
        )
