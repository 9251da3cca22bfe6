from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.money import fen
from gateways.kingdee_voucher import load_template, refund_fact, sale_fact, voucher_model
from settings import Kingdee
from tests.gateways.sales import a_reversal, a_sale


def test_the_house_s_own_template_books_a_sale() -> None:
    model = voucher_model(Kingdee(), load_template(), sale_fact(a_sale(amount_fen=10900)))

    assert model["FDate"] == "2026-11-23"  # it is past midnight in China
    assert [
        (entry["FACCOUNTID"]["FNumber"], entry["FDEBIT"], entry["FCREDIT"])
        for entry in model["FEntity"]
    ] == [("1122", "109.00", "0.00"), ("6001", "0.00", "100.00"), ("2221.01.02", "0.00", "9.00")]


def test_finance_reads_the_order_and_the_invoice_on_every_entry() -> None:
    model = voucher_model(Kingdee(), load_template(), sale_fact(a_sale("M7")))

    assert {entry["FEXPLANATION"] for entry in model["FEntity"]} == {
        "线上销售 miniprogram/M7 发票 26332000000000000001"
    }
    assert {entry["FBUSNO"] for entry in model["FEntity"]} == {"miniprogram/M7/voucher/sale"}


@given(amount=st.integers(1, 10**10), rate=st.sampled_from([0, 1, 3, 6, 9, 13]))
def test_every_sale_balances_to_the_fen(amount: int, rate: int) -> None:
    settings = Kingdee(tax_rate_percent=rate)

    entries = voucher_model(settings, load_template(), sale_fact(a_sale(amount_fen=amount)))[
        "FEntity"
    ]

    debits = [fen(entry["FDEBIT"]) for entry in entries]
    credits_ = [fen(entry["FCREDIT"]) for entry in entries]
    assert sum(debits) == sum(credits_) == amount
    for debit, credit in zip(debits, credits_, strict=True):
        assert (debit > 0) != (credit > 0)


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("sale: {explanation: x, entries: []}", "借贷不平"),
        (
            "sale: {explanation: x, entries: [{side: debit, account: tax, amount: tax}]}",
            "借贷不平",
        ),
        ("sale: {explanation: '{buyer}', entries: []}", "buyer"),
        ("sale: {explanation: x, entries: [], colour: red}", "colour"),
        ("refund: {}", "sale"),
    ],
)
def test_a_template_that_can_not_work_is_refused_when_it_is_read(
    tmp_path: Path, template: str, complaint: str
) -> None:
    path = tmp_path / "voucher.yaml"
    path.write_text(template, encoding="utf-8")

    with pytest.raises((ValueError, ValidationError), match=complaint):
        load_template(path)


def test_a_refund_is_the_same_entries_in_red() -> None:
    fact = refund_fact(a_reversal(amount_fen=10900))

    model = voucher_model(Kingdee(), load_template(fact="refund"), fact)

    assert [(entry["FDEBIT"], entry["FCREDIT"]) for entry in model["FEntity"]] == [
        ("-109.00", "0.00"),
        ("0.00", "-100.00"),
        ("0.00", "-9.00"),
    ]
    assert {entry["FBUSNO"] for entry in model["FEntity"]} == {"miniprogram/M1/voucher/refund/1"}
