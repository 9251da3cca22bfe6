"""Tells the channel of one parcel, beside its way, and again when its number becomes another."""

import asyncio
import contextlib

from domain.parcel import Parcel, ShipmentNews, Waybill
from workflows.calls import TELL_CHANNEL, TurnedBack
from workflows.doorway import DoneByHand
from workflows.outset import Outset


class Telling:
    """What the channel was told of one parcel. ``waybill`` is the one it travels under now."""

    def __init__(self, outset: Outset, parcel: Parcel) -> None:
        self.waybill: Waybill | None = None
        self._outset = outset
        self._parcel = parcel
        self._turn = asyncio.Lock()
        self._told: Waybill | None = None
        self._times = 0

    @property
    def told(self) -> str:
        """The number that the channel was told last; empty when it was told none."""
        return self._told.number if self._told else ""

    async def tell(self) -> None:
        """Tell the channel, and again for as long as the number has become another one.

        A telling that is given up for a newer number has an unknown outcome: the channel may know
        the old number, so the new one replaces it. What is refunded is not announced any more.
        """
        async with self._turn:
            while self.waybill != self._told and not self._outset.untold(self._parcel):
                assert self.waybill is not None  # noqa: S101 - labelled before it was handed over
                await self._tell(self.waybill)

    async def tell_again(self) -> None:
        """Tell of a corrected number, if the channel has heard another one."""
        if self._told is not None:
            await self.tell()

    async def _tell(self, waybill: Waybill) -> None:
        with contextlib.suppress(DoneByHand, TurnedBack):
            await self._outset.door.do(
                TELL_CHANNEL,
                self._shipment(waybill),
                subject=self._parcel.key,
                stop=lambda: self.waybill != waybill or self._outset.untold(self._parcel),
            )
        self._told = waybill
        self._times += 1

    def _shipment(self, waybill: Waybill) -> ShipmentNews:
        order, key, line_nos = self._outset.order, self._parcel.key, self._parcel.line_nos
        return ShipmentNews(
            order_id=order.id,
            channel=order.channel,
            number=order.number,
            key=f"{key}/{self._times}" if self._times else key,
            waybill=waybill,
            line_nos=tuple(sorted(line_nos)),
            line_refs=tuple(line.ref for line in order.lines if line.no in line_nos and line.ref),
            replaces=self.told or self._outset.told_before(self._parcel),
            protocol=order.protocol,
        )
