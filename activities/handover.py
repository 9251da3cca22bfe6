"""Durable steps against the WMS: hand a parcel over for packing, and call it back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from temporalio import activity

from domain.parcel import Dispatch


class HandOver(StrEnum):
    """A WMS's answer to a new delivery order."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # this warehouse can not send it; another may


class CallBack(StrEnum):
    """A WMS's answer to a cancellation."""

    CANCELLED = "cancelled"
    TOO_LATE = "too_late"  # it has left the warehouse, or is about to


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverAnswer:
    """What the WMS said; ``reason`` is its own words when it refused."""

    outcome: HandOver
    reason: str
    at: datetime


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
