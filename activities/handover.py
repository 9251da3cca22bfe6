"""Durable steps against the WMS: hand a parcel over for packing, and call it back."""

from typing import Protocol

from temporalio import activity

from domain.handover import CallBack, HandOverAnswer
from domain.parcel import Dispatch


class Warehouses(Protocol):
    """What these steps need from the warehouse systems; the parcel's key is the order code."""

    async def create(self, dispatch: Dispatch) -> HandOverAnswer: ...
    async def cancel(self, dispatch: Dispatch) -> CallBack: ...


class HandOverActivities:
    """Hands parcels to the WMS."""

    def __init__(self, warehouses: Warehouses) -> None:
        self._warehouses = warehouses

    @activity.defn(name="handover.create")
    async def create(self, dispatch: Dispatch) -> HandOverAnswer:
        """Create the delivery order; a second call finds the first."""
        return await self._warehouses.create(dispatch)

    @activity.defn(name="handover.cancel")
    async def cancel(self, dispatch: Dispatch) -> CallBack:
        """Call the parcel back; a delivery order that never was is ``CANCELLED``."""
        return await self._warehouses.cancel(dispatch)
