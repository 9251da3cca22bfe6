"""Claims at Youzan: asked, agreed, refused, paid back; the version stands against the late."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.shop import (
    BUYER_CLAIMED,
    BUYER_WITHDREW,
    GOODS_SENT_BACK,
    MONEY_RETURNED,
    now_ms,
)
from tests.sandbox.youzan_client import TID, Heard, Shop, trading

CLAIM = "202601010900001234567890"
WHOLE_FEN = 16_489
GET, SEARCH = "youzan.trade.refund.get", "youzan.trade.refund.search"
AGREE, REFUSE = "youzan.trade.refund.agree", "youzan.trade.refund.refuse"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with trading(tmp_path) as opened:
        await opened.sell()
        opened.long_ago()
        yield opened


async def claim(shop: Shop, kind: str = "refund_only", **changes: Any) -> None:
    about = {"order_no": TID, "claim": CLAIM, "kind": kind, "amount_fen": WHOLE_FEN, "lines": []}
    await shop.deed(BUYER_CLAIMED, **{**about, "reason": "不想要了", **changes})


async def claim_a_return(shop: Shop) -> None:
    """Let the buyer want to send back what was shipped."""
    about = {"tid": TID, "out_stype": 7, "out_sid": "SF1000000000001"}
    await shop.call("youzan.logistics.online.confirm", "3.0.0", about)
    await claim(shop, "return")


async def refund(shop: Shop) -> dict[str, Any]:
    told: dict[str, Any] = (await shop.call(GET, "3.0.0", {"refund_id": CLAIM}))["response"]
    return told


async def decide(shop: Shop, method: str) -> dict[str, Any]:
    version = (await refund(shop))["version"]
    return await shop.call(method, "3.0.0", {"refund_id": CLAIM, "version": version})


async def states(shop: Shop) -> tuple[str, int, int]:
    told = await shop.trade()
    state = told["full_order_info"]["order_info"]
    return state["status"], state["refund_state"], told["refund_order"][0]["refund_state"]


async def test_a_claim_is_pushed_and_told_in_yuan_outside_and_fen_inside(shop: Shop) -> None:
    await claim(shop, lines=[1, 3], amount_fen=9_000)
    pushed = (await shop.hub.has_heard("trade_refund_BuyerCreated"))[0]
    told, oids = await refund(shop), pushed.message["oids"].split(",")

    assert ("WAIT_SELLER_AGREE", 1, "90.00") == (told["status"], told["demand"], told["refund_fee"])
    assert "0.30" == told["refund_postage"]
    assert (TID, 0, False) == (told["tid"], told["item_num"], told["return_goods"])
    assert [(oids[0], 2453), (oids[1], 6547)] == [
        (item["oid"], item["refund_fee"]) for item in told["refund_order_item"]
    ]
    assert ("90.00", "REFUND_ONLY", CLAIM, TID, told["version"]) == tuple(
        pushed.message[name]
        for name in ("refunded_fee", "refund_type", "refund_id", "tid", "version")
    )
    assert ("WAIT_SELLER_SEND_GOODS", 1, 1) == await states(shop)


async def test_agreeing_to_a_refund_sends_the_money_back_and_closes_the_order(shop: Shop) -> None:
    await claim(shop)
    before = await states(shop)
    answer = await decide(shop, AGREE)
    await shop.hub.has_heard("trade_refund_RefundSellerAgree")
    (closed,) = await shop.hub.has_heard("trade_TradeClose")

    assert {"is_success": True} == answer["response"]
    assert ("WAIT_SELLER_SEND_GOODS", 11, 1) == before
    assert ("TRADE_CLOSED", 12, 60) == await states(shop)
    assert (2, "TRADE_CLOSED") == (closed.message["close_type"], closed.body["status"])
    assert {CLAIM: {"order_no": TID, "amount_fen": WHOLE_FEN}} == dict(shop.ledger.each("refund"))
    told = await refund(shop)
    assert ("SUCCESS", [WHOLE_FEN]) == (
        told["status"],
        [fund["refund_fee"] for fund in told["refund_fund_list"]],
    )


async def test_a_part_that_is_refunded_leaves_the_rest_to_be_shipped(shop: Shop) -> None:
    await claim(shop, lines=[1], amount_fen=2_445)
    await decide(shop, AGREE)
    lines = (await shop.trade())["full_order_info"]["orders"]
    about = {"tid": TID, "out_stype": 7, "out_sid": "SF1000000000001"}
    confirm = "youzan.logistics.online.confirm"
    refunded = await shop.call(confirm, "3.0.0", {**about, "oids": lines[0]["oid"]})
    rest = await shop.call(confirm, "3.0.0", about)

    assert (102570020, 200) == (refunded["code"], rest["code"])
    assert [2, 3, 4, 5] == (shop.ledger.get("shipment", f"{TID}/SF1000000000001") or {})["lines"]
    assert ("WAIT_BUYER_CONFIRM_GOODS", 2, 60) == await states(shop)


async def test_the_goods_come_back_before_the_money_does(shop: Shop) -> None:
    await claim_a_return(shop)
    await decide(shop, AGREE)
    (agreed,) = await shop.hub.has_heard("trade_refund_RefundSellerAgreeReturnGoods")
    for _ in range(2):
        await shop.deed(GOODS_SENT_BACK, claim_id=CLAIM, number="780000000001")
    pushed = await shop.hub.has_heard("trade_refund_RefundBuyerReturnGoods")
    back = await refund(shop)
    await decide(shop, AGREE)

    assert 1 == len(pushed)
    assert "REFUND_AND_RETURN" == agreed.message["refund_type"]
    assert ("WAIT_SELLER_CONFIRM_GOODS", 2, True) == tuple(
        back[name] for name in ("status", "demand", "return_goods")
    )
    assert ("3", "780000000001") == tuple(
        back["logistics"][name] for name in ("company_code", "logistics_no")
    )
    assert sum(item["item_num"] for item in back["refund_order_item"]) > 0
    assert "SUCCESS" == (await refund(shop))["status"]
    assert 1 == shop.ledger.count("refund")


async def test_goods_that_a_carrier_brought_back_are_paid_without_the_buyer(shop: Shop) -> None:
    await claim_a_return(shop)

    answers = [(await decide(shop, AGREE))["response"] for _ in range(2)]

    assert [{"is_success": True}] * 2 == answers
    assert "SUCCESS" == (await refund(shop))["status"]
    assert 1 == shop.ledger.count("refund")


async def test_goods_that_came_back_wrong_are_refused(shop: Shop) -> None:
    await claim_a_return(shop)
    await decide(shop, AGREE)
    await shop.deed(GOODS_SENT_BACK, claim_id=CLAIM, number="780000000001")
    await decide(shop, REFUSE)
    await shop.hub.has_heard("trade_refund_RefundSellerRefuseBuyerReturnGoods")

    assert "SELLER_REFUSE_BUYER_RETURN_GOODS" == (await refund(shop))["status"]
    assert 40 == (await shop.trade())["refund_order"][0]["refund_state"]


async def test_nobody_sends_back_what_was_not_shipped(shop: Shop) -> None:
    await claim(shop, "return")

    assert 1 == (await refund(shop))["demand"]


async def test_a_refusal_is_told_and_the_buyer_may_withdraw(shop: Shop) -> None:
    await claim(shop)
    await decide(shop, REFUSE)
    refused = (await refund(shop))["status"]
    await shop.deed(BUYER_WITHDREW, claim=CLAIM)
    await shop.hub.has_heard("trade_refund_RefundSellerRefuse")
    await shop.hub.has_heard("trade_refund_RefundClosed")

    assert ("SELLER_REFUSE_BUYER", "CLOSED") == (refused, (await refund(shop))["status"])
    assert ("WAIT_SELLER_SEND_GOODS", 0, 50) == await states(shop)


async def test_the_platform_returns_the_money_over_everybodys_head(shop: Shop) -> None:
    await claim(shop)
    await shop.deed(MONEY_RETURNED, claim=CLAIM)
    await shop.deed(MONEY_RETURNED, claim=CLAIM)
    await shop.deed(BUYER_WITHDREW, claim=CLAIM)
    await shop.hub.has_heard("trade_TradeClose")
    pushed = await shop.hub.has_heard("trade_refund_RefundSuccess")

    assert 1 == len(pushed)
    assert ("TRADE_CLOSED", 12, 60) == await states(shop)
    assert 1 == shop.ledger.count("refund")


async def test_whoever_comes_with_an_old_version_is_told_so(shop: Shop) -> None:
    await claim(shop)
    version = (await refund(shop))["version"]
    old = await shop.call(AGREE, "3.0.0", {"refund_id": CLAIM, "version": version - 1})
    none = await shop.call(REFUSE, "3.0.0", {"refund_id": CLAIM})

    assert [103010039, 103010039] == [each["error_response"]["code"] for each in (old, none)]
    assert "WAIT_SELLER_AGREE" == (await refund(shop))["status"]


async def test_a_claim_that_is_over_does_not_wait_for_the_merchant(shop: Shop) -> None:
    await claim(shop)
    await decide(shop, AGREE)
    answers = [await decide(shop, method) for method in (AGREE, REFUSE)]

    assert [102010002, 102010002] == [each["code"] for each in answers]
    assert 1 == shop.ledger.count("refund")


async def test_an_unknown_claim_is_refused(shop: Shop) -> None:
    answers = [
        await shop.call(method, "3.0.0", {"refund_id": "1", "version": 1})
        for method in (GET, AGREE, REFUSE)
    ]

    assert {103011024} == {each["error_response"]["code"] for each in answers}


async def test_a_claim_is_opened_once(shop: Shop) -> None:
    await claim(shop)
    await claim(shop, amount_fen=1)

    assert "164.89" == (await refund(shop))["refund_fee"]
    assert [CLAIM] == (shop.ledger.get("order", TID) or {})["claims"]


async def search(shop: Shop, **asked: Any) -> list[str]:
    told = (await shop.call(SEARCH, "3.0.0", asked))["response"]
    assert told["total"] >= len(told["refunds"])
    return [row["refund_id"] for row in told["refunds"]]


async def test_claims_are_found_by_their_last_change_in_seconds_or_milliseconds(
    shop: Shop,
) -> None:
    await claim(shop)
    now = now_ms()
    seconds = {"update_time_start": now // 1000 - 60, "update_time_end": now // 1000 + 60}
    millis = {"update_time_start": now - 60_000, "update_time_end": now + 60_000}
    past = {"update_time_start": now - 120_000, "update_time_end": now - 60_000}

    assert [CLAIM] == await search(shop, **seconds)
    assert [CLAIM] == await search(shop, **millis)
    assert [] == await search(shop, **past)
    assert [CLAIM] == await search(shop, tid=TID, status="WAIT_SELLER_AGREE")
    assert [] == await search(shop, status="SUCCESS")


async def test_claims_are_told_in_pages_the_latest_first(shop: Shop) -> None:
    names = [f"20260101090000000000000{n}" for n in range(5)]
    for name in names:
        await claim(shop, claim=name, lines=[1], amount_fen=1)
        shop.ledger.amend("after_sale", name, updated_at=int(name[-1]) + 1)
    pages = [await search(shop, page_no=no, page_size=2) for no in (1, 2, 3)]

    assert names[::-1] == [name for page in pages for name in page]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"page_no": 31, "page_size": 100}, 5000),
        ({"page_size": 101}, 5000),
        ({"page_size": "many"}, 5001),
        ({"update_time_start": "2026-01-01 00:00:00"}, 5001),
    ],
)
async def test_a_search_that_can_not_be_done_is_refused(
    shop: Shop, asked: dict[str, Any], code: int
) -> None:
    assert code == (await shop.call(SEARCH, "3.0.0", asked))["error_response"]["code"]


async def test_versions_of_a_claims_pushes_rise(shop: Shop) -> None:
    await claim(shop)
    await decide(shop, REFUSE)
    await shop.deed(BUYER_WITHDREW, claim=CLAIM)
    kinds = ("BuyerCreated", "RefundSellerRefuse", "RefundClosed")
    pushes: list[Heard] = [(await shop.hub.has_heard(f"trade_refund_{kind}"))[0] for kind in kinds]

    versions = [each.body["version"] for each in pushes]
    assert sorted(set(versions)) == versions
