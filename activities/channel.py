"""Durable step: tell the sales channel that a parcel is on its way."""

from typing import Protocol

from temporalio import activity

from domain.parcel import ShipmentNews


class SalesChannels(Protocol):
    """What this step needs from the channels."""

    async def tell_shipped(self, news: ShipmentNews) -> None: ...


class ChannelActivities:
    """Writes back to sales channels."""

    def __init__(self, channels: SalesChannels) -> None:
        self._channels = channels

    @activity.defn(name="channel.tell_shipped")
    async def tell_shipped(self, news: ShipmentNews) -> None:
        """Tell the channel in its own words; "I know that already" is a yes.

        Raises:
            GatewayRefused: the channel does not accept the number or the order.
        """
        await self._channels.tell_shipped(news)
