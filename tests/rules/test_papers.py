"""Bills and sales: what reached the buyer, to the fen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.order import Seal
from domain.papers import Bill, Invoice, bill_of, sale_of
from domain.parcel import Band, Item
from tests.fakes.orders import PAID_AT, an_order

EVERY = timedelta(minutes=10)
MILK = Item(
    line_no=1,
    sku="MILK-1L",
    name="鲜牛奶 1L",
    quantity=2,
    band=Band.CHILLED,
    weight_g=1050,
    volume_cm3=1100,
    paid_fen=1990,
)
RICE = replace(MILK, line_no=2, sku="RICE-5KG", name="东北大米 5kg", quantity=1, paid_fen=3001)
SPOON = replace(MILK, line_no=3, sku="SPOON", name="赠品勺", quantity=1, paid_fen=0)


def billed(delivered: Sequence[Item], freight_fen: int) -> Bill:
    return bill_of(an_order(freight_fen=freight_fen), delivered, EVERY)


@pytest.mark.parametrize(
    ("delivered", "freight_fen", "amount_fen", "lines"),
    [
        ([MILK, RICE], 600, 1990 + 3001 + 600, ["鲜牛奶 1L", "东北大米 5kg", "运费"]),
        ([MILK], 600, 1990 + 600, ["鲜牛奶 1L", "运费"]),  # the rice never arrived
        ([MILK], 0, 1990, ["鲜牛奶 1L"]),
        ([MILK, SPOON], 0, 1990, ["鲜牛奶 1L"]),  # an invoice has no line for a gift
        ([SPOON], 0, 0, []),
    ],
)
def test_a_bill_is_for_what_arrived_and_the_freight(
    delivered: list[Item], freight_fen: int, amount_fen: int, lines: list[str]
) -> None:
    bill = billed(delivered, freight_fen)

    assert (amount_fen, lines) == (bill.amount_fen, [line.name for line in bill.lines])
    assert bill.amount_fen == sum(line.amount_fen for line in bill.lines)


def test_an_invoice_has_one_name_for_ever() -> None:
    order = an_order()

    bill, again = (bill_of(order, parcels, EVERY) for parcels in ([MILK], [MILK, RICE]))

    assert f"{order.id}/invoice" == bill.key == again.key


def test_a_sealed_buyer_is_billed_as_a_private_person() -> None:
    order = an_order()
    seal = Seal(name="~1~", phone="~2~", address="~3~")
    sealed = replace(order, receiver=replace(order.receiver, phone="***", sealed=seal))

    bill = bill_of(sealed, [MILK], EVERY)

    assert ("个人", "") == (bill.buyer_name, bill.buyer_phone)


@pytest.mark.parametrize(
    ("phone", "tail"), [("13800001234", "1234"), ("138****1234", "1234"), ("***", ""), ("", "")]
)
def test_carriers_hear_the_tail_of_a_phone_where_it_is_known(phone: str, tail: str) -> None:
    assert tail == replace(an_order().receiver, phone=phone).phone_tail


def test_the_sale_is_what_the_invoice_proves() -> None:
    order = an_order()
    invoice = Invoice(number="26332000000000000001", amount_fen=2590, at=PAID_AT)

    sale = sale_of(order, invoice)

    assert f"{order.id}/voucher/sale" == sale.key
    assert (2590, invoice.number, PAID_AT) == (sale.amount_fen, sale.invoice_number, sale.sold_at)
