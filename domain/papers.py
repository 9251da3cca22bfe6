"""The papers of an order: its invoice and its vouchers. Amounts are fen, tax included."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.order import Order, OrderId
from domain.refunding import FREIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One line of an invoice; the amount is tax included.

    ``no`` is the order line's, 0 the freight's; ``None`` in bills from before it was kept.
    """

    name: str
    quantity: int
    amount_fen: int
    no: int | None = None


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
    """An invoice that the bureau has issued (20 digits); a red letter's amount is above zero."""

    number: str
    amount_fen: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the tax bureau knows of a bill: an invoice, one that is being issued, or nothing."""

    invoice: Invoice | None = None
    pending: bool = False


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


class RedReason(StrEnum):
    """Why an invoice is taken back, in whole or in part."""

    RETURN = "return"  # 销货退回: the goods came back, or never went
    ALLOWANCE = "allowance"  # 销售折让: the goods stay, some of the money goes back


@dataclass(frozen=True, slots=True, kw_only=True)
class RedLine:
    """How much of one line of the blue invoice is taken back.

    Attributes:
        blue_no: The line's place in the blue invoice, from 1.
        amount_fen: Above zero, tax included.
    """

    blue_no: int
    name: str
    quantity: int
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RedLetter:
    """What is to be taken back of a blue invoice (红字发票).

    Attributes:
        key: Names the red letter for ever: ``{order id}/invoice/red/{n}``.
        blue: The bill that the blue invoice was issued for; its lines are the invoice's.
        number: The blue invoice's.
        lines: What is taken back; all of it when their sum is the blue invoice's amount. A line's
            ``quantity`` is that of the blue one, also where only some of its price is taken back.
        every: How long to leave the tax bureau alone between two questions.
    """

    order_id: OrderId
    key: str
    blue: Bill
    number: str
    reason: RedReason
    lines: tuple[RedLine, ...]
    amount_fen: int
    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """The fact that a sale was taken back in part or in whole, to be booked.

    Attributes:
        key: Names the voucher for ever: ``{order id}/voucher/refund/{n}``.
        amount_fen: Above zero, tax included; the red letter's.
        red_number: The red letter that proves it.
    """

    order_id: OrderId
    key: str
    channel: str
    amount_fen: int
    red_number: str
    returned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A voucher that is saved, submitted and audited."""

    id: str
    number: str
    at: datetime


PRIVATE_PERSON = "个人"  # how an invoice calls a buyer whom the channel keeps from us


def bill_of(order: Order, keeping: Mapping[int, int], every: timedelta) -> Bill:
    """Bill what is kept of each line, in fen; ``domain.refunding.kept`` tells it.

    A buyer whom the channel seals is a private person without a phone to send the invoice to.
    """
    sealed = order.receiver.sealed is not None
    lines = tuple(_bill_lines(order, keeping))
    return Bill(
        order_id=order.id,
        key=f"{order.id}/invoice",
        buyer_name=PRIVATE_PERSON if sealed else order.receiver.name,
        buyer_phone="" if sealed else order.receiver.phone,
        lines=lines,
        amount_fen=sum(line.amount_fen for line in lines),
        every=every,
    )


def _bill_lines(order: Order, keeping: Mapping[int, int]) -> Iterator[BillLine]:
    """Write a line for whatever costs something: an invoice has no line for a gift."""
    for line in order.lines:
        if (fen := keeping.get(line.no, 0)) > 0:
            yield BillLine(name=line.name, quantity=line.quantity, amount_fen=fen, no=line.no)
    if (fen := keeping.get(FREIGHT, 0)) > 0:
        yield BillLine(name="运费", quantity=1, amount_fen=fen, no=FREIGHT)


def red_letter_of(
    blue: Bill, invoice: Invoice, reds: Sequence[RedLetter], keeping: Mapping[int, int]
) -> RedLetter | None:
    """Take back what the invoice and its red letters leave beyond what is kept, if anything.

    Lines that are gone altogether came back, or never went; others became cheaper.
    """
    gone = Counter[int]()
    for red in reds:
        gone.update({line.blue_no: line.amount_fen for line in red.lines})
    lines = tuple(
        RedLine(blue_no=no, name=line.name, quantity=line.quantity, amount_fen=too_much)
        for no, line in enumerate(blue.lines, start=1)
        if (too_much := line.amount_fen - gone[no] - keeping.get(_place(line), 0)) > 0
    )
    if not lines:
        return None
    whole = all(keeping.get(_place(blue.lines[line.blue_no - 1]), 0) == 0 for line in lines)
    return RedLetter(
        order_id=blue.order_id,
        key=f"{blue.key}/red/{len(reds) + 1}",
        blue=blue,
        number=invoice.number,
        reason=RedReason.RETURN if whole else RedReason.ALLOWANCE,
        lines=lines,
        amount_fen=sum(line.amount_fen for line in lines),
        every=blue.every,
    )


def _place(line: BillLine) -> int:
    assert line.no is not None  # noqa: S101 - whoever takes back has billed by lines
    return line.no


def sale_of(order: Order, invoice: Invoice) -> Sale:
    """Book the sale that an invoice proves."""
    return Sale(
        order_id=order.id,
        key=f"{order.id}/voucher/sale",
        channel=order.channel,
        amount_fen=invoice.amount_fen,
        invoice_number=invoice.number,
        sold_at=invoice.at,
    )


def reversal_of(order: Order, number: int, red: Invoice) -> Reversal:
    """Book what a red letter takes back; ``number`` counts the order's red letters from 1."""
    return Reversal(
        order_id=order.id,
        key=f"{order.id}/voucher/refund/{number}",
        channel=order.channel,
        amount_fen=red.amount_fen,
        red_number=red.number,
        returned_at=red.at,
    )
