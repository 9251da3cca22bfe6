"""Bills and sales: what reached the buyer, to the fen."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.order import Seal
from domain.papers import Bill, Invoice, RedLetter, RedReason, bill_of, red_letter_of, sale_of
from tests.fakes.orders import PAID_AT, an_order

EVERY = timedelta(minutes=10)
FREIGHT = 0


def billed(keeping: Mapping[int, int]) -> Bill:
    return bill_of(an_order(lines=3), keeping, EVERY)


@pytest.mark.parametrize(
    ("keeping", "lines"),
    [
        ({1: 1990, 2: 3001, FREIGHT: 600}, ["鲜牛奶 1L", "东北大米 5kg", "运费"]),
        ({1: 1990, FREIGHT: 600}, ["鲜牛奶 1L", "运费"]),  # the rice never arrived
        ({1: 1990}, ["鲜牛奶 1L"]),
        ({1: 1990, 3: 0}, ["鲜牛奶 1L"]),  # an invoice has no line for a gift
        ({}, []),
    ],
)
def test_a_bill_is_for_what_is_kept(keeping: dict[int, int], lines: list[str]) -> None:
    bill = billed(keeping)

    assert lines == [line.name for line in bill.lines]
    assert sum(keeping.values()) == bill.amount_fen == sum(line.amount_fen for line in bill.lines)


def test_an_invoice_has_one_name_for_ever() -> None:
    order = an_order(lines=3)

    bill, again = (bill_of(order, keeping, EVERY) for keeping in ({1: 1990}, {1: 1990, 2: 1}))

    assert f"{order.id}/invoice" == bill.key == again.key


def red_after(
    keeping: Mapping[int, int], *before: RedLetter, blue: Mapping[int, int]
) -> RedLetter | None:
    bill = billed(blue)
    invoice = Invoice(number="26332000000000000001", amount_fen=bill.amount_fen, at=PAID_AT)
    return red_letter_of(bill, invoice, before, keeping)


WHOLE = {1: 1000, 2: 2000, FREIGHT: 600}


@pytest.mark.parametrize(
    ("keeping", "taken", "reason"),
    [
        ({}, {1: 1000, 2: 2000, 3: 600}, RedReason.RETURN),
        ({2: 2000, FREIGHT: 600}, {1: 1000}, RedReason.RETURN),
        ({1: 700, 2: 2000, FREIGHT: 600}, {1: 300}, RedReason.ALLOWANCE),
        ({2: 1500}, {1: 1000, 2: 500, 3: 600}, RedReason.ALLOWANCE),
    ],
)
def test_a_red_letter_takes_back_what_is_not_kept(
    keeping: dict[int, int], taken: dict[int, int], reason: RedReason
) -> None:
    red = red_after(keeping, blue=WHOLE)

    assert red is not None
    assert taken == {line.blue_no: line.amount_fen for line in red.lines}
    assert (sum(taken.values()), reason) == (red.amount_fen, red.reason)
    assert red.key.endswith("/invoice/red/1")


def test_a_second_red_letter_takes_back_only_what_the_first_left() -> None:
    first = red_after({1: 700, 2: 2000, FREIGHT: 600}, blue=WHOLE)
    assert first is not None

    second = red_after({2: 2000, FREIGHT: 600}, first, blue=WHOLE)

    assert second is not None
    assert [(1, 700)] == [(line.blue_no, line.amount_fen) for line in second.lines]
    assert second.key.endswith("/invoice/red/2")
    assert red_after({2: 2000, FREIGHT: 600}, first, second, blue=WHOLE) is None


def test_what_is_kept_whole_wants_no_red_letter() -> None:
    assert red_after(WHOLE, blue=WHOLE) is None


def test_a_sealed_buyer_is_billed_as_a_private_person() -> None:
    order = an_order()
    seal = Seal(name="~1~", phone="~2~", address="~3~")
    sealed = replace(order, receiver=replace(order.receiver, phone="***", sealed=seal))

    bill = bill_of(sealed, {1: 1000}, EVERY)

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
