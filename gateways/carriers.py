"""One desk for all carriers: SF directly, every other through kuaidi100 (design 11)."""

import asyncio
from typing import Protocol

from domain.comeback import Interception
from domain.parcel import Dispatch, Scan, Waybill
from gateways.sf import CARRIER as SF
from rulebook.waybills import standard_numbers


class Carrier(Protocol):
    """What the desk needs from each side. All calls are safe to repeat."""

    async def book(self, dispatch: Dispatch) -> Waybill: ...
    async def cancel(self, dispatch: Dispatch) -> None: ...
    async def intercept(self, dispatch: Dispatch) -> Interception: ...
    async def trace(self, waybill: Waybill, phone_tail: str) -> tuple[Scan, ...]: ...


class Allocations(Protocol):
    """Where it is written down whose parcel a waybill number moves; safe to repeat."""

    def allot(self, carrier: str, waybill: str, parcel_key: str) -> None: ...


class CarrierDesk:
    """Sends each parcel to the carrier that routing chose, and keeps the allocation record.

    The record is how a push that knows nothing but a number finds its order.
    """

    def __init__(self, sf: Carrier, others: Carrier, allocations: Allocations) -> None:
        self._sf = sf
        self._others = others
        self._allocations = allocations

    async def book(self, dispatch: Dispatch) -> Waybill:
        """Get the parcel's waybill, and record whose it is; faults as the carrier's gateway."""
        waybill = await self._of(dispatch.parcel.carrier).book(dispatch)
        key = dispatch.parcel.key
        await asyncio.to_thread(self._allocations.allot, waybill.carrier, waybill.number, key)
        return waybill

    async def cancel(self, dispatch: Dispatch) -> None:
        """Cancel the parcel's waybill. The record stays: late pushes still find their order."""
        await self._of(dispatch.parcel.carrier).cancel(dispatch)

    async def intercept(self, dispatch: Dispatch) -> Interception:
        """Have the parcel brought back by whoever carries it now; faults as the carrier's.

        A carrier that never stops a parcel, says ``rules/carriers.yaml``, is not asked.
        """
        known = standard_numbers().carrier(dispatch.carrier)
        if known is not None and not known.intercepts:
            return Interception.TOO_LATE
        return await self._of(dispatch.carrier).intercept(dispatch)

    async def trace(self, waybill: Waybill, phone_tail: str) -> tuple[Scan, ...]:
        """Tell the whole trace, oldest first."""
        return await self._of(waybill.carrier).trace(waybill, phone_tail)

    def _of(self, carrier: str) -> Carrier:
        return self._sf if carrier == SF else self._others
