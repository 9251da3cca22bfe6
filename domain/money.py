"""Money is whole fen inside; partners write yuan, and the tax bureau wants the tax told apart."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from itertools import accumulate, pairwise

Percent = int


def yuan(fen: int) -> str:
    """Write fen as yuan with exactly two decimals: 1230 becomes ``12.30``."""
    return f"{Decimal(fen).scaleb(-2):.2f}"


def fen(text: str) -> int:
    """Read yuan as whole fen: ``12.3`` becomes 1230.

    Raises:
        ValueError: not a number, or finer than one fen.
    """
    try:
        amount = Decimal(text).scaleb(2)
        if amount == amount.to_integral_value():
            return int(amount)
    except (InvalidOperation, OverflowError) as e:
        raise ValueError(f"不是金额:{text!r}") from e
    raise ValueError(f"金额精确到分:{text!r}")


def tax_within(gross_fen: int, rate: Percent) -> int:
    """Tell the tax inside an amount that includes it; half a fen counts as one."""
    whole = 100 + rate
    return (2 * gross_fen * rate + whole) // (2 * whole)


def taxes_by_line(gross_fen: Iterable[int], rate: Percent) -> tuple[int, ...]:
    """Share the tax out over lines, so that it sums to the tax of the whole, to the fen.

    Rounding each line alone drifts by up to half a fen a line. Here the running totals are
    rounded instead, and a line's tax is the step between two of them: never a fen off its own.
    """
    running = (tax_within(total, rate) for total in accumulate(gross_fen, initial=0))
    return tuple(after - before for before, after in pairwise(running))
