"""Every sales channel, by its name."""

from collections.abc import Mapping
from typing import Protocol

from domain.errors import GatewayRefused
from domain.parcel import ShipmentNews


class Shop(Protocol):
    """One channel that wants to hear of shipments."""

    async def tell_shipped(self, news: ShipmentNews) -> None: ...


class SalesChannels:
    """Passes news on to the channel that it concerns."""

    def __init__(self, shops: Mapping[str, Shop]) -> None:
        self._shops = shops

    async def tell_shipped(self, news: ShipmentNews) -> None:
        """Tell the order's own channel.

        Raises:
            GatewayRefused: the channel does not take the news, or is none of ours.
            GatewayBusy: no answer; telling again is safe.
        """
        if news.channel not in self._shops:
            known = "、".join(sorted(self._shops))
            reason = f"没有接入渠道 {news.channel};已接入:{known}"
            raise GatewayRefused(news.channel, "unknown_channel", reason)
        await self._shops[news.channel].tell_shipped(news)
