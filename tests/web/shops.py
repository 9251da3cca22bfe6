"""Channels' own APIs in memory: what each would answer, and when it would not."""

import asyncio
from dataclasses import dataclass, field

from domain.errors import GatewayBusy, GatewayRefused, HubError
from domain.events import OrderSeen, RefundSeen


@dataclass
class ShopsInMemory:
    """Knows documents by number.

    A channel that is in ``busy`` asks to be left alone; one in ``silent`` never answers.
    """

    orders: dict[str, OrderSeen] = field(default_factory=dict)
    refunds: dict[str, RefundSeen] = field(default_factory=dict)
    faults: dict[str, HubError] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def order(self, channel: str, number: str) -> OrderSeen:
        await self._ask(channel, number)
        if number not in self.orders:
            raise GatewayRefused(channel, "50001", "没有这张订单")
        return self.orders[number]

    async def refund(self, channel: str, number: str, refund_id: str) -> RefundSeen:
        await self._ask(channel, number)
        return self.refunds[refund_id]

    async def _ask(self, channel: str, number: str) -> None:
        self.asked.append(number)
        if channel in self.silent:
            await asyncio.Event().wait()
        if channel in self.busy:
            raise GatewayBusy(channel, "HTTP 503")
        if fault := self.faults.get(number):
            raise fault
