"""What an order's life begins with."""

from dataclasses import dataclass
from datetime import datetime

from domain.order import Order, Receiver
from domain.pace import Pace
from domain.parcel import Scan
from domain.standing import Standing
from domain.view import OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The order as it came, and the durations it lives by for good."""

    order: Order
    pace: Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening:
    """An order that is over, as it ended, for a claim that comes after that."""

    opening: Opening
    ended: OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanNews:
    """A turning point of one parcel, told by its carrier."""

    parcel_no: int
    scan: Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedNews:
    """A parcel has left the warehouse, told by the WMS."""

    parcel_no: int
    event_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RestockNews:
    """Goods have arrived on a shelf; whoever waits for one of them may try again."""

    warehouse: str
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNews:
    """The channel changed the order: cancelled it, or sends it elsewhere.

    Attributes:
        changed_at: News that is older than what the order knows is dropped.
        receiver: Where it goes now, told while the order is due.
    """

    standing: Standing
    changed_at: datetime
    receiver: Receiver | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeNews:
    """Goods that were made to order are ready, told by the MES."""

    completion_id: str
    sku: str
    quantity: int
    at: datetime
