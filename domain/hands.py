"""What a person may ask of an order. Every hand has a name and a reason, and is on record."""

from dataclasses import dataclass
from enum import StrEnum

from domain.order import Receiver
from domain.trouble import Remedy


class Deed(StrEnum):
    """What a person can do to an order; each is the name of an update on the wire."""

    REROUTE = "reroute"
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    EDIT_ADDRESS = "edit_address"
    CORRECT_WAYBILL = "correct_waybill"
    DECIDE_CLAIM = "decide_claim"
    RETRY_NOW = "retry_now"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who acts, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reroute:
    """Send what is still inside our walls from somewhere else.

    Attributes:
        parcel_no: Which parcel; ``None`` means every one that can still be stopped.
        warehouse: Where to; empty lets the rules decide, without the warehouses of now.
        source: Only what leaves from this warehouse, for example one that burns; empty: from any.
    """

    hand: Hand
    parcel_no: int | None = None
    warehouse: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressEdit:
    """Send everything that has not left to this receiver instead."""

    hand: Hand
    receiver: Receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillCorrection:
    """A parcel travels under another number than the one that it was labelled with.

    Attributes:
        carrier: Whose number it is, in our own words, for example ``zhongtong``.
    """

    hand: Hand
    parcel_no: int
    number: str
    carrier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a person decided about an exception.

    Attributes:
        subject: The exception's subject: a parcel's key or the order's id; empty means every
            exception of the order that the remedy is open for.
        remedy: ``RETRY`` or ``DONE_BY_HAND``; the other remedies are updates of their own.
    """

    hand: Hand
    subject: str
    remedy: Remedy


class Decided(StrEnum):
    """What a person says of a claim that the rules leave to them."""

    AGREE = "agree"  # the money goes back; goods that are gone are written off by the same hand
    REFUSE = "refuse"
    WRITE_OFF = "write_off"  # the money is gone already, and so are the goods


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDecision:
    """What a person decided about a claim; the hand's reason is told to the buyer."""

    hand: Hand
    claim_id: str
    decision: Decided
