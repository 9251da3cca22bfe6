"""All sales channels that are set up and in force, each by its name.

The hub asks here for orders and refunds, tells here of shipments, and has sealed buyers opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

import httpx
from sqlalchemy import Engine

from channels.buyer import buyer_key
from channels.credentials import Credentials
from channels.mapping import BuyerKey
from domain.claim import ClaimReply, Refund
from domain.errors import GatewayRefused
from domain.events import OrderSeen, RefundSeen
from domain.number_book import NumberBook
from domain.order import Receiver
from domain.parcel import Dispatch, ShipmentNews
from gateways.channel_acts import ChannelActs
from gateways.channel_caller import ChannelCaller
from gateways.channel_claims import ChannelClaims
from gateways.channel_door import ChannelDoor
from gateways.channel_shelf import ChannelShelf
from gateways.channel_shop import ChannelShop
from gateways.channel_tokens import ChannelTokens
from gateways.field_watch import FieldWatch
from gateways.key_ring import KeyRing
from rulebook.waybills import standard_numbers
from settings import Channel, Settings


def credentials(settings: Channel) -> Credentials:
    """Tell who we are at a channel."""
    return Credentials(
        account=settings.account,
        secret=settings.secret.get_secret_value(),
        shop=settings.shop,
        more={name: secret.get_secret_value() for name, secret in settings.more.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """What all channels share."""

    tokens: ChannelTokens
    numbers: NumberBook
    buyer_key: BuyerKey
    watch: FieldWatch
    http: httpx.AsyncClient

    def shop(self, name: str, channel: Channel, shelf: ChannelShelf) -> ChannelShop:
        """Build the side that asks and tells."""
        caller = ChannelCaller(
            url=channel.url,
            who=credentials(channel),
            fixed_token=channel.token.get_secret_value(),
            tokens=self.tokens,
            http=self.http,
        )
        return ChannelShop(
            name=name,
            shelf=shelf,
            caller=caller,
            numbers=self.numbers,
            buyer_key=self.buyer_key,
            watch=self.watch,
        )

    def door(self, name: str, channel: Channel, shelf: ChannelShelf) -> ChannelDoor:
        """Build the side that takes pushes in."""
        return ChannelDoor(name, shelf, credentials(channel), self.buyer_key, self.watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShops:
    """Every channel's shop, and every channel's door."""

    shelf: ChannelShelf
    settings: Mapping[str, Channel]
    shops: Mapping[str, ChannelShop]
    doors: Mapping[str, ChannelDoor]
    watch: FieldWatch

    @classmethod
    def of(cls, settings: Settings, hub: Engine, http: httpx.AsyncClient) -> Self:
        """Build what the settings name; a channel that is switched off is none of ours."""
        return cls.built(
            settings.channels,
            ChannelShelf(ChannelActs(hub)),
            Outfit(
                tokens=ChannelTokens(hub, KeyRing.of(settings.keys)),
                numbers=standard_numbers(),
                buyer_key=partial(buyer_key, settings.buyer_secret.get_secret_value().encode()),
                watch=FieldWatch(hub),
                http=http,
            ),
        )

    @classmethod
    def built(cls, settings: Mapping[str, Channel], shelf: ChannelShelf, outfit: Outfit) -> Self:
        """Build each channel from its own settings and what all share."""
        known = {name: channel for name, channel in settings.items() if channel.enabled}
        return cls(
            shelf=shelf,
            settings=known,
            shops={name: outfit.shop(name, channel, shelf) for name, channel in known.items()},
            doors={name: outfit.door(name, channel, shelf) for name, channel in known.items()},
            watch=outfit.watch,
        )

    def own_paths(self) -> Mapping[str, ChannelDoor]:
        """Tell the doors of channels that push to a path of their own."""
        current = {name: self.shelf.in_force(name)[:1] for name in self.doors}
        return {
            mapping.path: self.doors[name]
            for name, mappings in current.items()
            for mapping in mappings
            if mapping.has_own_path
        }

    def door(self, channel: str) -> ChannelDoor | None:
        """Tell where a channel's pushes come in; ``None`` for one that does not call us."""
        in_force = self.shelf.in_force(channel)
        calls_us = bool(in_force) and in_force[0].transport == "http"
        return self.doors.get(channel) if calls_us else None

    async def order(self, channel: str, number: str) -> OrderSeen:
        """Ask how an order stands now; see ``ChannelShop.order``."""
        return await self.shop(channel).order(number)

    async def refund(self, channel: str, number: str, refund_id: str) -> RefundSeen:
        """Ask how a refund claim stands now; see ``ChannelShop.refund``."""
        return await self.shop(channel).refund(number, refund_id)

    async def tell_shipped(self, news: ShipmentNews) -> None:
        """Tell the order's own channel; see ``ChannelShop.tell_shipped``."""
        await self.shop(news.channel).tell_shipped(news)

    async def answer_claim(self, reply: ClaimReply) -> Refund:
        """Answer at the order's own channel; see ``ChannelClaims.answer``."""
        return await ChannelClaims(shop=self.shop(reply.channel)).answer(reply)

    def reconcilable(self) -> tuple[str, ...]:
        """Tell the channels that can be asked what changed."""
        return tuple(
            name
            for name in self.shelf.channels()
            if name in self.shops and self.shops[name].is_listed
        )

    async def unsealed(self, dispatch: Dispatch) -> Receiver:
        """Open a parcel's receiver, if the channel sealed it; see ``ChannelShop.unseal``."""
        if dispatch.receiver.sealed is None:
            return dispatch.receiver
        channel, _, number = dispatch.parcel.order_id.partition("/")
        return await self.shop(channel).unseal(number, dispatch.receiver)

    def shop(self, channel: str) -> ChannelShop:
        """Tell a channel's shop.

        Raises:
            GatewayRefused: nobody set this channel up.
        """
        if channel not in self.shops:
            known = "、".join(sorted(self.shops))
            reason = f"没有接入渠道 {channel};已接入:{known}"
            raise GatewayRefused(channel, "unknown_channel", reason)
        return self.shops[channel]
