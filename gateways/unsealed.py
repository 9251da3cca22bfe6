"""Opens sealed buyers where their label is made, and nowhere else.

What a platform keeps as ciphertext stays ciphertext in the engine, in the hub's database and at the
WMS. The carrier's booking and the printed label need the true name, phone and address: they are
opened at that moment, used, and forgotten.
"""

from dataclasses import replace
from typing import Protocol

from domain.order import Receiver
from domain.parcel import Dispatch, Printed, Waybill


class Opener(Protocol):
    """Who can open a parcel's receiver: its channel."""

    async def unsealed(self, dispatch: Dispatch) -> Receiver: ...


class Carriers(Protocol):
    """Whoever books parcels."""

    async def book(self, dispatch: Dispatch) -> Waybill: ...
    async def cancel(self, dispatch: Dispatch) -> None: ...


class Printers(Protocol):
    """Whoever prints labels."""

    async def print(self, dispatch: Dispatch) -> Printed: ...


class UnsealingCarriers:
    """Books with the true receiver."""

    def __init__(self, carriers: Carriers, opener: Opener) -> None:
        self._carriers = carriers
        self._opener = opener

    async def book(self, dispatch: Dispatch) -> Waybill:
        """Get the parcel's waybill; faults as the carrier's, and as the channel's."""
        opened = await _opened(dispatch, self._opener)
        waybill = await self._carriers.book(opened)
        if opened is dispatch:
            return waybill
        return replace(waybill, phone_tail=opened.receiver.phone_tail)

    async def cancel(self, dispatch: Dispatch) -> None:
        """Cancel the waybill, which needs nobody's address."""
        await self._carriers.cancel(dispatch)


class UnsealingPrinters:
    """Prints the true receiver."""

    def __init__(self, printers: Printers, opener: Opener) -> None:
        self._printers = printers
        self._opener = opener

    async def print(self, dispatch: Dispatch) -> Printed:
        """Print the parcel's label; faults as the printer's, and as the channel's."""
        return await self._printers.print(await _opened(dispatch, self._opener))


async def _opened(dispatch: Dispatch, opener: Opener) -> Dispatch:
    if dispatch.receiver.sealed is None:
        return dispatch
    return replace(dispatch, receiver=await opener.unsealed(dispatch))
