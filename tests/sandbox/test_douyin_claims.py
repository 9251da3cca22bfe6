"""Claims at the Douyin shop: asked for, answered, paid back, and shown in its own words (2.3)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.shop import BUYER_CLAIMED, BUYER_WITHDREW, MONEY_RETURNED
from tests.sandbox.douyin_client import Json, Shop, opened

CLAIM = "7200000000000000123"
SF = {"company_code": "shunfeng", "logistics_code": "SF1000000000001"}
WRONG_STATE = "isv.business-failed:20309541"


async def claimed(shop: Shop, kind: str, lines: list[int], **more: Any) -> Json:
    """Let a buyer order, and want something back; what is to be sent back was shipped."""
    sample = await shop.sell()
    if kind == "return":
        await shop.data("order.logisticsAdd", {"order_id": sample["order_no"], **SF})
    goods_fen = sum(sample["items"][no - 1]["paid_amount"] for no in lines)
    deed: Json = {
        "order_no": sample["order_no"],
        "claim": CLAIM,
        "kind": kind,
        "amount_fen": goods_fen if lines else sample["pay_amount"],
        "lines": lines,
        "reason": "不想要了",
        **more,
    }
    await shop.deed(BUYER_CLAIMED, **deed)
    return deed


async def operated(shop: Shop, operation: int, **item: Any) -> Json:
    wish = {"type": operation, "items": [{"aftersale_id": CLAIM, **item}]}
    return await shop.ask("afterSale.operate", wish)


def kept(shop: Shop, claim: str = CLAIM) -> Json:
    found = shop.ledger.get("after_sale", claim)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "aftersale_type"), [("return", 0), ("refund_only", 2), ("exchange", 3)]
)
async def test_a_claim_is_told_listed_and_detailed(
    tmp_path: Path, kind: str, aftersale_type: int
) -> None:
    async with opened(tmp_path) as shop:
        deed = await claimed(shop, kind, [2])
        (item,) = (await shop.data("afterSale.List", {"page": 0, "size": 10}))["items"]
        detail = await shop.data("afterSale.Detail", {"after_sale_id": CLAIM})
        push = await shop.hub.heard("200")

    second = int(deed["order_no"]) + 100_000_000
    info, shown = item["aftersale_info"], detail["process_info"]["after_sale_info"]
    assert (CLAIM, aftersale_type, 6, 1) == (
        info["aftersale_id"],
        info["aftersale_type"],
        info["aftersale_status"],
        info["refund_status"],
    )
    assert (int(CLAIM), aftersale_type, 6) == (
        shown["after_sale_id"],
        shown["after_sale_type"],
        shown["after_sale_status"],
    )
    assert deed["amount_fen"] == info["refund_amount"] == shown["refund_total_amount"]
    assert deed["amount_fen"] == push["refund_amount"]
    assert deed["order_no"] == item["order_info"]["shop_order_id"]
    assert int(deed["order_no"]) == detail["order_info"]["shop_order_id"]
    (listed,) = item["order_info"]["related_order_info"]
    (detailed,) = detail["order_info"]["sku_order_infos"]
    assert (str(second), second) == (listed["sku_order_id"], detailed["sku_order_id"])
    assert (int(CLAIM), int(deed["order_no"]), second) == (
        push["aftersale_id"],
        push["p_id"],
        push["s_id"],
    )
    assert {"status_deadline", "got_pkg", "arbitrate_status"} <= info.keys()


async def test_nobody_sends_back_what_was_not_shipped(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        about = {"order_no": sample["order_no"], "claim": CLAIM, "kind": "return", "lines": [1]}
        await shop.deed(BUYER_CLAIMED, **about, amount_fen=100, reason="不想要了")

        assert ("refund_only", 2) == (kept(shop)["kind"], kept(shop)["type"])


async def test_times_of_after_sale_messages_are_mixed(tmp_path: Path) -> None:
    """ISO 8601 with a zone beside epoch seconds, protocols 2.2."""
    async with opened(tmp_path) as shop:
        await claimed(shop, "refund_only", [1])
        push = await shop.hub.heard("200")

    at = datetime.fromisoformat(push["update_time"])
    assert timedelta(hours=8) == at.utcoffset()
    assert push["apply_time"] == at.timestamp()


async def test_a_claim_on_the_whole_order_is_about_every_line(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        await claimed(shop, "refund_only", [])
        (item,) = (await shop.data("afterSale.List", {"page": 0, "size": 10}))["items"]

    assert 5 == len(item["order_info"]["related_order_info"])
    assert 2 == item["aftersale_info"]["aftersale_order_type"]


async def test_what_is_shipped_is_refunded_after_shipping(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        number = (await shop.sell())["order_no"]
        await shop.data("order.logisticsAdd", {"order_id": number, **SF})
        await claimed(shop, "refund_only", [1])
        await operated(shop, 201)
        order = await shop.order(number)

    assert 3 == order["order_status"]  # the goods are out, whatever became of the money
    assert {"after_sale_status": 12, "after_sale_type": 1, "refund_status": 3} == (
        order["sku_order_list"][0]["after_sale_info"]
    )


async def test_the_rest_of_a_partly_refunded_order_completes_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        deed = await claimed(shop, "refund_only", [1])
        await operated(shop, 201)
        await shop.data("order.logisticsAdd", {"order_id": deed["order_no"], **SF})
        order = await shop.order(deed["order_no"])
        (shipment,) = (known for _, known in shop.ledger.each("shipment"))

    assert 3 == order["order_status"]
    assert [2, 3, 4, 5] == shipment["lines"]


async def test_an_order_that_is_refunded_before_it_is_shipped_is_closed(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        deed = await claimed(shop, "refund_only", [])
        await shop.deed(MONEY_RETURNED, claim=CLAIM)
        order = await shop.order(deed["order_no"])
        push = await shop.hub.heard("106")

        assert "cancelled" == (shop.ledger.get("order", deed["order_no"]) or {})["standing"]
    assert (4, 21) == (order["order_status"], order["main_status"])
    assert (int(deed["order_no"]), 4) == (push["p_id"], push["order_status"])


async def test_the_platform_refunds_once_without_asking(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        await claimed(shop, "return", [1])
        for _ in range(2):
            await shop.deed(MONEY_RETURNED, claim=CLAIM)
        await shop.hub.heard("206")

        assert 1 == shop.ledger.count("refund")
        tags = [message["tag"] for _, message in shop.ledger.each("message")]
    assert ["200", "206"] == tags[-2:]


async def test_freight_comes_back_with_the_whole_order(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        paid_fen = sample["pay_amount"]
        shop.ledger.amend("order", sample["order_no"], freight=600, pay_amount=paid_fen + 600)
        await claimed(shop, "refund_only", [], amount_fen=paid_fen + 600)
        push = await shop.hub.heard("200")

    assert (paid_fen + 600, 600) == (push["refund_amount"], push["refund_post_amount"])


async def test_a_buyer_thinks_better_of_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        deed = await claimed(shop, "return", [1])
        for _ in range(2):
            await shop.deed(BUYER_WITHDREW, claim=CLAIM)
        push = await shop.hub.heard("207")
        order = await shop.order(deed["order_no"])
        late = await operated(shop, 101)

        assert "withdrawn" == kept(shop)["stage"]
        assert 0 == shop.ledger.count("refund")
    assert 28 == push["aftersale_status"]
    assert "close_time" in push
    assert {"after_sale_status": 28, "after_sale_type": 0, "refund_status": 1} == (
        order["sku_order_list"][0]["after_sale_info"]
    )
    assert (50002, WRONG_STATE) == (late["code"], late["sub_code"])


async def test_a_claim_without_a_number_gets_one_beyond_what_a_float_remembers(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as shop:
        await claimed(shop, "refund_only", [1], claim="C-1")
        push = await shop.hub.heard("200")
        await shop.deed(BUYER_WITHDREW, claim="C-1")

        ((number, claim),) = shop.ledger.each("after_sale")
    assert int(number) == push["aftersale_id"]
    assert 2**53 < int(number) < 2**63
    assert "withdrawn" == claim["stage"]


@pytest.mark.parametrize("deed", [BUYER_WITHDREW, MONEY_RETURNED])
async def test_deeds_on_unknown_claims_or_at_other_shops_change_nothing(
    tmp_path: Path, deed: str
) -> None:
    async with opened(tmp_path) as shop:
        told = await claimed(shop, "refund_only", [1])
        before = kept(shop)
        await shop.deed(deed, claim="7")
        await shop.world.tell(deed, {"channel": "youzan", "claim": CLAIM})
        await shop.deed(BUYER_CLAIMED, **told)
        await shop.deed(BUYER_CLAIMED, **{**told, "order_no": "1", "claim": "8"})

        assert before == kept(shop)
        assert 1 == shop.ledger.count("after_sale")
