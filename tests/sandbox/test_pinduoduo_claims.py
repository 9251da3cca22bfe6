"""Pinduoduo's after-sale claims, in the documented protocol and in the changed one (1.3, 1.4)."""

import json
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.ledger import Doc
from infra.sandbox.shop import switch_protocol
from tests.sandbox.pinduoduo_client import ORDER, Pinduoduo, error_of, opened

DETAIL, LIST = "pdd.refund.information.get", "pdd.refund.list.increment.get"
SEND, STOP = "pdd.logistics.online.send", "pdd.rdc.pddgenius.sendgoods.cancel"


@pytest.fixture
async def pdd(tmp_path: Path) -> AsyncIterator[Pinduoduo]:
    async with opened(tmp_path) as pdd:
        await pdd.sell()
        yield pdd


def pushes(pdd: Pinduoduo) -> list[tuple[str, Doc]]:
    """Tell what was pushed about claims, oldest first."""
    kept = [doc for _, doc in pdd.ledger.each("push")]
    return [
        (doc["type"].removeprefix("pdd_refund_"), json.loads(doc["content"]))
        for doc in kept
        if doc["type"].startswith("pdd_refund_")
    ]


async def shipped(pdd: Pinduoduo) -> None:
    await pdd.ask(SEND, order_sn=ORDER, logistics_id=44, tracking_number="SF1000000000001")


async def listed(pdd: Pinduoduo, **changes: Any) -> list[Doc]:
    now = int(time.time())
    asked = {"after_sales_type": 1, "after_sales_status": 1, "start_updated_at": now - 1000}
    answer = await pdd.ask(LIST, **{**asked, "end_updated_at": now + 10, **changes})
    told = answer["refund_increment_get_response"]
    assert told["total_count"] == len(told["refund_list"])
    rows: list[Doc] = told["refund_list"]
    return rows


