"""One parcel's way: from the shelf to the buyer's door, or back to the shelf."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from temporalio import workflow

from activities.logistics import Follow
from domain.handover import CallBack, HandOver
from domain.lifecycle import ParcelStage, inside_our_walls
from domain.order import Order, Receiver
from domain.pace import Pace
from domain.parcel import (
    TURNING_POINTS,
    Dispatch,
    Milestone,
    Parcel,
    Scan,
    ShipmentNews,
    Waybill,
)
from domain.words import zh
from workflows.calls import (
    CALL_BACK,
    CREATE_LABEL,
    FOLLOW,
    HAND_OVER,
    LOCK_STOCK,
    PRINT_LABEL,
    RELEASE_STOCK,
    SHIP_STOCK,
    TELL_CHANNEL,
    VOID_LABEL,
    Answer,
    Argument,
    Call,
    TurnedBack,
)
from workflows.doorway import DoneByHand, Doorway
from workflows.silence import Silence

ENDS = {
    Milestone.DELIVERED: ParcelStage.DELIVERED,
    Milestone.RETURNED: ParcelStage.INTERCEPTED,
    Milestone.LOST: ParcelStage.LOST,
}


class Why(StrEnum):
    """Why a parcel turned back."""

    BY_HAND = "by_hand"  # cancelled, re-routed, or a new address
    WAREHOUSE = "warehouse"  # lost the race for the stock, or the WMS refused it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outset:
    """What every parcel of an order sets out with.

    Attributes:
        held: Whether a person holds the order; no new step is begun while it is true.
        moved: Told each time a parcel reached a new stage.
        note: Keeps a sentence that a person should be able to see later.
    """

    order: Order
    receiver: Receiver
    pace: Pace
    door: Doorway
    held: Callable[[], bool]
    moved: Callable[[], None]
    note: Callable[[str], None]


class Journey:
    """Carries one parcel. Handlers tell it facts; only ``travel`` awaits."""

    def __init__(self, outset: Outset, parcel: Parcel) -> None:
        self.parcel = parcel
        self.stage = ParcelStage.PLANNED
        self.waybill: Waybill | None = None
        self.turned_back: Why | None = None
        self.too_late = False
        self.packed_at: datetime | None = None
        self._outset = outset
        self._scans: dict[Milestone, Scan] = {}
        self._telling = asyncio.Lock()
        self._told: Waybill | None = None
        self._tellings = 0
        self._silence = Silence(outset.pace.scan_silence, f"等待物流推送 {parcel.key}")

    async def travel(self) -> None:
        """Bring the parcel to where it can rest."""
        try:
            await self._get_ready()
            await self._wait_until_gone()
        except TurnedBack:
            if await self._put_back():
                self._silence.end()
                return
        # It has left, or it was too late to stop it. The channel is told beside its way.
        await asyncio.gather(self._tell_channel(), self._see_home())

    async def _get_ready(self) -> None:
        answer = await self._step(LOCK_STOCK, self.parcel)
        if not answer.locked:
            raise self._turned_away()
        self._reach(ParcelStage.LOCKED)
        self.waybill = await self._step(CREATE_LABEL, self._dispatch())
        with contextlib.suppress(DoneByHand):
            await self._step(PRINT_LABEL, self._dispatch())
        self._reach(ParcelStage.LABELLED)
        accepted = await self._step(HAND_OVER, self._dispatch())
        if accepted.outcome is HandOver.REFUSED:
            raise self._turned_away()
        self._reach(ParcelStage.HANDED_OVER)

    async def _wait_until_gone(self) -> None:
        """Wait until the warehouse or the carrier says that the parcel has left."""
        while not (self.packed_at or self._scans):
            await self._next_turning_point()
        if self._stop():
            raise TurnedBack

    async def _see_home(self) -> None:
        while not self._scans:
            await self._next_turning_point()
        await self._outset.door.do(SHIP_STOCK, self.parcel, subject=self.parcel.key)
        self._reach(ParcelStage.SHIPPED)
        while not (ends := ENDS.keys() & self._scans.keys()):
            await self._next_turning_point()
        end = ENDS[min(ends)]
        self._silence.end()
        self._reach(end)
        if end is not ParcelStage.DELIVERED:
            await self._outset.door.ask(FOLLOW.step, self.parcel.key, f"承运商报告包裹{zh(end)}")

    async def _put_back(self) -> bool:
        """Undo all of it, also what never happened; ``False`` when the warehouse is too late."""
        answer = await self._outset.door.do(CALL_BACK, self._dispatch(), subject=self.parcel.key)
        if answer is CallBack.TOO_LATE:
            self.too_late = True
            self._outset.note(f"包裹 {self.parcel.no} 截单太晚,仓库已出库,继续配送")
            return False
        await self._outset.door.do(VOID_LABEL, self._dispatch(), subject=self.parcel.key)
        await self._outset.door.do(RELEASE_STOCK, self.parcel, subject=self.parcel.key)
        self._reach(ParcelStage.CANCELLED)
        return True

    async def tell_again(self) -> None:
        """Tell the channel of a corrected number, if it has heard another one."""
        if self._told is not None:
            await self._tell_channel()

    async def _tell_channel(self) -> None:
        """Tell the channel, and again for as long as the number has become another one.

        A telling that is given up for a newer number has an unknown outcome: the channel may know
        the old number, so the new one replaces it.
        """
        async with self._telling:
            while self.waybill != self._told:
                assert self.waybill is not None  # noqa: S101 - labelled before it was handed over
                await self._tell(self.waybill)

    async def _tell(self, waybill: Waybill) -> None:
        with contextlib.suppress(DoneByHand, TurnedBack):
            await self._outset.door.do(
                TELL_CHANNEL,
                self._shipment(waybill),
                subject=self.parcel.key,
                stop=lambda: self.waybill != waybill,
            )
        self._told = waybill
        self._tellings += 1

    def _shipment(self, waybill: Waybill) -> ShipmentNews:
        order, line_nos = self._outset.order, self.parcel.line_nos
        return ShipmentNews(
            order_id=order.id,
            channel=order.channel,
            number=order.number,
            key=f"{self.parcel.key}/{self._tellings}" if self._tellings else self.parcel.key,
            waybill=waybill,
            line_nos=tuple(sorted(line_nos)),
            line_refs=tuple(line.ref for line in order.lines if line.no in line_nos and line.ref),
            replaces=self._told.number if self._told else "",
            protocol=order.protocol,
        )

    async def _next_turning_point(self) -> None:
        """Wait for a push; when everybody stays silent for too long, ask the carrier."""
        known = len(self._scans), self.packed_at

        def heard() -> bool:
            return (len(self._scans), self.packed_at) != known or self._stop()

        if await self._silence.outlasts(heard):
            await self._ask_carrier(heard)
        if self._stop():
            raise TurnedBack

    async def _ask_carrier(self, heard: Callable[[], bool]) -> None:
        assert self.waybill is not None  # noqa: S101 - it was labelled before it was handed over
        question = Follow(
            waybill=self.waybill,
            phone_tail=self.waybill.phone_tail or self._outset.receiver.phone_tail,
            known=tuple(self._scans),
            every=self._outset.pace.poll_interval,
        )
        with contextlib.suppress(TurnedBack):  # a push was faster, or the parcel is called back
            for scan in await self._outset.door.do(
                FOLLOW, question, subject=self.parcel.key, stop=heard
            ):
                self.scanned(scan)

    async def _step(self, call: Call[Argument, Answer], argument: Argument) -> Answer:
        if self._outset.held():
            await workflow.wait_condition(lambda: not self._outset.held() or self._stop())
        return await self._outset.door.do(call, argument, subject=self.parcel.key, stop=self._stop)

    def _stop(self) -> bool:
        return self.turned_back is not None and not self.too_late

    def _turned_away(self) -> TurnedBack:
        self.turned_back = self.turned_back or Why.WAREHOUSE
        return TurnedBack()

    def _dispatch(self) -> Dispatch:
        return Dispatch(parcel=self.parcel, receiver=self._outset.receiver, waybill=self.waybill)

    def _reach(self, stage: ParcelStage) -> None:
        self.stage = stage
        self._outset.moved()

    # Facts, told by handlers.

    def scanned(self, scan: Scan) -> None:
        """Keep a turning point; the first telling counts, later ones are the same news."""
        if scan.milestone in TURNING_POINTS:
            self._scans.setdefault(scan.milestone, scan)

    def correct(self, carrier: str, number: str, at: datetime) -> None:
        """Take another waybill number than the one that was labelled."""
        assert self.waybill is not None  # noqa: S101 - the validator asked for it
        self.waybill = replace(self.waybill, carrier=carrier, number=number, at=at)
        self._outset.moved()

    def turn_back(self) -> None:
        """Call the parcel back, if it can still be stopped."""
        if self.may_turn_back:
            self.turned_back = Why.BY_HAND

    @property
    def may_turn_back(self) -> bool:
        """Whether the parcel can still be stopped inside our walls."""
        return (
            inside_our_walls(self.stage)
            and self.turned_back is None
            and self.packed_at is None
            and not self._scans
        )

    @property
    def has_left(self) -> bool:
        """Whether the parcel is out of our walls, whatever became of it there."""
        gone = not inside_our_walls(self.stage) and self.stage is not ParcelStage.CANCELLED
        return gone or bool(self.packed_at or self._scans) or self.too_late

    @property
    def turning_back(self) -> bool:
        """Whether the parcel is on its way back to the shelf, so that its goods are free soon."""
        return self._stop() and self.stage is not ParcelStage.CANCELLED
