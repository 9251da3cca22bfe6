"""How the hub answers claims at the Douyin shop, and finds them (protocols 2.3)."""

from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.shop import GOODS_SENT_BACK
from tests.sandbox.douyin_client import Json, opened
from tests.sandbox.test_douyin_claims import CLAIM, WRONG_STATE, claimed, kept, operated


async def test_money_moves_when_the_hub_agrees_and_not_before(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        deed = await claimed(shop, "refund_only", [1])
        before = shop.ledger.count("refund")
        answer = await operated(shop, 201, update_time=kept(shop)["updated_at"] // 1000)
        order = await shop.order(deed["order_no"])
        agreed, paid = await shop.hub.heard("201"), await shop.hub.heard("206")

        assert 0 == before
        assert {CLAIM: {"order_no": deed["order_no"], "amount_fen": deed["amount_fen"]}} == dict(
            shop.ledger.each("refund")
        )
        assert "refunded" == kept(shop)["stage"]
    assert [{"aftersale_id": int(CLAIM), "status_code": 0, "status_msg": "success"}] == (
        answer["data"]["items"]
    )
    assert [4, 2, 2, 2, 2] == [line["order_status"] for line in order["sku_order_list"]]
    assert 2 == order["order_status"]
    assert "agree_time" in agreed
    assert (12, deed["amount_fen"]) == (paid["aftersale_status"], paid["refund_amount"])


@pytest.mark.parametrize(
    ("kind", "operations", "stage", "status"),
    [
        ("return", [101], "agreed", 7),
        ("return", [101, 111], "refunded", 12),
        ("return", [102], "refused", 27),
        ("return", [101, 112], "refused", 29),
        ("refund_only", [201], "refunded", 12),
        ("refund_only", [202], "refused", 27),
        ("exchange", [301], "agreed", 7),
        ("exchange", [302], "refused", 27),
    ],
)
async def test_how_the_hub_answers_a_claim(
    tmp_path: Path, kind: str, operations: list[int], stage: str, status: int
) -> None:
    async with opened(tmp_path) as shop:
        await claimed(shop, kind, [1])
        answers = [await operated(shop, one, reject_reason_code=1) for one in operations]

        assert {10000} == {answer["code"] for answer in answers}
        assert (stage, status) == (kept(shop)["stage"], kept(shop)["status"])
        assert (stage == "refunded") == bool(shop.ledger.count("refund"))
        assert kept(shop)["answered_at"] >= kept(shop)["created_at"]


async def test_goods_on_their_way_back_are_shown_until_they_are_answered(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        await claimed(shop, "return", [1])
        await operated(shop, 101)
        for _ in range(2):
            await shop.deed(GOODS_SENT_BACK, claim_id=CLAIM, number="780000000001")
        shown = (kept(shop)["stage"], kept(shop)["status"])
        await operated(shop, 111)

        assert ("returning", 11) == shown
        assert "refunded" == kept(shop)["stage"]


@pytest.mark.parametrize(
    ("operation", "item", "code", "sub_code"),
    [
        (101, {}, 50002, WRONG_STATE),  # agrees to a return; it is no return
        (111, {}, 50002, WRONG_STATE),
        (201, {"update_time": 1_700_000_000}, 50002, WRONG_STATE),  # it changed since
        (202, {}, 40002, "isv.parameter-missing"),  # no reason
        (311, {}, 50002, "isv.business-failed:11001"),
        (999, {}, 40004, "isv.parameter-invalid"),
        (201, {"aftersale_id": "1"}, 50002, "isv.business-failed"),
        (201, {"aftersale_id": ""}, 40002, "isv.parameter-missing"),
    ],
)
async def test_an_answer_that_does_not_fit_the_claim_is_refused(
    tmp_path: Path, operation: int, item: Json, code: int, sub_code: str
) -> None:
    async with opened(tmp_path) as shop:
        await claimed(shop, "refund_only", [1])
        answer = await operated(shop, operation, **item)

        assert (code, sub_code) == (answer["code"], answer["sub_code"])
        assert "asked" == kept(shop)["stage"]


async def test_one_wrong_item_spoils_all(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        await claimed(shop, "refund_only", [1])
        items = [{"aftersale_id": CLAIM}, {"aftersale_id": "1"}]
        answers = [
            await shop.ask("afterSale.operate", {"type": 201, "items": wish})
            for wish in (items, [], items * 11)
        ]

        assert [50002, 40002, 40004] == [answer["code"] for answer in answers]
        assert "asked" == kept(shop)["stage"]


async def test_the_list_is_paged_from_zero_and_of_a_window(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        ids = [str(int(CLAIM) + n) for n in range(5)]
        for n, claim in enumerate(ids):
            await claimed(shop, "refund_only", [1], claim=claim)
            at = (1_700_000_000 + n) * 1000
            shop.ledger.amend("after_sale", claim, created_at=at, updated_at=at)

        async def found(**wish: Any) -> tuple[list[str], bool, int]:
            data = await shop.data("afterSale.List", {"page": 0, "size": 100, **wish})
            told = [item["aftersale_info"]["aftersale_id"] for item in data["items"]]
            return told, data["has_more"], data["total"]

        asc = {"order_by": ["update_time asc"]}
        assert (ids[:2], True, 5) == await found(size=2, **asc)
        assert (ids[4:], False, 5) == await found(page=2, size=2, **asc)
        assert ([], False, 5) == await found(page=3, size=2, **asc)
        assert (ids[::-1], False, 5) == await found()
        window = {"update_start_time": 1_700_000_001, "update_end_time": 1_700_000_002}
        assert (ids[1:3], False, 2) == await found(**window, **asc)
        assert (ids[3:], False, 2) == await found(start_time=1_700_000_003, **asc)
        assert ([ids[1]], False, 1) == await found(aftersale_id=ids[1])
        assert ([], False, 0) == await found(order_id="1")
        assert ([], False, 0) == await found(aftersale_type=0)
        assert ([], False, 0) == await found(standard_aftersale_status=[12, 28])


@pytest.mark.parametrize(
    "wish",
    [
        {"order_by": "update_time asc"},
        {"order_by": ["price asc"]},
        {"order_by": ["update_time"]},
        {"size": 101},
        {"standard_aftersale_status": 6},
    ],
)
async def test_a_list_that_is_asked_for_wrongly_is_refused(tmp_path: Path, wish: Json) -> None:
    async with opened(tmp_path) as shop:
        await claimed(shop, "refund_only", [1])
        answer = await shop.ask("afterSale.List", {"page": 0, "size": 10, **wish})

    assert 40004 == answer["code"]


async def test_a_claim_that_is_not_there_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        answers = [
            await shop.ask("afterSale.Detail", wish) for wish in ({"after_sale_id": "1"}, {})
        ]

    assert [50002, 40002] == [answer["code"] for answer in answers]
