"""Compares what a channel shows of an order with what it showed last, and tells what is new.

A channel's pushes come late, twice and in any order, and so do the answers of its API. Each shows
the order as it stood at one moment: what is older than the last sight is no news.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.acceptance import Acceptance, Decision
from domain.clock import utc_now
from domain.errors import Untranslatable
from domain.events import OrderSeen
from domain.opening import ChannelNews
from domain.order import Order, OrderId
from domain.sight import ENDS, mark
from domain.standing import Standing
from gateways.order_book import OrderBook
from gateways.order_rows import Sight, has_room_for
from web.lives import NoSuchLife
from web.outcome import Did, Outcome


class Openings(Protocol):
    """What this needs of the engine.

    ``open`` tells whether it began the life; ``NoSuchLife`` says that nobody listens.
    """

    async def open(self, order: Order) -> bool: ...
    async def accept(self, order: Order) -> Decision: ...
    async def changed(self, order_id: OrderId, news: ChannelNews) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the hub decided about an order.

    Attributes:
        is_whole: All that was said of the order is known where it lives. When it was written down
            before, by another push, it may live with other words than these.
    """

    decision: Decision
    is_whole: bool


def _nobody_waits(_: OrderId) -> None:
    """Stand for whoever would want to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """Opens what is due, and tells open orders what changed.

    Attributes:
        settled: Told each order of which it is clear now whether it lives here: others wait to
            hear that.
    """

    book: OrderBook
    lives: Openings
    settled: Callable[[OrderId], object] = field(default=_nobody_waits)

    async def tell(self, seen: OrderSeen) -> Outcome:
        """Open the order, tell it what changed, or leave it."""
        check_name(seen.order_id)
        last = await self._last(seen.order_id)
        if last is not None and last.is_newer_than(seen.changed_at):
            return Outcome(did=Did.NO_NEWS, order_id=seen.order_id)
        if last is not None and last.opened_at is not None:
            return await self._again(seen, last)
        if seen.standing is Standing.DUE and seen.order is not None:
            return await self._open(seen, seen.order, last)
        return await self._leave(seen, last)

    async def accept(self, order: Order) -> Verdict:
        """Open an order, and wait until the hub has decided about it."""
        is_new = await self._enter(order, mark(Standing.DUE, order.receiver), order.paid_at)
        try:
            decision = await self.lives.accept(order)
        except NoSuchLife:
            # It has lived without being asked, and only who is asked about is turned away.
            decision = Decision(acceptance=Acceptance.ACCEPTED)
        await self._opened(order.id)
        await self._catch_up(order.id)
        if decision.acceptance is not Acceptance.PENDING:
            await asyncio.to_thread(self.book.decided, order.id, decision)
        return Verdict(decision=decision, is_whole=is_new)

    async def _again(self, seen: OrderSeen, last: Sight) -> Outcome:
        """Tell an order that lives, or has lived, what is new; the same as before is not."""
        if last.seen == _mark(seen):
            return Outcome(did=Did.NO_NEWS, order_id=seen.order_id)
        heard = await self._signal(seen.order_id, _news(seen))
        await self._note(seen.order_id, _mark(seen), seen.changed_at)
        return Outcome(did=Did.CHANGED if heard else Did.NO_NEWS, order_id=seen.order_id)

    # Two sights of an order that is not open yet may be at work at the same time, here and in
    # another process. Each is noted before it acts, and looks after it has acted for a newer note.

    async def _open(self, seen: OrderSeen, order: Order, last: Sight | None) -> Outcome:
        """Write the order down before it lives, so that no start is ever forgotten."""
        no_news = Outcome(did=Did.NO_NEWS, order_id=order.id)
        if last is not None and last.has_ended and last.seen_at == seen.changed_at:
            return no_news  # in the same second; an end is an end
        if not await self._enter(order, _mark(seen), seen.changed_at):
            await self._note(order.id, _mark(seen), seen.changed_at)
        began = await self.lives.open(order)
        await self._opened(order.id)
        if began:
            await self._catch_up(order.id)
            return Outcome(did=Did.OPENED, order_id=order.id)
        now = await self._last(order.id)
        if now is not None and now.is_newer_than(seen.changed_at):
            return no_news
        heard = await self._signal(order.id, _news(seen))  # it may have begun with other words
        return Outcome(did=Did.CHANGED if heard else Did.NO_NEWS, order_id=order.id)

    async def _leave(self, seen: OrderSeen, last: Sight | None) -> Outcome:
        """Begin nothing; remember an end, so that an older sight begins nothing either."""
        not_due = Outcome(did=Did.NOT_DUE, order_id=seen.order_id)
        if last is None and seen.standing not in ENDS:
            return not_due
        is_first = last is None and await asyncio.to_thread(
            self.book.saw_end, seen.order_id, _mark(seen), seen.changed_at
        )
        if not is_first:
            await self._note(seen.order_id, _mark(seen), seen.changed_at)
            if await self._signal(seen.order_id, _news(seen)):
                return Outcome(did=Did.CHANGED, order_id=seen.order_id)
        if seen.standing in ENDS:
            await asyncio.to_thread(self.settled, seen.order_id)
        return not_due

    async def _catch_up(self, order_id: OrderId) -> None:
        """Tell an order that has just begun what was noted before it could hear it."""
        last = await self._last(order_id)
        for standing in Standing:
            if last and last.seen_at and last.seen == mark(standing, None):
                news = ChannelNews(standing=standing, changed_at=last.seen_at, receiver=None)
                await self._signal(order_id, news)

    async def _last(self, order_id: OrderId) -> Sight | None:
        return await asyncio.to_thread(self.book.sight, order_id)

    async def _enter(self, order: Order, seen: str, at: datetime) -> bool:
        entry = (order.id, order.channel, order.number, order.received_at, (seen, at))
        return await asyncio.to_thread(self.book.enter, *entry, buyer_key=order.buyer_key)

    async def _note(self, order_id: OrderId, seen: str, at: datetime) -> None:
        await asyncio.to_thread(self.book.saw, order_id, seen, at)

    async def _opened(self, order_id: OrderId) -> None:
        await asyncio.to_thread(self.book.opened, order_id, utc_now())
        await asyncio.to_thread(self.settled, order_id)

    async def _signal(self, order_id: OrderId, news: ChannelNews) -> bool:
        try:
            await self.lives.changed(order_id, news)
        except NoSuchLife:
            return False
        return True


def check_name(order_id: OrderId) -> None:
    """Raise ``Untranslatable`` for an order whose number nobody could write down."""
    if not has_room_for(order_id):
        channel, _, _ = order_id.partition("/")
        raise Untranslatable(channel, "订单号", "为空、超过 64 个字或含有非法字符")


def _news(seen: OrderSeen) -> ChannelNews:
    receiver = seen.order.receiver if seen.order else None
    return ChannelNews(standing=seen.standing, changed_at=seen.changed_at, receiver=receiver)


def _mark(seen: OrderSeen) -> str:
    return mark(seen.standing, seen.order.receiver if seen.order else None)
