"""Pinduoduo's orders: yuan, local time, sealed receivers, lists by the page (protocols 1.2)."""

import time
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.sandbox.ledger import Doc
from tests.sandbox.pinduoduo_client import ORDER, Pinduoduo, error_of, opened

BY_DEAL, BY_CHANGE = "pdd.order.list.get", "pdd.order.number.list.increment.get"
SECRETS = ("receiver_name", "receiver_phone", "receiver_address", "address")


@pytest.fixture
async def pdd(tmp_path: Path) -> AsyncIterator[Pinduoduo]:
    async with opened(tmp_path) as pdd:
        yield pdd


def yuan(document: Doc, name: str) -> Decimal:
    return Decimal(str(document[name]))


async def test_amounts_are_yuan_and_add_up_as_documented(pdd: Pinduoduo) -> None:
    for n in range(1, 30):
        sample = await pdd.sell(n)
        told = await pdd.document(sample["order_no"])

        prices = [yuan(item, "goods_price") * item["goods_count"] for item in told["item_list"]]
        parts = ("platform_discount", "seller_discount", "capital_free_discount")
        discount = yuan(told, "discount_amount")
        assert yuan(told, "pay_amount") * 100 == sample["pay_amount"]
        assert yuan(told, "goods_amount") == sum(prices)
        assert discount == sum(yuan(told, part) for part in parts) >= 0
        paid = yuan(told, "goods_amount") - discount + yuan(told, "postage")
        assert yuan(told, "pay_amount") == paid
        told_items = [(item["outer_id"], item["goods_count"]) for item in told["item_list"]]
        assert told_items == [(item["sku"], item["quantity"]) for item in sample["items"]]


async def test_a_new_order_waits_to_be_shipped(pdd: Pinduoduo) -> None:
    sample = await pdd.sell()
    told = await pdd.document()

    states = ("order_status", "refund_status", "confirm_status", "group_status")
    assert [told[name] for name in states] == [1, 1, 1, 1]
    assert (told["risk_control_status"], told["after_sales_status"]) == (0, 0)
    assert told["order_tag_list"] == [{"name": "ship_hold", "value": 0}]
    assert told["buyer_memo"] == sample["remark"]
    place = sample["receiver"]
    assert [told[name] for name in ("province", "city", "town")] == [
        place["province"],
        place["city"],
        place["district"],
    ]


