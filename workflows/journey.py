"""One parcel's way inside our walls: from the shelf to the gate, or back to the shelf.

What comes behind the gate is in ``workflows.road``.
"""

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from temporalio import workflow

from domain.comeback import Interception, Receipt
from domain.handover import CallBack, HandOver
from domain.lifecycle import ParcelStage, inside_our_walls
from domain.parcel import TURNING_POINTS, Dispatch, Milestone, Parcel, Scan, Waybill
from domain.view import ParcelView
from workflows.calls import (
    CALL_BACK,
    CREATE_LABEL,
    HAND_OVER,
    LOCK_STOCK,
    PRINT_LABEL,
    RELEASE_STOCK,
    VOID_LABEL,
    Answer,
    Argument,
    Call,
    TurnedBack,
)
from workflows.doorway import DoneByHand
from workflows.ear import Ear
from workflows.homecoming import return_of_parcel
from workflows.outset import Outset
from workflows.road import Road
from workflows.telling import Telling


class Why(StrEnum):
    """Why a parcel turned back."""

    BY_HAND = "by_hand"  # cancelled, re-routed, a new address, or a refund
    WAREHOUSE = "warehouse"  # lost the race for the stock, or the WMS refused it


class Journey:
    """Carries one parcel. Handlers tell it facts; only ``travel`` awaits."""

    def __init__(self, outset: Outset, parcel: Parcel) -> None:
        self.outset = outset
        self.parcel = parcel
        self.stage = ParcelStage.PLANNED
        self.turned_back: Why | None = None
        self.too_late = False
        self.packed_at: datetime | None = None
        self.scans: dict[Milestone, Scan] = {}
        self.interception: Interception | None = None
        self.asked_back = False  # also when nobody knows what the carrier made of it
        self.receipt: Receipt | None = None
        self.telling = Telling(outset, parcel)
        self.ear = Ear(self)

    @classmethod
    def at_rest(cls, outset: Outset, parcel: Parcel, view: ParcelView) -> Self:
        """Take up a parcel whose way is over."""
        journey = cls(outset, parcel)
        journey.stage, journey.telling.waybill = view.stage, view.waybill
        journey.asked_back = view.stage is ParcelStage.INTERCEPTED
        return journey

    async def travel(self) -> None:
        """Bring the parcel to where it can rest."""
        try:
            await self._get_ready()
            await self._wait_until_gone()
        except TurnedBack:
            if await self._put_back():
                self.ear.close()
                return
        # It has left, or it was too late to stop it. The channel is told beside its way.
        await asyncio.gather(self.telling.tell(), Road(self).see_home())

    async def _get_ready(self) -> None:
        answer = await self._step(LOCK_STOCK, self.parcel)
        if not answer.locked:
            raise self._turned_away()
        self.reach(ParcelStage.LOCKED)
        self.telling.waybill = await self._step(CREATE_LABEL, self.dispatch())
        with contextlib.suppress(DoneByHand):
            await self._step(PRINT_LABEL, self.dispatch())
        self.reach(ParcelStage.LABELLED)
        accepted = await self._step(HAND_OVER, self.dispatch())
        if accepted.outcome is HandOver.REFUSED:
            raise self._turned_away()
        self.reach(ParcelStage.HANDED_OVER)

    async def _wait_until_gone(self) -> None:
        """Wait until the warehouse or the carrier says that the parcel has left."""
        await self.ear.hear_until(lambda: bool(self.packed_at or self.scans))
        if self.is_stopped():
            raise TurnedBack

    async def _put_back(self) -> bool:
        """Undo all of it, also what never happened; ``False`` when the warehouse is too late."""
        door, key = self.outset.door, self.parcel.key
        answer = await door.do(CALL_BACK, self.dispatch(), subject=key)
        if answer is CallBack.TOO_LATE:
            self.too_late = True
            self.outset.note(f"包裹 {self.parcel.no} 截单太晚,仓库已出库,继续配送")
            return False
        await door.do(VOID_LABEL, self.dispatch(), subject=key)
        await door.do(RELEASE_STOCK, self.parcel, subject=key)
        self.reach(ParcelStage.CANCELLED)
        return True

    async def _step(self, call: Call[Argument, Answer], argument: Argument) -> Answer:
        if self.outset.held():
            await workflow.wait_condition(lambda: not self.outset.held() or self.is_stopped())
        return await self.outset.door.do(
            call, argument, subject=self.parcel.key, stop=self.is_stopped
        )

    def _turned_away(self) -> TurnedBack:
        self.turned_back = self.turned_back or Why.WAREHOUSE
        return TurnedBack()

    # What is known of it.

    @property
    def waybill(self) -> Waybill | None:
        """The number it travels under."""
        return self.telling.waybill

    @property
    def return_key(self) -> str:
        """How the warehouse calls it when it comes back."""
        return return_of_parcel(self.dispatch()).key

    def dispatch(self) -> Dispatch:
        """Tell everything that an outside system may have to know."""
        return Dispatch(parcel=self.parcel, receiver=self.outset.receiver, waybill=self.waybill)

    def is_stopped(self) -> bool:
        """Whether it is to turn back, as far as that is still possible."""
        return self.turned_back is not None and not self.too_late

    @property
    def may_turn_back(self) -> bool:
        """Whether the parcel can still be stopped inside our walls."""
        return (
            inside_our_walls(self.stage)
            and self.turned_back is None
            and self.packed_at is None
            and not self.scans
        )

    @property
    def has_left(self) -> bool:
        """Whether the parcel is out of our walls, whatever became of it there."""
        gone = not inside_our_walls(self.stage) and self.stage is not ParcelStage.CANCELLED
        return gone or bool(self.packed_at or self.scans) or self.too_late

    @property
    def turning_back(self) -> bool:
        """Whether the parcel is on its way back to the shelf, so that its goods are free soon."""
        return self.is_stopped() and self.stage is not ParcelStage.CANCELLED

    @property
    def is_back(self) -> bool:
        """Whether its goods are on the shelf again, and may be sent anew."""
        called_back = self.asked_back and self.stage is ParcelStage.INTERCEPTED
        return called_back or self.stage is ParcelStage.CANCELLED

    # Facts, told by handlers.

    def reach(self, stage: ParcelStage) -> None:
        """Come to a new stage."""
        self.stage = stage
        self.outset.moved()

    def scanned(self, scan: Scan) -> None:
        """Keep a turning point; the first telling counts, later ones are the same news."""
        if scan.milestone in TURNING_POINTS:
            self.scans.setdefault(scan.milestone, scan)

    def correct(self, carrier: str, number: str, at: datetime) -> None:
        """Take another waybill number than the one that was labelled."""
        assert self.waybill is not None  # noqa: S101 - the validator asked for it
        self.telling.waybill = replace(self.waybill, carrier=carrier, number=number, at=at)
        self.outset.moved()

    def turn_back(self) -> None:
        """Call the parcel back, if it can still be stopped."""
        if self.may_turn_back:
            self.turned_back = Why.BY_HAND
