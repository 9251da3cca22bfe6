"""Keeps the allocation record true when a parcel's number is corrected.

A carrier's push under the new number must find its parcel, so it is written down before anybody is
told of it.
"""

import asyncio
from typing import Protocol

from domain.claim import ClaimReply, Refund
from domain.parcel import ShipmentNews


class Allocations(Protocol):
    """Where it is written down whose parcel a number moves; safe to repeat."""

    def allot(self, carrier: str, waybill: str, parcel_key: str) -> None: ...


class Channels(Protocol):
    """Whoever is told of shipments and claims."""

    async def tell_shipped(self, news: ShipmentNews) -> None: ...
    async def answer_claim(self, reply: ClaimReply) -> Refund: ...


class AllottingChannels:
    """Writes a corrected number down, and tells the channel."""

    def __init__(self, channels: Channels, allocations: Allocations) -> None:
        self._channels = channels
        self._allocations = allocations

    async def tell_shipped(self, news: ShipmentNews) -> None:
        """Tell the order's own channel; faults as the channel's, and as the record's."""
        if news.replaces:
            waybill, key = news.waybill, _parcel_key(news)
            await asyncio.to_thread(self._allocations.allot, waybill.carrier, waybill.number, key)
        await self._channels.tell_shipped(news)

    async def answer_claim(self, reply: ClaimReply) -> Refund:
        """Answer at the order's own channel; no number is at stake."""
        return await self._channels.answer_claim(reply)


def _parcel_key(news: ShipmentNews) -> str:
    """Tell the parcel's key: that of a correction has the correction's own number behind it."""
    return "/".join(news.key.split("/")[:3])
