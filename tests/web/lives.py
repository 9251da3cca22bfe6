"""Orders' lives in memory: who was opened, and what each was told."""

from dataclasses import dataclass, field

from temporalio.service import RPCError, RPCStatusCode

from domain.opening import PackedNews, RestockNews, ScanNews
from domain.order import Order, OrderId
from web.lives import NoSuchLife


@dataclass
class LivesInMemory:
    """Stands for the engine; while it is ``away`` nobody can be told anything."""

    open_ids: set[OrderId] = field(default_factory=set)
    opened: list[Order] = field(default_factory=list)
    told: list[tuple[OrderId, ScanNews | PackedNews]] = field(default_factory=list)
    restocks: list[RestockNews] = field(default_factory=list)
    away: bool = False

    async def open(self, order: Order) -> None:
        self._reach()
        if order.id not in self.open_ids:
            self.open_ids.add(order.id)
            self.opened.append(order)

    async def scanned(self, order_id: OrderId, news: ScanNews) -> None:
        self._tell(order_id, news)

    async def packed(self, order_id: OrderId, news: PackedNews) -> None:
        self._tell(order_id, news)

    async def restocked(self, news: RestockNews) -> int:
        self._reach()
        self.restocks.append(news)
        return len(self.open_ids)

    def _tell(self, order_id: OrderId, news: ScanNews | PackedNews) -> None:
        self._reach()
        if order_id not in self.open_ids:
            raise NoSuchLife(order_id)
        self.told.append((order_id, news))

    def _reach(self) -> None:
        if self.away:
            raise RPCError("engine away", RPCStatusCode.UNAVAILABLE, b"")
