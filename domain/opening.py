"""What an order's life begins with."""

from dataclasses import dataclass
from datetime import datetime

from domain.order import Order
from domain.pace import Pace
from domain.parcel import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The order as it came, and the durations it lives by for good."""

    order: Order
    pace: Pace


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
