"""The papers of an order: its invoice and its vouchers. Amounts are fen, tax included."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.order import OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One line of an invoice; the amount is tax included."""

    name: str
    quantity: int
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What is to be invoiced.

    Attributes:
        key: Names the invoice for ever: ``{order id}/invoice``.
        every: How long to leave the tax bureau alone between two questions.
    """

    order_id: OrderId
    key: str
    buyer_name: str
    buyer_phone: str
    lines: tuple[BillLine, ...]
    amount_fen: int
    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice that the tax bureau has issued (20 digits)."""

    number: str
    amount_fen: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """The fact to book.

    Attributes:
        key: Names the voucher for ever: ``{order id}/voucher/sale``; kept in a text field of it.
        amount_fen: Tax included.
        invoice_number: The invoice that proves it.
    """

    order_id: OrderId
    key: str
    channel: str
    amount_fen: int
    invoice_number: str
    sold_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A voucher that is saved, submitted and audited."""

    id: str
    number: str
    at: datetime
