"""Durable step: issue the order's invoice, once."""

from typing import Protocol

from temporalio import activity

from activities.logistics import nothing_new
from domain.papers import Bill, Invoice


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
