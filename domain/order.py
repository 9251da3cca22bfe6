"""What an order is, whichever channel it came from.

Money is whole fen, times are aware UTC datetimes, places are degrees (WGS84).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

OrderId = NewType("OrderId", str)  # "<channel>/<the channel's own order number>"


def order_id(channel: str, number: str) -> OrderId:
    """Name an order; the workflow id is ``order/`` and this."""
    return OrderId(f"{channel}/{number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point on the map, in degrees."""

    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A receiver's name, phone and address as ciphertext, which only the channel can open."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where the goods go; personal data, never logged.

    Attributes:
        place: Where the district or the address lies; without it nothing can be routed.
        sealed: What the channel keeps from us. Name, phone and address beside it are then masks,
            such as ``王**``, and nobody opens the seal but the step that makes the label.
    """

    name: str
    phone: str
    province: str
    city: str
    district: str
    address: str
    place: Place | None
    sealed: Seal | None = None

    @property
    def phone_tail(self) -> str:
        """The phone's last four digits, which carriers ask for; empty where they are hidden."""
        tail = self.phone[-4:]
        return tail if tail.isdigit() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article on an order; ``no`` counts from 1 within the order.

    Attributes:
        paid_fen: For the whole line, after discounts.
        ref: The channel's own id of the line, in which it wants to hear of it; empty without one.
    """

    no: int
    sku: str
    name: str
    quantity: int
    paid_fen: int
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A paid order in our own words.

    Attributes:
        buyer_key: Keyed hash of the buyer's phone: the same buyer, without the phone.
        leader: The group leader (团长) who brought the order, if any.
        paid_fen: What the buyer paid in all: the lines and the freight.
        received_at: When the hub first heard of it; the clock of "created → routed".
        protocol: The version of the channel's mapping that read it; the channel is told in the
            same version's words as long as the order lives.
    """

    id: OrderId
    channel: str
    number: str
    buyer_key: str
    leader: str | None
    paid_at: datetime
    received_at: datetime
    receiver: Receiver
    lines: tuple[Line, ...]
    freight_fen: int
    paid_fen: int
    protocol: str = "1"
