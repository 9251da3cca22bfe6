"""One parcel's way behind our gate: to the buyer's door, or back again if nobody wants it."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from domain.comeback import Interception, Receipt
from domain.hands import Hand
from domain.lifecycle import ParcelStage
from domain.parcel import Dispatch, Milestone, Parcel, Scan
from domain.words import zh
from workflows.calls import FOLLOW, INTERCEPT, SHIP_STOCK, TurnedBack
from workflows.doorway import DoneByHand
from workflows.ear import Ear
from workflows.homecoming import Homecoming
from workflows.loss import write_off
from workflows.outset import Outset

# The ends of a road, the one that counts first: what was signed for is with the buyer.
ENDS = (Milestone.DELIVERED, Milestone.RETURNED, Milestone.LOST)


class Traveller(Protocol):
    """What the road needs to know of a parcel, and to tell it."""

    outset: Outset
    parcel: Parcel
    stage: ParcelStage
    packed_at: datetime | None
    scans: dict[Milestone, Scan]
    interception: Interception | None
    asked_back: bool
    receipt: Receipt | None
    ear: Ear

    def dispatch(self) -> Dispatch: ...
    def reach(self, stage: ParcelStage) -> None: ...


class Road:
    """One parcel's road."""

    def __init__(self, traveller: Traveller) -> None:
        self._it = traveller
        self._outset = traveller.outset
        self._key = traveller.parcel.key

    async def see_home(self) -> None:
        """Follow the parcel to where its road ends."""
        it = self._it
        await self._go_on_until(lambda: bool(it.scans))
        await self._outset.door.do(SHIP_STOCK, it.parcel, subject=self._key)
        it.reach(self._on_the_road)
        await self._go_on_until(lambda: self._end is not None)
        it.ear.close()
        await self._arrive()

    async def _arrive(self) -> None:
        match self._end:
            case Milestone.DELIVERED:
                self._it.reach(ParcelStage.DELIVERED)
            case Milestone.RETURNED:
                await self._come_home()
            case _:
                await self._be_lost()

    async def _come_home(self) -> None:
        if self._outset.pace.receipt_limit is None:  # opened before warehouses were asked
            self._it.reach(ParcelStage.INTERCEPTED)
        else:
            await Homecoming(self._it).take_in()
        if not self._it.asked_back:
            await self._ask_about(ParcelStage.INTERCEPTED)

    async def _be_lost(self) -> None:
        self._it.reach(ParcelStage.LOST)
        hand = await self._ask_about(ParcelStage.LOST)
        if self._outset.pace.receipt_limit is not None:
            items = self._it.parcel.items
            await write_off(self._outset, self._key, items, hand)

    async def _ask_about(self, end: ParcelStage) -> Hand:
        question = f"承运商报告包裹{zh(end)}"
        return await self._outset.door.ask(FOLLOW.step, self._key, question)

    async def _go_on_until(self, happened: Callable[[], bool]) -> None:
        """Wait for something on the road, and have the parcel brought back if nobody wants it."""
        while not happened():
            if self._is_to_be_called_back():
                await self._call_back()
            else:
                await self._it.ear.hear_until(happened, self._is_to_be_called_back)

    async def _call_back(self) -> None:
        """Ask the carrier; when the wish ends meanwhile, nobody knows what became of it."""
        self._it.asked_back = True
        with contextlib.suppress(TurnedBack):
            self._it.interception = await self._ask_carrier()
            answer = zh(self._it.interception)
            self._outset.note(f"包裹 {self._it.parcel.no} 快递拦截:{answer}")
            if self._it.stage is ParcelStage.SHIPPED:
                self._it.reach(self._on_the_road)

    async def _ask_carrier(self) -> Interception:
        try:
            return await self._outset.door.do(
                INTERCEPT,
                self._it.dispatch(),
                subject=self._key,
                stop=lambda: not self._is_to_be_called_back(),
            )
        except DoneByHand:
            return Interception.ACCEPTED  # somebody rang the carrier up

    def _is_to_be_called_back(self) -> bool:
        is_asked = self._it.interception is not None or self._end is not None
        return not is_asked and self._outset.unwanted(self._it.parcel)

    @property
    def _on_the_road(self) -> ParcelStage:
        is_coming_back = self._it.interception is Interception.ACCEPTED
        return ParcelStage.INTERCEPTING if is_coming_back else ParcelStage.SHIPPED

    @property
    def _end(self) -> Milestone | None:
        return next((end for end in ENDS if end in self._it.scans), None)
