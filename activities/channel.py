"""Durable steps: tell a sales channel of a shipment, and what we say to a buyer's claim."""

from typing import Protocol

from temporalio import activity

from domain.claim import ClaimReply, Refund
from domain.parcel import ShipmentNews


class SalesChannels(Protocol):
    """What these steps need from the channels."""

    async def tell_shipped(self, news: ShipmentNews) -> None: ...
    async def answer_claim(self, reply: ClaimReply) -> Refund: ...


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

    @activity.defn(name="channel.answer_claim")
    async def answer_claim(self, reply: ClaimReply) -> Refund:
        """Answer a claim in the channel's own words, and tell how the claim stands after that.

        The claim is looked at first. One that does not wait for this answer any more, because it
        was answered before, withdrawn, or decided by the platform, is told as it stands.

        Raises:
            GatewayRefused: the channel does not take the answer, or its mapping has no words for
                it; a person answers in the channel's own back office.
            GatewayBusy: no answer; answering again is safe.
        """
        return await self._channels.answer_claim(reply)
