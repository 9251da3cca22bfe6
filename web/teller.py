"""Tells an order's life what a partner has said."""

import asyncio
from collections.abc import Awaitable, Hashable
from dataclasses import dataclass, field
from typing import Protocol, assert_never

import structlog

from domain.claim import Refund
from domain.comeback import Receipt
from domain.errors import GatewayRefused
from domain.events import (
    CardClicked,
    Event,
    GoodsArrived,
    GoodsMade,
    GoodsReturned,
    OrderNamed,
    OrderSeen,
    ParcelPacked,
    ParcelScanned,
    RefundNamed,
    RefundSeen,
)
from domain.guard import claim_of
from domain.opening import MadeNews, PackedNews, RestockNews, ScanNews
from domain.order import Order, OrderId
from domain.parcel import TURNING_POINTS
from gateways.order_book import OrderBook
from web.guards import BuyerGuards, Unguarded
from web.lives import NoSuchLife
from web.memory import Told
from web.officer import NoOfficers, Officers
from web.outcome import Did, Outcome, Unknown
from web.sights import Openings, Sights, Verdict

log = structlog.get_logger()


class OrderLives(Openings, Protocol):
    """What the teller needs of the engine; ``NoSuchLife`` says that nobody listens."""

    async def scanned(self, order_id: OrderId, news: ScanNews) -> None: ...
    async def packed(self, order_id: OrderId, news: PackedNews) -> None: ...
    async def refunded(self, order_id: OrderId, refund: Refund) -> None: ...
    async def returned(self, order_id: OrderId, receipt: Receipt) -> None: ...
    async def made(self, order_id: OrderId, news: MadeNews) -> None: ...
    async def restocked(self, news: RestockNews) -> int: ...


