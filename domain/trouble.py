"""Why an order stands still, and what a person may do about it.

A hold ends by itself when its cause goes away; an exception waits for a person.
Both are visible: as a search attribute, in the order's details, on the board.
"""

from collections.abc import Mapping
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
    MADE_TO_ORDER = "made_to_order"
    CHANNEL_HOLD = "channel_hold"
    BY_HAND = "by_hand"


# What passes by itself is nothing for a person, unless it lasts too long.
PASSING = frozenset({HoldReason.SHORT_OF_STOCK, HoldReason.MADE_TO_ORDER})


class Remedy(StrEnum):
    """What a person may do about an exception."""

    RETRY = "retry"  # the cause is mended: do the step again
    DONE_BY_HAND = "done_by_hand"  # a person did the step outside; go on
    REROUTE = "reroute"
    EDIT_ADDRESS = "edit_address"
    CANCEL = "cancel"
    DECIDE_CLAIM = "decide_claim"


# What is open to a person when a step is refused; a step that is not named can only be retried.
# "Done by hand" is open where the order needs nothing back from the step.
REMEDIES: Mapping[str, tuple[Remedy, ...]] = {
    "routing.plan": (Remedy.RETRY, Remedy.EDIT_ADDRESS, Remedy.REROUTE, Remedy.CANCEL),
    "stock.lock": (Remedy.RETRY, Remedy.REROUTE, Remedy.CANCEL),
    "label.create": (Remedy.RETRY, Remedy.EDIT_ADDRESS, Remedy.REROUTE, Remedy.CANCEL),
    "printer.print": (Remedy.RETRY, Remedy.DONE_BY_HAND, Remedy.REROUTE, Remedy.CANCEL),
    "handover.create": (Remedy.RETRY, Remedy.REROUTE, Remedy.CANCEL),
    "channel.tell_shipped": (Remedy.RETRY, Remedy.DONE_BY_HAND),
    "channel.answer_claim": (Remedy.RETRY, Remedy.DONE_BY_HAND),
    "claim.decide": (Remedy.RETRY, Remedy.DECIDE_CLAIM),
    "logistics.intercept": (Remedy.RETRY, Remedy.DONE_BY_HAND),
    "returns.announce": (Remedy.RETRY, Remedy.DONE_BY_HAND),
    "voucher.book": (Remedy.RETRY, Remedy.DONE_BY_HAND),
    "voucher.reverse": (Remedy.RETRY, Remedy.DONE_BY_HAND),
    "erp.relay": (Remedy.RETRY, Remedy.DONE_BY_HAND),
    "erp.withdraw": (Remedy.RETRY, Remedy.DONE_BY_HAND),
}


def remedies(step: str) -> tuple[Remedy, ...]:
    """Tell what is open to a person when ``step`` is refused."""
    return REMEDIES.get(step, (Remedy.RETRY,))


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
    """What a person must know: which order, since when, why, and what may be done.

    Attributes:
        subject: The parcel's key, or the order's id; the step's Chinese name and a space stand
            before it where ``step`` is empty.
        remedies: The actions that are open, in our own words.
        step: The step's name on the wire; empty in alerts from before there was a queue.
    """

    order_id: OrderId
    subject: str
    reason: str
    remedies: tuple[str, ...]
    since: datetime
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """An exception that people were called about needs nobody any more; it is named as it began."""

    order_id: OrderId
    step: str
    subject: str
    since: datetime