async def test_times_are_texts_in_local_time(pdd: Pinduoduo) -> None:
    await pdd.sell()
    told, kept = await pdd.document(), pdd.ledger.get("order", ORDER)

    assert kept is not None
    paid = datetime.fromtimestamp(kept["paid_at"] // 1000, ZoneInfo("Asia/Shanghai"))
    for name in ("created_time", "pay_time", "confirm_time", "updated_at"):
        assert told[name] == paid.strftime("%Y-%m-%d %H:%M:%S")
    assert (told["shipping_time"], told["receive_time"]) == ("", "")


async def opened_texts(pdd: Pinduoduo, document: Doc, number: str = ORDER) -> list[str]:
    rows = [{"data_tag": number, "encrypted_data": document[name]} for name in SECRETS]
    answer = await pdd.ask("pdd.open.decrypt.batch", data_list=rows)
    told = answer["open_decrypt_batch_response"]["data_decrypt_list"]
    assert [row["encrypted_data"] for row in told] == [document[name] for name in SECRETS]
    return [f"{row['error_code']} {row['decrypted_data']}" for row in told]


async def test_only_the_platform_opens_what_is_sealed(pdd: Pinduoduo) -> None:
    receiver = (await pdd.sell())["receiver"]
    told = await pdd.document()

    for name in SECRETS:
        assert told[name].startswith("~")
        assert told[name].endswith("~1~")
        assert receiver["name"] not in told[name]
    whole = "浙江省杭州市" + receiver["district"] + receiver["address"]
    texts = [receiver["name"], receiver["phone"], receiver["address"], whole]
    assert await opened_texts(pdd, told) == [f"0 {text}" for text in texts]
    assert told["receiver_phone_mask"] == receiver["phone"][:3] + "****" + receiver["phone"][-4:]
    assert told["receiver_name_mask"] == receiver["name"][0] + "*" * (len(receiver["name"]) - 1)
    assert not any(sign.isdigit() for sign in told["receiver_address_mask"])


async def test_the_same_buyer_is_sealed_the_same_on_every_order(pdd: Pinduoduo) -> None:
    sample = await pdd.sell()
    again = {**sample, "order_no": "260101-000007000000099"}
    await pdd.world.tell("buyer_ordered", again)

    first, second = await pdd.document(), await pdd.document(again["order_no"])

    assert [first[name] for name in SECRETS] == [second[name] for name in SECRETS]


@pytest.mark.parametrize("changed", ["~AAAA~BBBB~1~", "nothing", "", None])
async def test_what_is_no_ciphertext_of_that_order_is_not_opened(
    pdd: Pinduoduo, changed: str | None
) -> None:
    for n in (1, 2):
        await pdd.sell(n)
    secret = (await pdd.document("260101-000007000000002"))["receiver_name"]
    row = {"data_tag": ORDER, "encrypted_data": secret if changed is None else changed}

    answer = await pdd.ask("pdd.open.decrypt.batch", data_list=[row])

    if changed == "":
        assert error_of(answer) == (21002, "请求参数不能为空:encrypted_data")
    else:
        (told,) = answer["open_decrypt_batch_response"]["data_decrypt_list"]
        assert (told["error_code"], told["decrypted_data"]) == (50002, "")


async def test_secrets_are_told_only_while_the_order_is_to_be_shipped(pdd: Pinduoduo) -> None:
    await pdd.sell()

    await pdd.tell("review_began", order_no=ORDER)
    reviewed = await pdd.document()
    await pdd.tell("review_ended", order_no=ORDER)
    freed = await pdd.document()
    shipped = {"order_sn": ORDER, "logistics_id": 44, "tracking_number": "SF1000000000001"}
    await pdd.ask("pdd.logistics.online.send", **shipped)
    gone = await pdd.document()

    assert [told["risk_control_status"] for told in (reviewed, freed, gone)] == [1, 0, 0]
    assert [told["order_status"] for told in (reviewed, freed, gone)] == [1, 1, 2]
    for name in SECRETS:
        assert [bool(told[name]) for told in (reviewed, freed, gone)] == [False, True, False]
        assert [bool(told[f"{name}_mask"]) for told in (reviewed, gone)] == [False, False]
    assert gone["town"] == freed["town"] != ""


async def test_a_new_address_is_sealed_anew_and_the_old_one_still_opens(pdd: Pinduoduo) -> None:
    await pdd.sell()
    before = await pdd.document()

    await pdd.tell("buyer_moved", order_no=ORDER, receiver={"address": "文三路 90 号"})
    after = await pdd.document()

    assert after["receiver_address"] != before["receiver_address"]
    assert after["receiver_name"] == before["receiver_name"]
    assert (await opened_texts(pdd, after))[2] == "0 文三路 90 号"
    assert (await opened_texts(pdd, before))[2].startswith("0 ")


async def test_a_cancelled_order_gave_its_money_back(pdd: Pinduoduo) -> None:
    sample = await pdd.sell()

    await pdd.tell("buyer_cancelled", order_no=ORDER)
    await pdd.tell("buyer_cancelled", order_no=ORDER)

    told = await pdd.document()
    assert (told["order_status"], told["confirm_status"], told["refund_status"]) == (1, 2, 4)
    ((_, refund),) = pdd.ledger.each("refund")
    assert refund == {"order_no": ORDER, "amount_fen": sample["pay_amount"]}
    kept = pdd.ledger.get("order", ORDER) or {}
    assert (kept["standing"], kept["due"]) == ("cancelled", True)


def window(ledger_ms: list[int], **more: Any) -> dict[str, Any]:
    filters = {"order_status": 5, "refund_status": 5, "is_lucky_flag": 0}
    start, end = min(ledger_ms) // 1000, max(ledger_ms) // 1000
    return {"start_updated_at": start, "end_updated_at": end, **filters, **more}


async def sell_many(pdd: Pinduoduo, count: int) -> list[str]:
    """Sell some, the last change of each a second after the one before."""
    first_ms = int(time.time()) * 1000 - 60_000
    numbers = []
    for n in range(1, count + 1):
        numbers.append((await pdd.sell(n))["order_no"])
        pdd.ledger.amend("order", numbers[-1], updated_at=first_ms + n * 1000)
    return numbers


async def page_of(pdd: Pinduoduo, asked: dict[str, Any], page: int) -> list[str]:
    answer = await pdd.ask(BY_CHANGE, **asked, page=page)
    rows = answer["order_sn_increment_get_response"]["order_sn_list"]
    return [row["order_sn"] for row in rows]


async def changed_at(pdd: Pinduoduo) -> list[int]:
    return [order["updated_at"] for _, order in pdd.ledger.each("order")]


@pytest.mark.parametrize(("pages", "missed"), [((1, 2, 3), 1), ((3, 2, 1), 0)])
async def test_only_paging_backwards_misses_none_that_changes_meanwhile(
    pdd: Pinduoduo, pages: tuple[int, ...], missed: int
) -> None:
    """An order of the first page changes while a client reads; it comes in the next window."""
    numbers = await sell_many(pdd, 6)
    asked = window(await changed_at(pdd), page_size=2)
    found = []

    for page in pages:
        found += await page_of(pdd, asked, page)
        if len(found) == 2:
            await pdd.tell("review_began", order_no=numbers[0])

    assert len(set(numbers[1:]) - set(found)) == missed


async def test_has_next_takes_the_place_of_the_total(pdd: Pinduoduo) -> None:
    await sell_many(pdd, 3)
    asked = window(await changed_at(pdd), page_size=2)

    told = await pdd.ask(BY_CHANGE, **asked, page=1)
    first = await pdd.ask(BY_CHANGE, **asked, page=1, use_has_next=True)
    last = await pdd.ask(BY_CHANGE, **asked, page=2, use_has_next=True)

    answers = [answer["order_sn_increment_get_response"] for answer in (told, first, last)]
    assert [answer.get("total_count") for answer in answers] == [3, None, None]
    assert [answer.get("has_next") for answer in answers] == [None, True, False]


async def test_a_list_tells_whole_documents_and_filters_them(pdd: Pinduoduo) -> None:
    numbers = await sell_many(pdd, 2)
    await pdd.claim("1", order_no=numbers[0])
    asked = window([*await changed_at(pdd), int(time.time() * 1000)])

    whole = await pdd.ask(BY_CHANGE, **asked)
    claimed = await page_of(pdd, {**asked, "refund_status": 2}, 1)
    shipped = await page_of(pdd, {**asked, "order_status": 2}, 1)
    lucky = await page_of(pdd, {**asked, "is_lucky_flag": 2}, 1)

    rows = whole["order_sn_increment_get_response"]["order_sn_list"]
    assert rows[-1] == await pdd.document(numbers[0])
    assert (claimed, shipped, lucky) == ([numbers[0]], [], [])


async def test_orders_are_listed_by_the_time_of_their_deal(pdd: Pinduoduo) -> None:
    number = (await pdd.sell())["order_no"]
    paid_s = (pdd.ledger.get("order", number) or {})["paid_at"] // 1000
    asked = {"order_status": 1, "refund_status": 1, "page": 1, "page_size": 100}

    day = {"start_confirm_at": paid_s - 86400, "end_confirm_at": paid_s}
    within = await pdd.ask(BY_DEAL, **asked, **day)
    before = await pdd.ask(
        BY_DEAL, **asked, start_confirm_at=paid_s - 86400, end_confirm_at=paid_s - 1
    )

    told = [answer["order_list_get_response"] for answer in (within, before)]
    assert [[row["order_sn"] for row in list_["order_list"]] for list_ in told] == [[number], []]
    assert [list_["total_count"] for list_ in told] == [1, 0]


@pytest.mark.parametrize(
    ("kind", "changes", "error"),
    [
        (BY_CHANGE, {"end_updated_at": 1801}, (21001, "end_updated_at:")),
        (BY_CHANGE, {"start_updated_at": 2000}, (21001, "end_updated_at:")),
        (BY_CHANGE, {"start_updated_at": "2026-01-01"}, (21001, "start_updated_at:")),
        (BY_CHANGE, {"end_updated_at": None}, (21002, "请求参数不能为空:end_updated_at")),
        (BY_CHANGE, {"is_lucky_flag": 3}, (21001, "is_lucky_flag:")),
        (BY_CHANGE, {"order_status": 4}, (21001, "order_status:")),
        (BY_CHANGE, {"refund_status": None}, (21002, "请求参数不能为空:refund_status")),
        (BY_CHANGE, {"page": 0}, (21001, "page:")),
        (BY_CHANGE, {"page_size": 101}, (21001, "page_size:")),
        (BY_CHANGE, {"page_size": 0}, (21001, "page_size:")),
        (BY_CHANGE, {"use_has_next": "True"}, (21001, "use_has_next:")),
        (BY_DEAL, {"end_confirm_at": 86401}, (21001, "end_confirm_at:")),
        (BY_DEAL, {"page_size": 101}, (21001, "page_size:")),
    ],
)
async def test_a_list_is_asked_for_strictly(
    pdd: Pinduoduo, kind: str, changes: dict[str, Any], error: tuple[int, str]
) -> None:
    asked = {"order_status": 5, "refund_status": 5, "is_lucky_flag": 0, "page": 1}
    times = {f"{side}_{what}_at": 0 for side in ("start", "end") for what in ("updated", "confirm")}

    code, words = error_of(await pdd.ask(kind, **{**asked, **times, **changes}))

    assert (code, words.startswith(error[1])) == (error[0], True)


async def test_a_shop_permits_messages(pdd: Pinduoduo) -> None:
    answer = await pdd.ask("pdd.pmc.user.permit", topics="pdd_trade_TradeConfirmed")

    assert answer["pmc_user_permit_response"]["is_success"] is True
    assert pdd.ledger.get("permit", "shop") == {"topics": "pdd_trade_TradeConfirmed"}