class Shops(Protocol):
    """The channels' own APIs, where a push says no more than that something changed.

    Each raises ``GatewayBusy``; ``GatewayRefused`` when the channel does not know the document or
    can not be asked; and ``Untranslatable`` with the field that is wrong.
    """

    async def order(self, channel: str, number: str) -> OrderSeen:
        """Tell an order as its channel shows it now."""

    async def refund(self, channel: str, number: str, refund_id: str) -> RefundSeen:
        """Tell a refund claim as its channel shows it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Knows which life each event is about."""

    book: OrderBook
    lives: OrderLives
    sights: Sights
    shops: Shops
    guards: BuyerGuards = field(default_factory=Unguarded)
    officers: Officers = field(default_factory=NoOfficers)
    told: Told = field(default_factory=Told)

    async def accept(self, order: Order) -> Verdict:
        """Open an order for somebody who waits to hear whether it is taken."""
        return await self.sights.accept(order)

    async def tell(self, event: Event) -> Outcome:  # noqa: C901, PLR0911 - a line for each event
        """Tell one event to whom it concerns; answer which order that was, and what was done.

        Raises:
            Unknown: nobody here knows the order or the parcel.
            GatewayBusy: the channel had to be asked, and does not answer now.
            GatewayRefused: the channel does not know what it has named itself.
            Untranslatable: what the channel answered is not what its documents promise.
        """
        match event:
            case OrderSeen():
                return await self.sights.tell(event)
            case OrderNamed(channel=channel, number=number):
                return await self.sights.tell(await self.shops.order(channel, number))
            case RefundSeen(refund=refund):
                return await self._refunded(refund)
            case RefundNamed(channel=channel, number=number, refund_id=refund_id):
                seen = await self.shops.refund(channel, number, refund_id)
                return await self._refunded(seen.refund)
            case ParcelScanned():
                return await self._scanned(event)
            case ParcelPacked():
                return await self._packed(event)
            case GoodsArrived():
                return await self._arrived(event)
            case GoodsReturned(receipt=receipt):
                order_id = OrderId("/".join(receipt.key.split("/")[:2]))
                return await self._signal(order_id, self.lives.returned(order_id, receipt))
            case GoodsMade():
                return await self._made(event)
            case CardClicked():
                await self.officers.clicked(event)
                return Outcome(did=Did.TOLD)
            case _:
                assert_never(event)

    async def _refunded(self, refund: Refund) -> Outcome:
        """Tell a claim. When it comes before its order, the channel is asked for the order."""
        fact = (refund.order_id, refund.id, refund.stage, refund.changed_at)
        if fact in self.told:
            return Outcome(did=Did.NO_NEWS, order_id=refund.order_id)
        if not await self._is_clear(refund.order_id):
            await self._fetch(refund.order_id)
        outcome = await self._signal(refund.order_id, self.lives.refunded(refund.order_id, refund))
        await self._tell_guard(refund)
        self.told.add(fact)
        return outcome

    async def _tell_guard(self, refund: Refund) -> None:
        """Tell the guard of the order's buyer; what fails here is told again with the push."""
        if not self.guards.watches(refund):
            return
        buyer_key = await asyncio.to_thread(self.book.buyer_of, refund.order_id)
        if buyer_key is not None:
            await self.guards.claimed(buyer_key, claim_of(refund))

    async def _fetch(self, order_id: OrderId) -> None:
        channel, _, number = order_id.partition("/")
        try:
            await self.sights.tell(await self.shops.order(channel, number))
        except GatewayRefused as fault:
            log.info("order_not_fetched", order_id=order_id, code=fault.code)

    async def _made(self, event: GoodsMade) -> Outcome:
        news = MadeNews(
            completion_id=event.completion_id, sku=event.sku, quantity=event.quantity, at=event.at
        )
        fact = (event.order_id, event.completion_id, event.sku)
        return await self._once(fact, event.order_id, self.lives.made(event.order_id, news))

    async def _arrived(self, event: GoodsArrived) -> Outcome:
        news = RestockNews(warehouse=event.warehouse, skus=event.skus)
        told = await self.lives.restocked(news)
        log.info("restocked", warehouse=event.warehouse, told=told)
        return Outcome(did=Did.TOLD if told else Did.NO_NEWS)

    async def _scanned(self, event: ParcelScanned) -> Outcome:
        """Only turning points wake the order; the push itself stays in the inbox."""
        turns = [scan for scan in event.scans if scan.milestone in TURNING_POINTS]
        if not turns:
            return Outcome(did=Did.NO_NEWS)
        key = event.parcel_key or await asyncio.to_thread(
            self.book.parcel_of, event.carrier, event.waybill
        )
        if key is None:
            raise Unknown("waybill", event.waybill)
        order_id, no = _split(key)
        outcome = Outcome(did=Did.NO_NEWS, order_id=order_id)
        for scan in turns:
            # kuaidi100 sends the whole trace each time: a turning point is told once.
            if (key, scan.milestone) not in self.told:
                news = ScanNews(parcel_no=no, scan=scan)
                signal = self.lives.scanned(order_id, news)
                outcome = await self._once((key, scan.milestone), order_id, signal)
        return outcome

    async def _packed(self, event: ParcelPacked) -> Outcome:
        order_id, no = _split(event.parcel_key)
        news = PackedNews(parcel_no=no, event_id=event.event_id, at=event.at)
        return await self._signal(order_id, self.lives.packed(order_id, news))

    async def _is_clear(self, order_id: OrderId) -> bool:
        """Tell whether the order lives here, has lived, or never will."""
        last = await asyncio.to_thread(self.book.sight, order_id)
        return last is not None and last.is_clear

    async def _once(self, fact: Hashable, order_id: OrderId, signal: Awaitable[None]) -> Outcome:
        outcome = await self._signal(order_id, signal)
        self.told.add(fact)
        return outcome

    async def _signal(self, order_id: OrderId, signal: Awaitable[None]) -> Outcome:
        """Signal a life; one that is over needs no news, one that never was is unknown."""
        try:
            await signal
        except NoSuchLife as gone:
            if not await self._is_clear(order_id):
                raise Unknown("order_id", order_id, order_id) from gone
            return Outcome(did=Did.NO_NEWS, order_id=order_id)
        return Outcome(did=Did.TOLD, order_id=order_id)


def _split(parcel_key: str) -> tuple[OrderId, int]:
    order_id, _, no = parcel_key.rpartition("/")
    if not order_id or not no.isdigit():
        raise Unknown("parcel_key", parcel_key)
    return OrderId(order_id), int(no)
