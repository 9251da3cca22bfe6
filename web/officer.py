"""Does what a risk officer asks for with a button on a card, and changes the card afterwards."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, assert_never

import structlog

from domain.errors import GatewayRefused
from domain.events import CardClicked
from domain.freeze import Button, Freeze, FreezeNotice, GuardState
from domain.hands import Hand
from gateways.buyers import Act
from gateways.order_rows import BookedOrder
from gateways.wecom_card import CardName, history_card
from web.guards import NotFrozen

OLD = "这张卡片已过期,没有做任何操作"
PAST_ORDERS = 6  # what a card has room for

log = structlog.get_logger()


class Officers(Protocol):
    """Whoever does what a card's buttons say."""

    async def clicked(self, click: CardClicked) -> None: ...


class NoOfficers:
    """Nobody sends cards, so no click means anything."""

    async def clicked(self, click: CardClicked) -> None:
        """Do nothing."""


class FrozenBuyers(Protocol):
    """What this needs of the guards; ``NotFrozen`` says why something is not done."""

    async def state(self, buyer_key: str) -> GuardState | None: ...
    async def unfreeze(self, buyer_key: str, hand: Hand) -> str: ...
    async def confirm(self, buyer_key: str, hand: Hand) -> str: ...


class Cards(Protocol):
    """What this needs of WeCom."""

    async def change(self, ticket: str, card: Mapping[str, Any]) -> None: ...
    async def close(self, ticket: str, words: str) -> None: ...


class PastOrders(Protocol):
    """What this needs of the order book."""

    def of_buyer(self, buyer_key: str, limit: int) -> Sequence[BookedOrder]: ...


class Acts(Protocol):
    """What this needs of the record of buyers."""

    def note(self, buyer_key: str, act: Act, until: datetime, reason: str, by: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskDesk:
    """Answers the officers' cards. A click that is told again ends in the same words."""

    guards: FrozenBuyers
    cards: Cards
    orders: PastOrders
    acts: Acts

    async def clicked(self, click: CardClicked) -> None:
        """Do it, and let the card say who did what.

        Raises:
            GatewayBusy: nobody answers now; the click is told again.
        """
        notice = await self._meant(click)
        if notice is None or click.button not in set(Button):
            await self._close(click, OLD)
            return
        match Button(click.button):
            case Button.LOOK:
                await self._look(click, notice)
            case Button.UNFREEZE:
                await self._close(click, await self._unfreeze(click, notice))
            case Button.CONFIRM:
                await self._close(click, await self._confirm(click, notice))
            case button:
                assert_never(button)

    async def _meant(self, click: CardClicked) -> FreezeNotice | None:
        """Tell the freeze that a card is about; ``None`` when it is not the buyer's last one."""
        name = CardName.of(click.card)
        state = await self.guards.state(name.buyer_key) if name else None
        freeze: Freeze | None = state.freeze if state else None
        if name is None or freeze is None or freeze.no != name.no:
            return None
        return FreezeNotice(buyer_key=name.buyer_key, freeze=freeze)

    async def _unfreeze(self, click: CardClicked, notice: FreezeNotice) -> str:
        try:
            return await self.guards.unfreeze(notice.buyer_key, _hand(click))
        except NotFrozen as why:
            return str(why)

    async def _confirm(self, click: CardClicked, notice: FreezeNotice) -> str:
        try:
            return await self.guards.confirm(notice.buyer_key, _hand(click))
        except NotFrozen as why:
            return str(why)

    async def _look(self, click: CardClicked, notice: FreezeNotice) -> None:
        key, until = notice.buyer_key, notice.freeze.until
        orders = await asyncio.to_thread(self.orders.of_buyer, key, PAST_ORDERS)
        await asyncio.to_thread(self.acts.note, key, Act.LOOK, until, "看历史订单", click.by)
        try:
            await self.cards.change(click.ticket, history_card(notice, orders, click.by))
        except GatewayRefused as fault:
            log.warning("card_not_changed", code=fault.code)

    async def _close(self, click: CardClicked, words: str) -> None:
        """Change the card; a ticket that was used before a lost answer has done its work."""
        try:
            await self.cards.close(click.ticket, words)
        except GatewayRefused as fault:
            log.warning("card_not_changed", code=fault.code)


def _hand(click: CardClicked) -> Hand:
    return Hand(by=click.by, reason="企业微信风控卡片")