async def test_the_documented_detail_is_at_the_root_and_in_fen(pdd: Pinduoduo) -> None:
    await pdd.claim("7381745730")

    told = await pdd.ask(DETAIL, order_sn=ORDER, after_sales_id=7381745730)

    kept = pdd.ledger.get("after_sale", "7381745730") or {}
    assert (told["id"], told["order_sn"], told["after_sales_reason"]) == (
        7381745730,
        ORDER,
        "不想要了",
    )
    assert (told["after_sales_type"], told["after_sales_status"]) == (1, 2)
    assert (told["refund_amount"], told["order_amount"]) == (1990, 16489)
    assert (told["recreated_at"], told["shipping_status"]) == (kept["created_at"], 0)
    assert (told["goods_number"], "version" in told) == (2, False)
    assert datetime.strptime(told["updated_time"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - a form


async def test_without_an_id_the_last_claim_of_the_order_is_told(pdd: Pinduoduo) -> None:
    none = await pdd.ask(DETAIL, order_sn=ORDER)
    for claim in ("1", "2"):
        await pdd.claim(claim)

    assert error_of(none)[0] == 50002
    assert (await pdd.ask(DETAIL, order_sn=ORDER))["id"] == 2


async def test_the_documented_push_tells_fen_and_milliseconds(pdd: Pinduoduo) -> None:
    await shipped(pdd)
    await pdd.claim("7381745730", kind="return")

    ((kind, content),) = pushes(pdd)
    kept = pdd.ledger.get("after_sale", "7381745730") or {}
    assert kind == "RefundCreated"
    assert content == {
        "mall_id": 7001001,
        "tid": ORDER,
        "refund_id": 7381745730,
        "refund_fee": 1990,
        "bill_type": 2,
        "modified": kept["updated_at"],
        "operation": 1000,
    }


@pytest.mark.parametrize(
    ("kind", "asked_as", "told_as"), [("refund_only", 2, 1), ("return", 3, 2), ("exchange", 4, 3)]
)
async def test_a_list_asks_for_types_one_higher_than_it_tells(
    pdd: Pinduoduo, kind: str, asked_as: int, told_as: int
) -> None:
    await shipped(pdd)
    await pdd.claim("1", kind=kind)

    found = {asked: await listed(pdd, after_sales_type=asked) for asked in range(1, 7)}

    (row,) = found[1]
    assert row["after_sales_type"] == told_as
    assert [asked for asked, rows in found.items() if rows] == [1, asked_as]


async def test_a_row_of_the_list_is_in_yuan_and_names_the_article(pdd: Pinduoduo) -> None:
    await pdd.claim("1", lines=[2], amount_fen=5)

    (row,) = await listed(pdd)

    item = (pdd.ledger.get("order", ORDER) or {})["items"][1]
    assert (row["refund_amount"], row["order_amount"]) == ("0.05", "164.89")
    assert (row["outer_id"], row["goods_number"]) == (item["sku"], str(item["quantity"]))
    assert (row["id"], row["after_sale_reason"]) == (1, "不想要了")


async def test_an_orders_number_overrides_the_other_filters_of_the_list(pdd: Pinduoduo) -> None:
    await pdd.claim("1")

    long_ago = {"start_updated_at": 0, "end_updated_at": 1}
    nothing = await listed(pdd, **long_ago)
    found = await listed(pdd, **long_ago, order_sn=ORDER, after_sales_type=4)
    waiting = await listed(pdd, after_sales_status=2)
    refunded = await listed(pdd, after_sales_status=10)

    assert [len(rows) for rows in (nothing, found, waiting, refunded)] == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"end_updated_at": 1801}, (21001, "end_updated_at:")),
        ({"after_sales_type": 7}, (21001, "after_sales_type:")),
        ({"after_sales_type": None}, (21002, "请求参数不能为空:after_sales_type")),
        ({"after_sales_status": None}, (21002, "请求参数不能为空:after_sales_status")),
        ({"page_size": 101}, (21001, "page_size:")),
    ],
)
async def test_a_list_is_asked_for_strictly(
    pdd: Pinduoduo, changes: Doc, error: tuple[int, str]
) -> None:
    times = {"start_updated_at": 0, "end_updated_at": 0}
    asked = {"after_sales_type": 1, "after_sales_status": 1, **times}

    code, words = error_of(await pdd.ask(LIST, **{**asked, **changes}))

    assert (code, words.startswith(error[1])) == (error[0], True)


async def test_an_agreed_claim_is_paid_once(pdd: Pinduoduo) -> None:
    await pdd.claim("1")
    request = {"after_sales_id": 1, "order_sn": ORDER, "operate_desc": "同意"}

    answers = [await pdd.ask("pdd.refund.agree", request=request) for _ in range(2)]

    results = [answer["response"]["result"] for answer in answers]
    assert [(told["succ"], told["after_sales_id"]) for told in results] == [(True, 1)] * 2
    assert dict(pdd.ledger.each("refund")) == {"1": {"order_no": ORDER, "amount_fen": 1990}}
    assert [kind for kind, _ in pushes(pdd)] == ["RefundCreated", "RefundAgreeAgreement"]
    assert (await pdd.ask(DETAIL, order_sn=ORDER))["after_sales_status"] == 10
    told = await pdd.document()
    assert (told["refund_status"], told["after_sales_status"]) == (4, 10)


async def test_a_return_is_agreed_to_before_the_money_goes_back(pdd: Pinduoduo) -> None:
    await shipped(pdd)
    await pdd.claim("1", kind="return")
    request = {"after_sales_id": 1, "order_sn": ORDER, "return_address_id": "1"}

    for _ in range(2):
        answer = await pdd.ask("pdd.refund.returngoods.agree", request=request)
        assert answer["response"]["result"]["success"] is True

    assert (await pdd.ask(DETAIL, order_sn=ORDER))["after_sales_status"] == 7
    assert (pdd.ledger.get("after_sale", "1") or {})["stage"] == "agreed"
    assert pdd.ledger.count("refund") == 0
    assert [kind for kind, _ in pushes(pdd)] == ["RefundCreated", "RefundAgreeAgreement"]
    assert (await pdd.document())["refund_status"] == 2


