"""Why an order stands still, and what a person may do about it.

A hold ends by itself when its cause goes away; an exception waits for a person.
Both are visible: as a search attribute, in the order's details, on the board.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.order import OrderId


class HoldReason(StrEnum):
    """For what an order waits by itself."""

    SHORT_OF_STOCK = "short_of_stock"
    FROZEN_BUYER = "frozen_buyer"
    BAD_ADDRESS = "bad_address"
    NO_WAREHOUSE = "no_warehouse"
    BY_HAND = "by_hand"


class Remedy(StrEnum):
    """What a person may do about an exception."""

    RETRY = "retry"  # the cause is mended: do the step again
    DONE_BY_HAND = "done_by_hand"  # a person did the step outside; go on
    REROUTE = "reroute"
    EDIT_ADDRESS = "edit_address"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An order that stands still until its cause goes away, with the reasons for a person."""

    reason: HoldReason
    since: datetime
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A step that was refused in a way no retry can mend.

    Attributes:
        step: The step's name on the wire, for example ``label.create``.
        subject: The parcel's key, or the order's id.
        reason: What the partner said, for a person, in Chinese.
        remedies: The actions that are open.
    """

    step: str
    subject: str
    reason: str
    since: datetime
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a person must know: which order, since when, why, and what may be done."""

    order_id: OrderId
    subject: str
    reason: str
    remedies: tuple[str, ...]
    since: datetime
