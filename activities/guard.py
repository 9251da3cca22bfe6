"""Durable steps of a buyer's guard: freeze and let go, tell the officers, mark in Kingdee.

Each effect is keyed by the freeze, so a step that is repeated after a lost answer adds nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temporalio import activity

from domain.freeze import FreezeNotice, FreezeState
from domain.hands import Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A freeze that is ended before its time, and by whose hand."""

    notice: FreezeNotice
    hand: Hand


class Freezer(Protocol):
    """What these steps need from the hub's record of buyers."""

    def trip(self, buyer_key: str, until: datetime, reason: str) -> None: ...
    def watched(self, buyer_key: str, until: datetime, reason: str) -> None: ...
    def confirmed(self, buyer_key: str, until: datetime, hand: Hand) -> None: ...
    def unfreeze(self, buyer_key: str, reason: str, by: str) -> None: ...
    def lapse(self, buyer_key: str, reason: str) -> None: ...
    def has_card(self, buyer_key: str, until: datetime) -> bool: ...
    def card_sent(self, buyer_key: str, until: datetime) -> None: ...


class Cards(Protocol):
    """What these steps need from the officers' WeCom."""

    async def send(self, notice: FreezeNotice) -> None: ...


class Marks(Protocol):
    """What these steps need from Kingdee."""

    async def mark(self, notice: FreezeNotice) -> None: ...


class HeldOrders(Protocol):
    """The orders that wait for a frozen buyer."""

    async def buyer_cleared(self, buyer_key: str) -> int: ...


class GuardActivities:
    """Does what the guard of a buyer decides."""

    def __init__(self, freezer: Freezer, cards: Cards, marks: Marks, orders: HeldOrders) -> None:
        self._freezer = freezer
        self._cards = cards
        self._marks = marks
        self._orders = orders

    @activity.defn(name="guard.freeze")
    def freeze(self, notice: FreezeNotice) -> None:
        """Freeze the buyer; a dry run is only written down."""
        freeze = notice.freeze
        if freeze.state is FreezeState.WATCHED:
            self._freezer.watched(notice.buyer_key, freeze.until, freeze.reason)
        else:
            self._freezer.trip(notice.buyer_key, freeze.until, freeze.reason)

    @activity.defn(name="guard.confirm")
    def confirm(self, release: Release) -> None:
        """Write down who confirmed the freeze."""
        notice = release.notice
        self._freezer.confirmed(notice.buyer_key, notice.freeze.until, release.hand)

    @activity.defn(name="guard.unfreeze")
    def unfreeze(self, release: Release) -> None:
        """Let the buyer order again; a lapse takes back only what the guard itself has frozen."""
        buyer_key, hand = release.notice.buyer_key, release.hand
        if release.notice.freeze.state is FreezeState.LAPSED:
            self._freezer.lapse(buyer_key, hand.reason)
        else:
            self._freezer.unfreeze(buyer_key, hand.reason, hand.by)

    @activity.defn(name="guard.wake")
    async def wake(self, buyer_key: str) -> int:
        """Tell the orders that wait for this buyer to look again; tell how many there are."""
        return await self._orders.buyer_cleared(buyer_key)

    @activity.defn(name="guard.card")
    async def card(self, notice: FreezeNotice) -> None:
        """Send the officers their card, once for each freeze.

        Raises:
            GatewayBusy: WeCom does not answer, or has had enough calls for now.
            GatewayRefused: WeCom does not know us, or none of the officers.
        """
        buyer_key, until = notice.buyer_key, notice.freeze.until
        if not self._freezer.has_card(buyer_key, until):
            await self._cards.send(notice)
            self._freezer.card_sent(buyer_key, until)

    @activity.defn(name="guard.mark")
    async def mark(self, notice: FreezeNotice) -> None:
        """Mark the buyer in Kingdee as a high risk, or as one no more when the freeze was lifted.

        There is one record for each buyer: marked already, it is written over.

        Raises:
            GatewayBusy: no answer.
            GatewayRefused: Kingdee names the field that is wrong.
        """
        await self._marks.mark(notice)
