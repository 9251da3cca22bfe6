"""Durable steps against carriers: get a waybill for a parcel, and cancel it."""

from typing import Protocol

from temporalio import activity

from domain.parcel import Dispatch, Waybill


class Carriers(Protocol):
    """What these steps need from the carriers.

    The parcel's key is the carrier's order id. Both calls are safe to repeat; an unknown outcome
    is asked about before it is repeated.
    """

    async def book(self, dispatch: Dispatch) -> Waybill: ...
    async def cancel(self, dispatch: Dispatch) -> None: ...


class LabelActivities:
    """Books a carrier for a parcel, and cancels the booking."""

    def __init__(self, carriers: Carriers) -> None:
        self._carriers = carriers

    @activity.defn(name="label.create")
    async def create(self, dispatch: Dispatch) -> Waybill:
        """Get the parcel's waybill; a second call finds the first one's.

        Raises:
            GatewayRefused: the carrier does not take the parcel (address, goods, contract).
            GatewayBusy: no answer; ask again.
        """
        return await self._carriers.book(dispatch)

    @activity.defn(name="label.void")
    async def void(self, dispatch: Dispatch) -> None:
        """Cancel the waybill; cancelling what was never booked succeeds."""
        await self._carriers.cancel(dispatch)
