"""What partners tell the hub, in the hub's own words, and how a push becomes an event.

An event's ``key`` is unique for ever within its partner; a push that arrives twice has it twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from domain.acceptance import Decision
from domain.claim import Refund
from domain.comeback import Receipt
from domain.order import Order, OrderId
from domain.parcel import Scan
from domain.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """An HTTP push as it came, before anything was believed of it."""

    path: str
    headers: Mapping[str, str]  # names in lower case
    query: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen:
    """A channel shows an order as it stands there now. What led to it is not our business.

    Attributes:
        changed_at: When the channel last changed it; an older sight of it is no news.
        order: The whole of it, told only while it is due: later channels hide the receiver.
    """

    order_id: OrderId
    standing: Standing
    changed_at: datetime
    order: Order | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNamed:
    """A channel says no more than that something about an order changed: ask for it."""

    channel: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSeen:
    """A channel shows a refund claim as it stands there now."""

    refund: Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundNamed:
    """A channel says no more than that a refund claim changed: ask for it."""

    channel: str
    number: str
    refund_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsMade:
    """The MES says that goods that were made to order are ready.

    Attributes:
        completion_id: 产线完工单号; the same completion told twice counts once.
    """

    completion_id: str
    order_id: OrderId
    sku: str
    quantity: int
    at: datetime


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


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReturned:
    """A WMS says what it found in a return that was announced to it."""

    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class CardClicked:
    """A risk officer pressed a button on the card about a freeze.

    Attributes:
        card: The card's own id, which names the buyer and the freeze.
        button: Which one; ``domain.freeze.Button`` knows them.
        by: The officer's name at WeCom.
        ticket: Lets the card be changed once (protocols 6, ``ResponseCode``).
    """

    card: str
    button: str
    by: str
    ticket: str


Event = (
    CardClicked
    | OrderSeen
    | OrderNamed
    | RefundSeen
    | RefundNamed
    | ParcelScanned
    | ParcelPacked
    | GoodsArrived
    | GoodsReturned
    | GoodsMade
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a partner wants to hear back, in its own form."""

    body: bytes
    media_type: str
    status: int = 200


# The reason that a door is given when nothing could be kept: the partner is to push again.
LATER = "暂时无法保存,请稍后重推"


class Door(Protocol):
    """Where one partner's pushes come in. Each partner's gateway has one."""

    @property
    def name(self) -> str:
        """The partner's name, for example ``sf``; it is also the inbox's."""

    @property
    def media_types(self) -> frozenset[str]:
        """The content types that the partner pushes in, without parameters, in lower case."""

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


@runtime_checkable
class GreetingDoor(Protocol):
    """A door whose partner may ask, with a GET, whether the address is ours."""

    def greet(self, query: Mapping[str, str]) -> Answer | None:
        """Answer it; ``None`` when this partner never asks. ``ForgedPush``: somebody else asks."""


@runtime_checkable
class AskingDoor(Door, Protocol):
    """A door whose partner waits to hear whether its order is taken."""

    def opening(self, push: Push) -> Order | None:
        """Tell the order that somebody waits for; ``None`` when nobody does.

        Raises:
            Untranslatable: the field that is wrong.
        """

    def decided(self, decision: Decision) -> Answer:
        """Say what became of the order, in the partner's own form."""
