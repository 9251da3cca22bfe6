"""Freezing buyers by hand, and letting them go: on record, and their orders go on at once."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.clock import utc_now
from domain.errors import GatewayBusy
from domain.hands import Hand
from domain.risk import Standing
from gateways.buyer_acts import BuyerAct, BuyerActs
from gateways.buyers import BuyerBook
from web.guards import NotFrozen


class BuyerGuard(Protocol):
    """What this needs of the guards; ``NotFrozen`` says that the guard has frozen nobody."""

    async def unfreeze(self, buyer_key: str, hand: Hand) -> str: ...


class HeldOrders(Protocol):
    """What this needs of the orders that wait for a buyer."""

    async def buyer_cleared(self, buyer_key: str) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Who must hear that a buyer may order again."""

    guards: BuyerGuard
    orders: HeldOrders


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerCard:
    """Whether a buyer may order, and what was done to them, the last act first."""

    buyer_key: str
    standing: Standing
    acts: tuple[BuyerAct, ...]


class Buyers:
    """What risk officers do to buyers. A buyer is known by a keyed hash, see ``Hands.card``.

    Args:
        book: Who is frozen.
        acts: What was done.
        listeners: ``None`` until the engine is connected and somebody sets it.
    """

    def __init__(
        self, book: BuyerBook, acts: BuyerActs, listeners: Listeners | None = None
    ) -> None:
        self._book = book
        self._acts = acts
        self.listeners = listeners

    async def card(self, buyer_key: str) -> BuyerCard:
        """Tell how a buyer stands.

        Raises:
            GatewayBusy: the database does not answer.
        """
        standing = await asyncio.to_thread(self._book.standing, buyer_key)
        acts = await asyncio.to_thread(self._acts.of, buyer_key)
        return BuyerCard(buyer_key=buyer_key, standing=standing, acts=tuple(acts))

    async def freeze(self, buyer_key: str, length: timedelta, hand: Hand) -> datetime:
        """Let a buyer order nothing for so long; tell until when.

        Orders that are under way go on: only new ones are held.

        Raises:
            GatewayBusy: the database does not answer.
        """
        until = utc_now() + length
        await asyncio.to_thread(self._book.freeze, buyer_key, until, hand.reason, hand.by)
        return until

    async def unfreeze(self, buyer_key: str, hand: Hand) -> int:
        """Let a buyer order again; tell how many orders look again whether they may go on.

        The buyer's guard hears of it, so that it does not believe in its freeze any more.

        Raises:
            GatewayBusy: the database or the engine does not answer; safe to repeat.
        """
        if self.listeners is None:
            raise GatewayBusy("Temporal", "引擎尚未连接,请稍后再试")
        await asyncio.to_thread(self._book.unfreeze, buyer_key, hand.reason, hand.by)
        with contextlib.suppress(NotFrozen):
            await self.listeners.guards.unfreeze(buyer_key, hand)
        return await self.listeners.orders.buyer_cleared(buyer_key)
