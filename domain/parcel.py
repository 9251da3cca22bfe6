"""What one warehouse packs and one carrier moves, and what is known about it on its way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.order import OrderId, Receiver


class Band(StrEnum):
    """At what temperature goods are kept (温层)."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article in a parcel, with what packing and carrying need to know.

    Weight and volume are of one piece; ``paid_fen`` is for all pieces here.
    """

    line_no: int
    sku: str
    name: str
    quantity: int
    band: Band
    weight_g: int
    volume_cm3: int
    paid_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One parcel of an order.

    ``no`` counts up within the order and is never used twice, also not after a re-route, so that
    every outside system meets a new key for a new parcel (SF refuses a cancelled id for ever).
    """

    order_id: OrderId
    no: int
    warehouse: str
    carrier: str
    items: tuple[Item, ...]

    @property
    def key(self) -> str:
        """Name the parcel the same way to every outside system, every time."""
        return f"{self.order_id}/{self.no}"

    @property
    def weight_g(self) -> int:
        """Weight of everything in it, without packing."""
        return sum(item.weight_g * item.quantity for item in self.items)

    @property
    def line_nos(self) -> frozenset[int]:
        """The order lines that travel in it."""
        return frozenset(item.line_no for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """A carrier's promise to move one parcel.

    Attributes:
        number: The waybill number (运单号) as the carrier gave it, main number only.
        route_code: What the sorting belt reads (大头笔), empty when the carrier gives none.
        phone_tail: The last four digits of a sealed buyer's phone, seen as the label was made:
            without them the carrier tells nobody where the parcel is.
    """

    carrier: str
    number: str
    route_code: str
    at: datetime
    phone_tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """Everything an outside system may have to know about one parcel.

    ``key`` of the parcel, with the effect's name behind it, is the idempotency key.
    """

    parcel: Parcel
    receiver: Receiver
    waybill: Waybill | None = None

    @property
    def carrier(self) -> str:
        """Who carries it now: whose waybill it has, or who is to book one."""
        return (self.waybill or self.parcel).carrier

    @property
    def number(self) -> str:
        """The waybill's number; empty before there is one."""
        return self.waybill.number if self.waybill else ""


class Milestone(StrEnum):
    """What a carrier may report, told in our words; later ones outrank earlier ones."""

    BOOKED = "booked"
    COLLECTED = "collected"  # the first scan (首扫)
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    PROBLEM = "problem"  # delivery failed or delayed; the parcel is still on its way
    RETURNED = "returned"  # back at the sender
    LOST = "lost"
    DELIVERED = "delivered"


# What changes the order's life; the rest is kept for the trace without waking the workflow.
TURNING_POINTS = frozenset(
    {Milestone.COLLECTED, Milestone.DELIVERED, Milestone.RETURNED, Milestone.LOST}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One line of a parcel's trace.

    ``id`` is the carrier's own id of the scan, or one built from its time and code.
    """

    id: str
    milestone: Milestone
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A label that is on paper."""

    printer: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentNews:
    """What a channel is told, once for each parcel.

    Attributes:
        key: The parcel's key; the channel meets each key once.
        line_nos: The order lines that travel under this waybill.
        line_refs: The same lines as the channel names them, where it does.
        replaces: The number that the channel was told before, when this one corrects it.
        protocol: The version of the channel's mapping that the order was opened with.
    """

    order_id: OrderId
    channel: str
    number: str
    key: str
    waybill: Waybill
    line_nos: tuple[int, ...]
    line_refs: tuple[str, ...] = ()
    replaces: str = ""
    protocol: str = "1"
