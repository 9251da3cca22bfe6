"""Goods on their way back: called back on the road, or sent back by the buyer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.order import OrderId
from domain.parcel import Item


class Interception(StrEnum):
    """A carrier's answer to the wish to have a parcel brought back (拦截)."""

    ACCEPTED = "accepted"  # it will try; the scans tell whether it did
    TOO_LATE = "too_late"  # at the door, signed for, or a kind of parcel that is never stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOrder:
    """What a warehouse is told to expect back (退货入库单).

    Attributes:
        key: ``{order id}/return/p{parcel no}`` for a parcel that was called back,
            ``{order id}/return/c{claim id}`` for what a buyer sends back.
        delivery_key: Key of the parcel as which the goods once left.
        carrier: Who brings them, and under which ``number``; both empty while nobody knows.
    """

    key: str
    order_id: OrderId
    warehouse: str
    delivery_key: str
    carrier: str
    number: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """So many of one article."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a warehouse found in what came back (退货收货).

    Attributes:
        key: The return order's.
        event_id: The warehouse's own id of the receipt.
        goods: What can be sold again; damaged pieces are not in it.
    """

    key: str
    event_id: str
    warehouse: str
    goods: tuple[Pieces, ...]
    at: datetime
