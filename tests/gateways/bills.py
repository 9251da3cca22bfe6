"""Bills for tests."""

from datetime import timedelta

from domain.order import OrderId
from domain.papers import Bill, BillLine, Invoice, RedLetter, RedLine, RedReason


def a_bill(number: str = "M1", *amounts_fen: int, amount_fen: int | None = None) -> Bill:
    """Make a bill whose lines cost ``amounts_fen``; ``amount_fen`` contradicts their sum."""
    lines = tuple(
        BillLine(name=f"商品{no}", quantity=3, amount_fen=amount)
        for no, amount in enumerate(amounts_fen or (1000, 2990), start=1)
    )
    order_id = OrderId(f"miniprogram/{number}")
    return Bill(
        order_id=order_id,
        key=f"{order_id}/invoice",
        buyer_name="张三",
        buyer_phone="13800001234",
        lines=lines,
        amount_fen=sum(line.amount_fen for line in lines) if amount_fen is None else amount_fen,
        every=timedelta(minutes=10),
    )


def a_red_letter(blue: Bill, invoice: Invoice, *taken: tuple[int, int], no: int = 1) -> RedLetter:
    """Take back so much of each ``(line, fen)``; without any, all of it."""
    every = tuple((place, line.amount_fen) for place, line in enumerate(blue.lines, start=1))
    lines = tuple(
        RedLine(blue_no=place, name=blue.lines[place - 1].name, quantity=3, amount_fen=fen)
        for place, fen in taken or every
    )
    return RedLetter(
        order_id=blue.order_id,
        key=f"{blue.key}/red/{no}",
        blue=blue,
        number=invoice.number,
        reason=RedReason.RETURN,
        lines=lines,
        amount_fen=sum(line.amount_fen for line in lines),
        every=blue.every,
    )