async def test_goods_on_their_way_back_have_a_number_and_may_be_refused(pdd: Pinduoduo) -> None:
    await shipped(pdd)
    await pdd.claim("1", kind="return")
    request = {"after_sales_id": 1, "order_sn": ORDER, "operate_desc": "少件"}
    await pdd.ask("pdd.refund.returngoods.agree", request=request)
    for _ in range(2):
        await pdd.tell("goods_sent_back", claim_id="1", number="780000000001")
    told = await pdd.ask(DETAIL, order_sn=ORDER)

    await pdd.ask("pdd.refund.refuse", request=request)

    assert (told["after_sales_status"], told["express_no"]) == (7, "780000000001")
    assert (await pdd.ask(DETAIL, order_sn=ORDER))["after_sales_status"] == 6
    kinds = [kind for kind, _ in pushes(pdd)]
    assert kinds[2:] == ["RefundBuyerReturnGoods", "RefundClosed"]
    assert pdd.ledger.count("refund") == 0


@pytest.mark.parametrize("reason", [None, " "])
async def test_whoever_refuses_says_why(pdd: Pinduoduo, reason: str | None) -> None:
    await pdd.claim("1")
    request = {"after_sales_id": 1, "order_sn": ORDER, "operate_desc": reason}

    answer = await pdd.ask("pdd.refund.refuse", request=request)

    assert error_of(answer)[0] in (21002, 50002)
    assert (pdd.ledger.get("after_sale", "1") or {})["stage"] == "asked"


async def test_nobody_sends_back_what_was_not_shipped(pdd: Pinduoduo) -> None:
    await pdd.claim("1", kind="return")

    assert (await pdd.ask(DETAIL, order_sn=ORDER))["after_sales_type"] == 1


async def test_a_withdrawn_claim_can_not_be_agreed_to(pdd: Pinduoduo) -> None:
    await pdd.claim("1")
    for _ in range(2):
        await pdd.tell("buyer_withdrew", claim="1")

    request = {"after_sales_id": 1, "order_sn": ORDER}
    answers = [
        await pdd.ask(kind, request=request)
        for kind in ("pdd.refund.agree", "pdd.refund.returngoods.agree")
    ]

    assert [error_of(answer)[0] for answer in answers] == [50002, 50002]
    assert pdd.ledger.count("refund") == 0
    assert [kind for kind, _ in pushes(pdd)] == ["RefundCreated", "RefundClosed"]
    told = await pdd.document()
    assert (told["refund_status"], told["after_sales_status"]) == (1, 11)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (None, (21002, "请求参数不能为空:request")),
        ("[]", (21001, "request:必须是 JSON 对象")),
        ({"order_sn": ORDER}, (21002, "请求参数不能为空:after_sales_id")),
        ({"after_sales_id": 2, "order_sn": ORDER}, (50002, f"订单 {ORDER} 没有售后单 2")),
        ({"after_sales_id": 1, "order_sn": "1"}, (50002, "订单 1 没有售后单 1")),
    ],
)
async def test_an_answer_to_a_claim_that_is_not_there_is_refused(
    pdd: Pinduoduo, request_: Any, error: tuple[int, str]
) -> None:
    await pdd.claim("1")

    assert error_of(await pdd.ask("pdd.refund.agree", request=request_)) == error
    assert pdd.ledger.count("refund") == 0


async def test_the_platform_refunds_without_asking(pdd: Pinduoduo) -> None:
    await pdd.claim("1")
    for _ in range(2):
        await pdd.tell("money_returned", claim="1")

    (_, (kind, content)) = pushes(pdd)
    assert (kind, content["operation"]) == ("RefundAgreeAgreement", 1003)
    assert pdd.ledger.count("refund") == 1


