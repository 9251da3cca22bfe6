"""Orders' lives in memory: who was opened, and what each was told."""

import asyncio
from dataclasses import dataclass, field

from temporalio.service import RPCError, RPCStatusCode

from domain.acceptance import Acceptance, Decision
from domain.claim import Refund
from domain.comeback import Receipt
from domain.opening import ChannelNews, MadeNews, PackedNews, RestockNews, ScanNews
from domain.order import Order, OrderId
from web.lives import NoSuchLife

News = ScanNews | PackedNews | ChannelNews | MadeNews | Refund | Receipt


@dataclass
class LivesInMemory:
    """Stands for the engine.

    While it is ``away`` nobody can be told anything; while it is ``undecided`` it answers no
    question. An order that is ``over`` listens no more.
    """

    open_ids: set[OrderId] = field(default_factory=set)
    over: set[OrderId] = field(default_factory=set)
    opened: list[Order] = field(default_factory=list)
    asked: list[Order] = field(default_factory=list)
    told: list[tuple[OrderId, News]] = field(default_factory=list)
    restocks: list[RestockNews] = field(default_factory=list)
    decision: Decision = field(default_factory=lambda: Decision(acceptance=Acceptance.ACCEPTED))
    away: bool = False
    undecided: bool = False

    async def open(self, order: Order) -> bool:
        self._reach()
        if order.id in self.open_ids | self.over:
            return False
        self.open_ids.add(order.id)
        self.opened.append(order)
        return True

    async def accept(self, order: Order) -> Decision:
        await self.open(order)
        self.asked.append(order)
        if order.id in self.over:
            raise NoSuchLife(order.id)
        if self.undecided:
            await asyncio.Event().wait()
        return self.decision

    async def scanned(self, order_id: OrderId, news: ScanNews) -> None:
        self._tell(order_id, news)

    async def returned(self, order_id: OrderId, receipt: Receipt) -> None:
        self._tell(order_id, receipt)

    async def packed(self, order_id: OrderId, news: PackedNews) -> None:
        self._tell(order_id, news)

    async def changed(self, order_id: OrderId, news: ChannelNews) -> None:
        self._tell(order_id, news)

    async def refunded(self, order_id: OrderId, refund: Refund) -> None:
        self._tell(order_id, refund)

    async def made(self, order_id: OrderId, news: MadeNews) -> None:
        self._tell(order_id, news)

    async def restocked(self, news: RestockNews) -> int:
        self._reach()
        self.restocks.append(news)
        return len(self.open_ids)

    def end(self, order_id: OrderId) -> None:
        """Let an order's life be over."""
        self.open_ids.discard(order_id)
        self.over.add(order_id)

    def _tell(self, order_id: OrderId, news: News) -> None:
        self._reach()
        if order_id not in self.open_ids:
            raise NoSuchLife(order_id)
        self.told.append((order_id, news))

    def _reach(self) -> None:
        if self.away:
            raise RPCError("engine away", RPCStatusCode.UNAVAILABLE, b"")
