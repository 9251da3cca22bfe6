"""What the mini program's shop is asked about claims, and told of them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.shop import BUYER_CLAIMED, GOODS_SENT_BACK, MONEY_RETURNED
from tests.sandbox.test_miniprogram_shop import CLAIM, NUMBER, Hub, Shop, selling

SIGN = "X-Lifeline-Sign"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with selling(tmp_path, Hub()) as opened:
        await opened.sell()
        yield opened


async def claim(shop: Shop, kind: str = "refund_only") -> None:
    """Let a buyer want the money of everything back; what is to be sent back was shipped."""
    order = shop.ledger.get("order", NUMBER) or {}
    if kind == "return":
        lines = list(range(1, len(order["items"]) + 1))
        shop.ledger.put("shipment", "E1", {"order_no": NUMBER, "lines": lines})
    about = {"order_no": NUMBER, "amount_fen": order["pay_amount"], "lines": []}
    await shop.deed(BUYER_CLAIMED, claim=CLAIM, kind=kind, reason="不想要了", **about)


async def ask(shop: Shop, what: str, asked: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    return await shop.ask(f"../refund/{what}", asked, **headers)


async def answer(shop: Shop, said: str, **changes: Any) -> tuple[int, dict[str, Any]]:
    usual = {"event_id": f"{CLAIM}/{said}", "refund_no": CLAIM, "answer": said, "reason": "未出库"}
    return await ask(shop, "answer", {**usual, **changes})


def kept(shop: Shop) -> dict[str, Any]:
    return shop.ledger.get("after_sale", CLAIM) or {}


async def test_agreeing_pays_once_and_closes_what_has_not_left(shop: Shop) -> None:
    await claim(shop)

    answers = [await answer(shop, "agree") for _ in range(2)]

    assert [(200, 0)] * 2 == [(status, told["code"]) for status, told in answers]
    assert "refunded" == kept(shop)["stage"]
    assert kept(shop)["answered_at"] >= kept(shop)["created_at"]
    assert 1 == shop.ledger.count("refund")
    order = shop.ledger.get("order", NUMBER) or {}
    assert ("cancelled", False) == (order["standing"], order["due"])


async def test_a_return_is_agreed_to_sent_back_and_paid(shop: Shop) -> None:
    await claim(shop, "return")
    stages = []

    await answer(shop, "agree_return")
    stages.append(kept(shop)["stage"])
    for _ in range(2):
        await shop.deed(GOODS_SENT_BACK, claim_id=CLAIM, number="780000000001")
    stages.append(kept(shop)["stage"])
    await answer(shop, "agree")
    stages.append(kept(shop)["stage"])

    assert ["agreed", "returning", "refunded"] == stages
    assert 1 == shop.ledger.count("refund")


async def test_a_claim_stays_open_when_its_goods_have_left(shop: Shop) -> None:
    await claim(shop)

    await answer(shop, "shipped", carrier="shunfeng", tracking_no="SF1000000000001")

    assert ("asked", True) == (kept(shop)["stage"], kept(shop)["shipped_told"])
    assert 0 == shop.ledger.count("refund")


async def test_the_platform_may_pay_what_was_refused(shop: Shop) -> None:
    await claim(shop)
    await answer(shop, "refuse")
    refused = kept(shop)["stage"]

    await shop.deed(MONEY_RETURNED, claim=CLAIM)

    assert ("refused", "refunded") == (refused, kept(shop)["stage"])


async def test_nobody_sends_back_what_was_not_shipped(shop: Shop) -> None:
    about = {"order_no": NUMBER, "amount_fen": 990, "lines": [1], "reason": "坏了"}

    await shop.deed(BUYER_CLAIMED, claim=CLAIM, kind="return", **about)

    assert "refund_only" == kept(shop)["kind"]


@pytest.mark.parametrize(
    ("said", "changes", "code"),
    [
        ("agree", {"refund_no": "RF7-99999"}, (404, 40401)),
        ("agree", {"refund_no": None}, (400, 40003)),
        ("agree", {"event_id": "with space"}, (400, 40003)),
        ("maybe", {}, (400, 40003)),
        ("refuse", {"reason": " "}, (400, 40003)),
        ("agree_return", {}, (409, 40902)),  # only money is wanted
    ],
)
async def test_an_answer_that_does_not_fit_is_declined(
    shop: Shop, said: str, changes: dict[str, Any], code: tuple[int, int]
) -> None:
    await claim(shop)

    status, told = await answer(shop, said, **changes)

    assert code == (status, told["code"])
    assert "asked" == kept(shop)["stage"]
    assert 0 == shop.ledger.count("answer")


async def test_a_claim_is_told_as_it_stands(shop: Shop) -> None:
    await claim(shop)

    status, told = await ask(shop, "detail", {"refund_no": CLAIM})

    assert (200, 0, "asked") == (status, told["code"], told["refund"]["status"])
    assert (CLAIM, NUMBER) == (told["refund"]["refund_no"], told["refund"]["order_no"])


@pytest.mark.parametrize("what", ["detail", "answer"])
async def test_nobody_hears_or_says_anything_without_a_signature(shop: Shop, what: str) -> None:
    await claim(shop)

    status, told = await ask(shop, what, {"refund_no": CLAIM}, **{SIGN: "0" * 64})

    assert (401, 40001) == (status, told["code"])
