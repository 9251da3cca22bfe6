"""Durable step: issue the order's invoice, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from temporalio import activity

from activities.logistics import nothing_new
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


class Invoices(Protocol):
    """What this step needs: the invoice when it is issued, ``None`` while it is being issued."""

    async def issue(self, bill: Bill) -> Invoice | None: ...


class InvoiceActivities:
    """Issues invoices."""

    def __init__(self, invoices: Invoices) -> None:
        self._invoices = invoices

    @activity.defn(name="invoice.issue")
    async def issue(self, bill: Bill) -> Invoice:
        """Request the invoice once and wait until it is issued.

        Raises:
            GatewayRefused: the service refused the figures, or issuing failed.
        """
        invoice = await self._invoices.issue(bill)
        if invoice is None:
            raise nothing_new(bill.every)
        return invoice
