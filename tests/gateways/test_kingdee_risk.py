"""A buyer of high risk has one record in Kingdee, whatever goes wrong on the way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import GatewayBusy, GatewayRefused
from domain.freeze import FreezeNotice, FreezeState
from gateways.kingdee_risk import KingdeeRisk
from infra.sandbox.faults import Fault
from infra.sandbox.partners import kingdee
from settings import Kingdee
from tests.gateways.freezes import BUYER, a_notice
from tests.partnered import STRIKES, Outside, partnered


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with partnered(tmp_path, kingdee.build) as served:
        yield served


def risk_at(outside: Outside, category: str = "GFXKH", patience_s: float = 3.0) -> KingdeeRisk:
    settings = Kingdee(url=outside.url, risk_category=category)
    return KingdeeRisk(settings, outside.http, patience_s=patience_s)


async def marked_in_the_end(risk: KingdeeRisk, notice: FreezeNotice) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                return await risk.mark(notice)
            except GatewayBusy:
                continue


async def test_a_mark_names_the_buyer_the_reason_and_the_freeze(outside: Outside) -> None:
    await risk_at(outside).mark(a_notice())

    (mark,) = [doc for _, doc in outside.ledger.each("customer_mark")]
    assert ("GFXKH", "高风险买家 e8fc9dda") == (mark["category"], mark["name"])
    assert "3 笔大额退款申请" in mark["description"]
    assert f"guard/{BUYER}/20260206040000" in mark["description"]


@pytest.mark.parametrize("fault", STRIKES)
async def test_any_fault_ends_in_one_mark(outside: Outside, fault: Fault) -> None:
    outside.plan.switch(fault, 0.3)
    risk = risk_at(outside, patience_s=0.2)

    for no in ("1", "2", "3"):
        await marked_in_the_end(risk, a_notice(no))

    assert [BUYER] == [key for key, _ in outside.ledger.each("customer_mark")]


async def test_a_freeze_that_was_lifted_takes_the_mark_back(outside: Outside) -> None:
    risk = risk_at(outside)
    await risk.mark(a_notice())

    await risk.mark(a_notice(state=FreezeState.LIFTED))

    (mark,) = [doc for _, doc in outside.ledger.each("customer_mark")]
    assert "已解除风险 e8fc9dda" == mark["name"]
    assert "已由 张风控 解冻" in mark["description"]


async def test_a_category_that_is_not_there_is_named(outside: Outside) -> None:
    with pytest.raises(GatewayRefused, match=r"FId.*XX"):
        await risk_at(outside, category="XX").mark(a_notice())