async def test_what_was_stopped_in_house_is_paid_back(pdd: Pinduoduo) -> None:
    await pdd.claim("1")
    told = {"tid": ORDER, "refund_id": 1, "status": "FAIL"}

    failed = await pdd.ask(STOP, param=told)
    unpaid = pdd.ledger.count("refund")
    done = await pdd.ask(STOP, param={**told, "status": "SUCCESS"})

    for answer in (failed, done):
        result = answer["rdc_pddgenius_sendgoods_cancel_response"]["result"]
        assert result["result_data"] == {"refund_id": 1}
    assert (unpaid, pdd.ledger.count("refund")) == (0, 1)


async def test_what_was_shipped_can_not_be_stopped(pdd: Pinduoduo) -> None:
    await pdd.claim("1")
    await pdd.ask(SEND, order_sn=ORDER, logistics_id=44, tracking_number="SF1000000000001")

    answer = await pdd.ask(STOP, param={"tid": ORDER, "refund_id": 1, "status": "SUCCESS"})

    assert error_of(answer) == (50002, "订单已发货,无法取消发货")
    assert (await pdd.ask(DETAIL, order_sn=ORDER))["shipping_status"] == 1


async def test_orders_with_a_claim_can_be_told_from_others(pdd: Pinduoduo) -> None:
    other = (await pdd.sell(2))["order_no"]
    await pdd.claim("1")

    answer = await pdd.ask("pdd.refund.status.check", order_sns=f"{ORDER},{other},260101-1")

    told = answer["refund_status_check_response"]["order_sns_exists_refund"]
    assert told == [{"order_sn": ORDER}]


async def test_overnight_the_push_and_the_detail_change(pdd: Pinduoduo) -> None:
    switch_protocol(pdd.world, "pinduoduo", "3.2")
    await shipped(pdd)
    await pdd.claim("1", kind="return", lines=[2])

    told = await pdd.ask(DETAIL, order_sn=ORDER, after_sales_id=1)
    ((kind, content),) = pushes(pdd)

    item = (pdd.ledger.get("order", ORDER) or {})["items"][1]
    (line,) = told["after_sales"].pop("lines")
    assert (line["outer_id"], line["count"]) == (item["sku"], item["quantity"])
    assert told["after_sales"] == {
        "id": 1,
        "order_sn": ORDER,
        "status": {"code": 3, "name": "待商家处理"},
        "type_code": "RETURN_REFUND",
        "amount": "19.90",
        "reason": "不想要了",
    }
    assert (told["version"], content.pop("version")) == ("3.2", "3.2")
    changed_at = content.pop("modified_at")
    assert (changed_at, changed_at.endswith("+08:00")) == (told["updated_at"], True)
    assert (kind, content) == (
        "RefundCreated",
        {
            "mall_id": 7001001,
            "order_sn": ORDER,
            "after_sales": {"id": 1, "type_code": "RETURN_REFUND", "amount": "19.90"},
        },
    )


async def test_a_claim_keeps_the_protocol_in_which_it_was_opened(pdd: Pinduoduo) -> None:
    await pdd.claim("1")
    switch_protocol(pdd.world, "pinduoduo", "3.2")
    await pdd.claim("2")
    for claim in ("1", "2"):
        await pdd.tell("money_returned", claim=claim)

    old = await pdd.ask(DETAIL, order_sn=ORDER, after_sales_id=1)
    new = await pdd.ask(DETAIL, order_sn=ORDER, after_sales_id=2)

    assert (old["refund_amount"], "version" in old) == (1990, False)
    assert new["after_sales"]["status"] == {"code": 10, "name": "退款成功"}
    spoken = [content.get("version", "3.1") for _, content in pushes(pdd)]
    assert spoken == ["3.1", "3.2", "3.1", "3.2"]
    assert [row["refund_amount"] for row in await listed(pdd)] == ["19.90", "19.90"]
