"""What the auditor reads, as small facts. Money is whole fen.

An order is named ``{channel}/{the channel's number}``, a parcel ``{order}/{no}``: those are the
keys under which the outside systems know them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One order's life, as the engine lists it.

    Attributes:
        order_id: Such as ``miniprogram/MP7-00001``.
        open: It has not ended.
        waits_for_person: It stands in the exception queue.
        runs: How many executions carry its workflow id.
    """

    order_id: str
    open: bool
    waits_for_person: bool
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Pieces of one article."""

    sku: str
    quantity: int


def pieces_of(goods: Iterable[Goods]) -> Counter[str]:
    """Add up the pieces of each article."""
    pieces = Counter[str]()
    for each in goods:
        pieces[each.sku] += each.quantity
    return pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an order; ``paid_fen`` is for all its pieces."""

    goods: Goods
    paid_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOrder:
    """An order as the shop keeps it; the first line is number 1."""

    id: str
    due: bool
    lines: tuple[Line, ...]
    freight_fen: int
    paid_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that the shop gave back for a claim.

    Attributes:
        lines: The lines that the claim was about, from 1; empty when it was about the whole order.
    """

    order_id: str
    claim: str
    amount_fen: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """Somebody took a loss upon themselves, as the hub has it on record.

    ``subject`` is the claim or the parcel that it is about; ``lines`` are given up.
    """

    order_id: str
    subject: str
    lines: tuple[int, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A shipment as the shop was told of it.

    Attributes:
        parcel_key: Our own shop is told it, as the event's id; for the others it is found by the
            number, and what the shop itself calls the shipment stands for one that is not found.
        line_nos: The lines in it; empty where the shop is not told of lines.
    """

    parcel_key: str
    order_id: str
    tracking_no: str
    line_nos: tuple[int, ...]


class Handling(StrEnum):
    """Where a delivery order stands at the WMS."""

    ACCEPTED = "ACCEPT"
    CANCELLED = "CANCELED"
    LEFT = "DELIVERED"  # has left the warehouse; the buyer has it when the carrier says so


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOrder:
    """A delivery order at the WMS."""

    parcel_key: str
    warehouse: str
    handling: Handling
    waybill: str
    goods: tuple[Goods, ...]

    @property
    def has_left(self) -> bool:
        """Whether its goods are out of the warehouse."""
        return self.handling is Handling.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOrder:
    """What a warehouse was told to take back; ``received`` is what can be sold of it."""

    code: str
    parcel_key: str
    warehouse: str
    is_received: bool
    received: tuple[Goods, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """A carrier's booking; ``signed_for`` once the parcel reached its buyer."""

    parcel_key: str
    number: str
    live: bool
    signed_for: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label that came out of a printer."""

    parcel_key: str
    waybill: str
    printer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice at the tax bureau; a red one takes its amount back from a blue one."""

    order_id: str
    red: bool
    issued: bool
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A voucher in the books; ``reference`` is our own name of the fact behind it."""

    id: str
    number: str
    reference: str
    status: str
    debit_fen: int
    credit_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Abuser:
    """A buyer of the world who claims money back too often; ``third_claim_at`` once he did."""

    name: str
    orders: tuple[str, ...]
    third_claim_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A buyer was frozen by the guard, as the hub has it on record."""

    buyer_key: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpOrder:
    """An order in the ERP; ``status`` is the ERP's own word."""

    order_id: str
    number: str
    status: str


class Count(StrEnum):
    """Who counts a warehouse's stock."""

    DATABASE = "database"
    WMS = "wms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """A warehouse, and at which temperatures it keeps goods."""

    code: str
    bands: frozenset[str]
    count: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One article in one warehouse, as the stock database has it."""

    warehouse: str
    sku: str
    on_hand: int
    locked: int


class LockState(StrEnum):
    """What became of a lock."""

    LOCKED = "locked"
    SHIPPED = "shipped"
    RELEASED = "released"
    RETURNED = "returned"  # not a lock: what came back, under the return's own code


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Pieces of one article that a parcel holds, took with it, or gave back."""

    parcel_key: str
    warehouse: str
    goods: Goods
    state: LockState


def order_of(key: str) -> str:
    """Tell the order from the key of a parcel or of a paper: its first two parts."""
    return "/".join(key.split("/", 2)[:2])


def yuan(amount_fen: int) -> str:
    """Write an amount for people: 1230 is ``12.30 元``."""
    return f"{Decimal(amount_fen).scaleb(-2):.2f} 元"
