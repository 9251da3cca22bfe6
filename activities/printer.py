"""Durable step: the label comes out of the warehouse's printer, once."""

from typing import Protocol

from temporalio import activity

from domain.parcel import Dispatch, Printed


class Printers(Protocol):
    """What this step needs: the label drawn, kept, and printed where the parcel is packed."""

    async def print(self, dispatch: Dispatch) -> Printed: ...


class PrinterActivities:
    """Prints labels."""

    def __init__(self, printers: Printers) -> None:
        self._printers = printers

    @activity.defn(name="printer.print")
    async def print(self, dispatch: Dispatch) -> Printed:
        """Print the parcel's label once; the printer is asked before anything is sent again.

        Raises:
            GatewayBusy: out of paper, paused, head open, or silent; it goes on by itself once a
                person has seen to the printer.
        """
        return await self._printers.print(dispatch)
