import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import fen, tax_within, taxes_by_line, yuan

AMOUNTS = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("gross_fen", "tax_fen"),
    [(10900, 900), (1000, 83), (0, 0), (6, 0), (7, 1)],  # 7 fen hold 0.578 fen of tax
)
def test_the_tax_inside_an_amount(gross_fen: int, tax_fen: int) -> None:
    assert tax_within(gross_fen, 9) == tax_fen


@given(amounts=AMOUNTS, rate=st.sampled_from([0, 1, 3, 6, 9, 13]))
def test_line_taxes_sum_to_the_tax_of_the_whole(amounts: list[int], rate: int) -> None:
    taxes = taxes_by_line(amounts, rate)

    assert sum(taxes) == tax_within(sum(amounts), rate)
    for amount, tax in zip(amounts, taxes, strict=True):
        assert 0 <= tax <= amount
        assert abs(tax * (100 + rate) - amount * rate) < 100 + rate  # less than a fen off


@given(amount=st.integers(0, 10**12))
def test_yuan_lose_no_fen(amount: int) -> None:
    assert fen(yuan(amount)) == amount


@pytest.mark.parametrize("text", ["", "一元", "1.234", "NaN", "Infinity"])
def test_what_is_not_whole_fen_is_not_money(text: str) -> None:
    with pytest.raises(ValueError, match="金额"):
        fen(text)
