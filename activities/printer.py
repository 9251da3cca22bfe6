"""Durable step: the label comes out of the warehouse's printer, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temporalio import activity

from domain.parcel import Dispatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A label that is on paper."""

    printer: str
    at: datetime


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
