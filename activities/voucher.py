"""Durable step: book an order's sale in the ledger, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temporalio import activity

from domain.order import OrderId


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


class Books(Protocol):
    """What this step needs from the ledger."""

    async def book(self, sale: Sale) -> Voucher: ...


class VoucherActivities:
    """Books vouchers."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @activity.defn(name="voucher.book")
    async def book(self, sale: Sale) -> Voucher:
        """Save, submit and audit one balanced voucher; the ledger is asked for the key first."""
        return await self._books.book(sale)
