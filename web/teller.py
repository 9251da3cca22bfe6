"""Tells an order's life what a partner has said."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Protocol, assert_never

import structlog

from domain.clock import utc_now
from domain.events import Event, GoodsArrived, OrderPaid, ParcelPacked, ParcelScanned
from domain.opening import PackedNews, RestockNews, ScanNews
from domain.order import Order, OrderId
from domain.parcel import TURNING_POINTS
from gateways.order_book import OrderBook
from web.lives import NoSuchLife
from web.memory import Told

log = structlog.get_logger()


class OrderLives(Protocol):
    """What the teller needs of the engine; ``NoSuchLife`` says that nobody listens."""

    async def open(self, order: Order) -> None: ...
    async def scanned(self, order_id: OrderId, news: ScanNews) -> None: ...
    async def packed(self, order_id: OrderId, news: PackedNews) -> None: ...
    async def restocked(self, news: RestockNews) -> int: ...


class Unknown(Exception):
    """A partner speaks of an order or a parcel that the hub never heard of.

    Attributes:
        path: The field that names it.
    """

    def __init__(self, path: str, found: str) -> None:
        super().__init__(f"没有与 {found} 对应的订单:核对后可重放")
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Knows which life each event is about."""

    book: OrderBook
    lives: OrderLives
    told: Told = field(default_factory=Told)

    async def tell(self, event: Event) -> OrderId | None:
        """Tell one event to whom it concerns; answer which order that was.

        Raises:
            Unknown: nobody here knows the order or the parcel.
        """
        match event:
            case OrderPaid(order=order):
                return await self._open(order)
            case ParcelScanned():
                return await self._scanned(event)
            case ParcelPacked():
                return await self._packed(event)
            case GoodsArrived():
                news = RestockNews(warehouse=event.warehouse, skus=event.skus)
                told = await self.lives.restocked(news)
                log.info("restocked", warehouse=event.warehouse, told=told)
                return None
            case _:
                assert_never(event)

    async def _open(self, order: Order) -> OrderId:
        """Write the order down before it lives, so that no start is ever forgotten."""
        await asyncio.to_thread(
            self.book.enter, order.id, order.channel, order.number, order.received_at
        )
        await self.lives.open(order)
        await asyncio.to_thread(self.book.opened, order.id, utc_now())
        return order.id

    async def _scanned(self, event: ParcelScanned) -> OrderId | None:
        """Only turning points wake the order; the push itself stays in the inbox."""
        turns = [scan for scan in event.scans if scan.milestone in TURNING_POINTS]
        if not turns:
            return None
        key = event.parcel_key or await asyncio.to_thread(
            self.book.parcel_of, event.carrier, event.waybill
        )
        if key is None:
            raise Unknown("waybill", event.waybill)
        order_id, no = _split(key)
        for scan in turns:
            # kuaidi100 sends the whole trace each time: a turning point is told once.
            if (key, scan.milestone) not in self.told:
                news = ScanNews(parcel_no=no, scan=scan)
                await self._signal(order_id, self.lives.scanned(order_id, news))
                self.told.add((key, scan.milestone))
        return order_id

    async def _packed(self, event: ParcelPacked) -> OrderId:
        order_id, no = _split(event.parcel_key)
        news = PackedNews(parcel_no=no, event_id=event.event_id, at=event.at)
        await self._signal(order_id, self.lives.packed(order_id, news))
        return order_id

    async def _signal(self, order_id: OrderId, signal: Awaitable[None]) -> None:
        """Signal a life; one that is over needs no news, one that never was is unknown."""
        try:
            await signal
        except NoSuchLife as gone:
            if not await asyncio.to_thread(self.book.knows, order_id):
                raise Unknown("order_id", order_id) from gone


def _split(parcel_key: str) -> tuple[OrderId, int]:
    order_id, _, no = parcel_key.rpartition("/")
    if not order_id or not no.isdigit():
        raise Unknown("parcel_key", parcel_key)
    return OrderId(order_id), int(no)
