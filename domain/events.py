"""What partners tell the hub, in the hub's own words, and how a push becomes an event.

An event's ``key`` is unique for ever within its partner; a push that arrives twice has it twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.order import Order
from domain.parcel import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """An HTTP push as it came, before anything was believed of it."""

    path: str
    headers: Mapping[str, str]  # names in lower case
    query: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid:
    """A channel says that an order is paid and due."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelScanned:
    """A carrier says where a parcel is.

    ``parcel_key`` is our own key when the carrier carries it back; otherwise the waybill number
    is looked up in our allocation record.
    """

    carrier: str
    waybill: str
    parcel_key: str | None
    scans: tuple[Scan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPacked:
    """A WMS says that a parcel has left the warehouse.

    ``delivered`` is the WMS's word for "left the warehouse" (status DELIVERED, protocols 10.1).
    """

    parcel_key: str
    event_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsArrived:
    """A WMS says that goods were put on the shelf, so that orders short of them may go on."""

    warehouse: str
    skus: tuple[str, ...]


Event = OrderPaid | ParcelScanned | ParcelPacked | GoodsArrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a partner wants to hear back, in its own form."""

    body: bytes
    media_type: str
    status: int = 200


class Door(Protocol):
    """Where one partner's pushes come in. Each partner's gateway has one."""

    @property
    def name(self) -> str:
        """The partner's name, for example ``sf``; it is also the inbox's."""

    def verify(self, push: Push) -> None:
        """Raise ``ForgedPush`` unless the partner signed exactly these bytes."""

    def key(self, push: Push) -> str:
        """Name the push, the same for a redelivery; ``Untranslatable`` when it can not be read."""

    def read(self, push: Push) -> tuple[Event, ...]:
        """Tell the push in our words; ``Untranslatable`` names the field that is wrong."""

    def accept(self) -> Answer:
        """Say "got it": only said after the push is kept."""

    def refuse(self, reason: str) -> Answer:
        """Say "not like this"."""
