"""Durable steps: issue the order's invoice, once, and take back of it what is refunded."""

from typing import Protocol

from temporalio import activity

from activities.logistics import nothing_new
from domain.papers import Bill, Finding, Invoice, RedLetter


class Invoices(Protocol):
    """What these steps need: the paper when it is issued, ``None`` while it is being issued."""

    async def issue(self, bill: Bill) -> Invoice | None: ...
    async def find(self, bill: Bill) -> Finding: ...
    async def redden(self, red: RedLetter) -> Invoice | None: ...


class InvoiceActivities:
    """Issues invoices and red letters."""

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

    @activity.defn(name="invoice.find")
    async def find(self, bill: Bill) -> Invoice | None:
        """Tell the blue invoice of an attempt that was given up, ``None`` when none came of it.

        One that is still being issued is waited for.

        Raises:
            GatewayBusy: no answer; ask again.
        """
        found = await self._invoices.find(bill)
        if found.pending:
            raise nothing_new(bill.every)
        return found.invoice

    @activity.defn(name="invoice.redden")
    async def redden(self, red: RedLetter) -> Invoice:
        """Have a red letter confirmed and issued, once for each key, and wait for it.

        A confirmation that lapses (72 h, protocols 9.1) is applied for anew.

        Raises:
            GatewayRefused: the bureau or the buyer's side refused; a person must see to it.
            GatewayBusy: no answer; ask again.
        """
        issued = await self._invoices.redden(red)
        if issued is None:
            raise nothing_new(red.every)
        return issued
