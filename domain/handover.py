"""What a warehouse system answers when a parcel is handed over or called back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
