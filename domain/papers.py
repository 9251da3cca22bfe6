"""The papers of an order: its invoice and its vouchers. Amounts are fen, tax included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.order import Order, OrderId
from domain.parcel import Item


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


PRIVATE_PERSON = "个人"  # how an invoice calls a buyer whom the channel keeps from us


def bill_of(order: Order, delivered: Sequence[Item], every: timedelta) -> Bill:
    """Bill what reached the buyer: the lines delivered, and the freight with them.

    A buyer whom the channel seals is a private person without a phone to send the invoice to.
    """
    sealed = order.receiver.sealed is not None
    lines = [
        BillLine(name=item.name, quantity=item.quantity, amount_fen=item.paid_fen)
        for item in delivered
        if item.paid_fen > 0  # an invoice has no line for a gift
    ]
    if order.freight_fen > 0:
        lines.append(BillLine(name="运费", quantity=1, amount_fen=order.freight_fen))
    return Bill(
        order_id=order.id,
        key=f"{order.id}/invoice",
        buyer_name=PRIVATE_PERSON if sealed else order.receiver.name,
        buyer_phone="" if sealed else order.receiver.phone,
        lines=tuple(lines),
        amount_fen=sum(line.amount_fen for line in lines),
        every=every,
    )


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
