"""A part of the proof that fits into every run of the tests; ``make prove`` lives all of it.

Every script is told at eight points that differ in what has to be undone, and each kind of fault
strikes the steps that undo, answer and take back, for the two scripts that meet the most of them.
"""

from collections.abc import AsyncIterator

import pytest

from tests.proof.cases import Case, Point, named
from tests.proof.company import each_proved
from tests.proof.injector import Strike
from tests.proof.scripts import SCRIPTS

POINTS = (
    "start",
    "before:stock.lock",
    "after:label.create",
    "before:handover.create",
    "packed",
    "collected",
    "arrived",
    "closed",
)
STRUCK = {
    "whole/after:label.create": ("handover.cancel", "label.void", "stock.release"),
    "whole/collected": ("logistics.intercept", "returns.announce", "stock.put_back"),
    "line/closed": ("channel.answer_claim", "claim.judge", "invoice.redden", "voucher.reverse"),
}
EVERY_POINT = [f"{script}/{point}" for script in SCRIPTS for point in POINTS]
EVERY_FAULT = [
    f"{case}/{strike}:{step}"
    for case, steps in STRUCK.items()
    for step in steps
    for strike in Strike
]


@pytest.mark.parametrize("script", SCRIPTS)
async def test_no_claim_breaks_a_promise_wherever_it_comes(script: str) -> None:
    cases = [named(name) for name in EVERY_POINT if name.startswith(f"{script}/")]

    assert {str(case): wrong async for case, wrong in wrongs(cases)} == {}


@pytest.mark.parametrize("case", STRUCK)
async def test_no_single_fault_breaks_a_promise_while_a_claim_is_seen_through(case: str) -> None:
    cases = [named(name) for name in EVERY_FAULT if name.startswith(f"{case}/")]

    assert {str(case): wrong async for case, wrong in wrongs(cases)} == {}


async def test_goods_that_went_out_again_are_out_for_a_claim_after_the_end() -> None:
    later = ((Point("closed"), SCRIPTS["platform_agrees"]),)
    case = Case(SCRIPTS["platform_refuses"], Point("arrived"), later=later)

    assert [wrong async for _, wrong in wrongs([case])] == []


async def wrongs(cases: list[Case]) -> AsyncIterator[tuple[Case, tuple[str, ...]]]:
    """Live the cases, and tell what is wrong in those in which something is."""
    lived = 0
    async for outcome in each_proved(cases):
        lived += 1
        assert outcome.checks > 0
        if outcome.wrong:
            yield outcome.case, outcome.wrong
    assert lived == len(cases)
