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
class Receiver:
    """Where the goods go; personal data, never logged.

    ``place`` is where the district or the address lies; without it nothing can be routed.
    """

    name: str
    phone: str
    province: str
    city: str
    district: str
    address: str
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article on an order; ``no`` counts from 1 within the order."""

    no: int
    sku: str
    name: str
    quantity: int
    paid_fen: int  # for the whole line, after discounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A paid order in our own words.

    Attributes:
        buyer_key: Keyed hash of the buyer's phone: the same buyer, without the phone.
        leader: The group leader (团长) who brought the order, if any.
        paid_fen: What the buyer paid in all: the lines and the freight.
        received_at: When the hub first heard of it; the clock of "created → routed".
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
