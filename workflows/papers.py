"""Keeps an order's invoice and vouchers true to the money that is kept."""

import asyncio
import contextlib

from temporalio import workflow

from domain.papers import (
    Bill,
    Invoice,
    RedLetter,
    RedReason,
    bill_of,
    red_letter_of,
    reversal_of,
    sale_of,
)
from domain.view import PapersView
from workflows.calls import (
    BOOK_VOUCHER,
    FIND_INVOICE,
    ISSUE_INVOICE,
    REDDEN_INVOICE,
    REVERSE_VOUCHER,
    TurnedBack,
)
from workflows.doorway import DoneByHand
from workflows.life import Life


class PaperSide:
    """The papers of one order: one blue invoice, and red letters for what is refunded later."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._blue: Bill | None = None
        self._invoice: Invoice | None = None
        self._reds: list[RedLetter] = []
        self._is_due = False
        self._turn = asyncio.Lock()

    def restore(self, papers: PapersView | None) -> None:
        """Go on from the papers of an order that was over."""
        self._is_due = True
        if papers is None:
            return
        order, every = self._life.order, self._life.pace.invoice_poll
        billed = {line.no or 0: line.amount_fen for line in papers.billed}
        self._blue, self._invoice = bill_of(order, billed, every), papers.invoice
        self._reds = [
            RedLetter(
                order_id=order.id,
                key=f"{self._blue.key}/red/{number}",
                blue=self._blue,
                number=papers.invoice.number,
                reason=RedReason.RETURN,
                lines=lines,
                amount_fen=sum(line.amount_fen for line in lines),
                every=every,
            )
            for number, lines in enumerate(papers.reds, start=1)
        ]

    async def settle(self) -> None:
        """Invoice and book what is kept, once no open claim can change that."""
        if self._life.claims.unsettled():
            await workflow.wait_condition(lambda: not self._life.claims.unsettled())
        self._is_due = True
        await self.true_up()
        self._life.papers(settled=True)

    async def true_up(self) -> None:
        """Bring the papers to what is kept now; nothing is done before they are due."""
        if self._is_due:
            async with self._turn:
                while await self._correct():
                    pass

    async def _correct(self) -> bool:
        """Go one step nearer to it; ``False`` when there is nothing to correct."""
        keeping = self._life.claims.kept(self._life.delivered())
        if self._blue is None or self._invoice is None:
            bill = bill_of(self._life.order, keeping, self._life.pace.invoice_poll)
            if bill.lines:  # nothing is paid for gifts
                await self._issue(bill)
            return bool(bill.lines)
        red = red_letter_of(self._blue, self._invoice, self._reds, keeping)
        if red is not None:
            await self._redden(red)
        return red is not None

    async def _issue(self, bill: Bill) -> None:
        """Issue the invoice; one whose amount is overtaken by a refund is looked for instead."""
        door, order = self._life.door, self._life.order
        found: Invoice | None
        try:
            found = await door.do(
                ISSUE_INVOICE, bill, subject=order.id, stop=lambda: self._is_overtaken(bill)
            )
        except TurnedBack:
            found = await door.do(FIND_INVOICE, bill, subject=order.id)
        if found is not None:
            self._blue, self._invoice = bill, found
            with contextlib.suppress(DoneByHand):
                await door.do(BOOK_VOUCHER, sale_of(order, found), subject=order.id)

    def _is_overtaken(self, bill: Bill) -> bool:
        kept = self._life.claims.kept(self._life.delivered())
        return sum(kept.values()) != bill.amount_fen

    async def _redden(self, red: RedLetter) -> None:
        door, order = self._life.door, self._life.order
        issued = await door.do(REDDEN_INVOICE, red, subject=order.id)
        self._reds.append(red)
        with contextlib.suppress(DoneByHand):
            reversal = reversal_of(order, len(self._reds), issued)
            await door.do(REVERSE_VOUCHER, reversal, subject=order.id)

    def view(self) -> PapersView | None:
        """Tell which papers there are; ``None`` while there are none."""
        if self._blue is None or self._invoice is None:
            return None
        return PapersView(
            invoice=self._invoice,
            billed=self._blue.lines,
            reds=tuple(red.lines for red in self._reds),
        )
