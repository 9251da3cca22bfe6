"""Listens for one parcel's turning points, and asks the carrier when everybody stays silent."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from activities.logistics import Follow
from domain.parcel import Milestone, Parcel, Scan, Waybill
from workflows.calls import FOLLOW, TurnedBack
from workflows.outset import Outset
from workflows.silence import Silence


class Traveller(Protocol):
    """What the ear needs to know of a parcel."""

    outset: Outset
    parcel: Parcel
    packed_at: datetime | None
    scans: dict[Milestone, Scan]

    @property
    def waybill(self) -> Waybill | None: ...
    def is_stopped(self) -> bool: ...
    def scanned(self, scan: Scan) -> None: ...


class Ear:
    """One parcel's ear."""

    def __init__(self, traveller: Traveller) -> None:
        self._traveller = traveller
        pace, key = traveller.outset.pace, traveller.parcel.key
        self._silence = Silence(pace.scan_silence, f"等待物流推送 {key}")

    async def hear_until(
        self, happened: Callable[[], bool], stirred: Callable[[], bool] = lambda: False
    ) -> None:
        """Listen until something has happened; return sooner when ``stirred``.

        Raises:
            TurnedBack: the parcel is to turn back.
        """
        while not happened() and not stirred():
            await self._next_turning_point(stirred)

    def close(self) -> None:
        """Stop listening."""
        self._silence.end()

    async def _next_turning_point(self, stirred: Callable[[], bool]) -> None:
        """Wait for a push; when everybody stays silent for too long, ask the carrier."""
        it = self._traveller
        known = len(it.scans), it.packed_at

        def heard() -> bool:
            return (len(it.scans), it.packed_at) != known or it.is_stopped() or stirred()

        if await self._silence.outlasts(heard):
            await self._ask_carrier(heard)
        if it.is_stopped():
            raise TurnedBack

    async def _ask_carrier(self, heard: Callable[[], bool]) -> None:
        it, outset = self._traveller, self._traveller.outset
        assert it.waybill is not None  # noqa: S101 - it was labelled before it was handed over
        question = Follow(
            waybill=it.waybill,
            phone_tail=it.waybill.phone_tail or outset.receiver.phone_tail,
            known=tuple(it.scans),
            every=outset.pace.poll_interval,
        )
        with contextlib.suppress(TurnedBack):  # a push was faster, or the parcel is called back
            scans = await outset.door.do(FOLLOW, question, subject=it.parcel.key, stop=heard)
            for scan in scans:
                it.scanned(scan)
