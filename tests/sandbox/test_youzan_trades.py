"""What Youzan tells of orders: whole, sealed, in pages, and later than it pushes."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.partners.youzan_words import CHINA
from infra.sandbox.sample_orders import used_skus
from infra.sandbox.shop import now_ms
from tests.sandbox.youzan_client import LONG_AGO_MS, TID, Shop, trading


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with trading(tmp_path) as opened:
        yield opened


async def sold(shop: Shop, **asked: Any) -> dict[str, Any]:
    answer = await shop.call("youzan.trades.sold.get", "4.0.2", asked)
    assert answer["success"], answer
    told: dict[str, Any] = answer["data"]
    return told


def tids(told: dict[str, Any]) -> list[str]:
    rows = told["full_order_info_list"]
    return [row["full_order_info"]["order_info"]["tid"] for row in rows]


async def test_an_order_is_told_with_lines_money_and_states(shop: Shop) -> None:
    sample = await shop.sell()
    shop.long_ago()

    told = await shop.trade()

    assert {"full_order_info", "refund_order", "delivery_order"} < told.keys()
    info = told["full_order_info"]
    state = info["order_info"]
    assert (TID, "WAIT_SELLER_SEND_GOODS", 0) == (
        state["tid"],
        state["status"],
        state["close_type"],
    )
    assert ("2026-01-01 08:00:00", "2026-01-01 08:00:01") == (
        state["pay_time"],
        state["update_time"],
    )
    assert ("164.89", "0.00") == (info["pay_info"]["payment"], info["pay_info"]["post_fee"])
    assert [item["sku"] for item in sample["items"]] == [
        line["outer_sku_id"] for line in info["orders"]
    ]
    assert ["24.45", "23.63", "65.25", "27.46", "24.10"] == [
        line["payment"] for line in info["orders"]
    ]
    oids = {line["oid"] for line in info["orders"]}
    assert len(oids) == 5
    assert all(len(oid) == 19 and oid.isdigit() for oid in oids)
    assert json.loads(info["address_info"]["address_extra"])["areaCode"].startswith("3301")


async def test_freight_is_part_of_what_was_paid(shop: Shop) -> None:
    for n in range(1, 30):
        sample = await shop.sell(n)
        if sample["freight"]:
            break
    money = (await shop.trade(sample["order_no"]))["full_order_info"]

    assert "6.00" == money["pay_info"]["post_fee"]
    paid_fen = sum(round(float(line["payment"]) * 100) for line in money["orders"])
    assert paid_fen + 600 == round(float(money["pay_info"]["payment"]) * 100)


async def test_right_after_payment_the_state_is_a_transient_one(shop: Shop) -> None:
    await shop.sell()
    shop.ledger.amend("order", TID, paid_at=now_ms() + 60_000)  # its second never ends
    at_first = (await shop.trade())["full_order_info"]["order_info"]["status"]
    shop.long_ago()
    later = (await shop.trade())["full_order_info"]["order_info"]["status"]

    assert ("TRADE_PAID", "WAIT_SELLER_SEND_GOODS") == (at_first, later)


async def test_an_unknown_order_is_refused_in_the_newer_form(shop: Shop) -> None:
    answer = await shop.call("youzan.trade.get", "4.0.1", {"tid": "E20260101000007000099999"})

    assert (5000, False, "trade not found") == (
        answer["code"],
        answer["success"],
        answer["message"],
    )


async def test_receivers_are_sealed_and_opened_by_the_shop_only(shop: Shop) -> None:
    sample = await shop.sell()
    info = (await shop.trade())["full_order_info"]
    address = info["address_info"]
    sealed = [address["receiver_name"], address["receiver_tel"], address["delivery_address"]]
    opened = await shop.call("youzan.cloud.secret.decrypt.batch", "1.0.0", {"sources": sealed})
    one = await shop.call("youzan.cloud.secret.decrypt.single", "1.0.0", {"source": sealed[0]})

    receiver = sample["receiver"]
    plain = [receiver["name"], receiver["phone"], receiver["address"]]
    assert all(text.startswith("$") and text.endswith("$1$") for text in sealed)
    assert not any(secret in json.dumps(info, ensure_ascii=False) for secret in plain)
    assert receiver["district"] == address["delivery_district"]
    assert dict(zip(sealed, plain, strict=True)) == opened["data"]
    assert receiver["name"] == one["data"]


async def test_one_buyer_has_one_open_id(shop: Shop) -> None:
    sample = await shop.sell(1)
    other = await shop.sell(2)
    first = (await shop.trade())["full_order_info"]["buyer_info"]
    second = (await shop.trade(other["order_no"]))["full_order_info"]["buyer_info"]
    same = sample["receiver"]["phone"] == other["receiver"]["phone"]

    assert (first["yz_open_id"] == second["yz_open_id"]) is same
    assert (first["buyer_phone"] == second["buyer_phone"]) is same


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        (["$AAAA$1$"], 10500),
        ([""], 10500),
        (["$not base64$1$"], 10500),
        ("one", 5001),
        ([1], 5001),
    ],
)
async def test_what_is_no_seal_of_this_shop_is_not_opened(
    shop: Shop, sources: Any, told: int
) -> None:
    answer = await shop.call("youzan.cloud.secret.decrypt.batch", "1.0.0", {"sources": sources})

    assert told == answer.get("code", answer.get("gw_err_resp", {}).get("err_code"))


async def test_the_list_lags_behind_what_was_pushed(shop: Shop) -> None:
    await shop.sell()
    shop.ledger.amend("order", TID, paid_at=now_ms() + 60_000)
    at_once = await sold(shop)
    shop.long_ago()
    later = await sold(shop)

    assert (0, []) == (at_once["total_results"], tids(at_once))
    assert (1, [TID]) == (later["total_results"], tids(later))


async def test_pages_hold_every_order_once_the_latest_first(shop: Shop) -> None:
    for n in range(1, 6):
        order = await shop.sell(n)
        shop.long_ago(order["order_no"], LONG_AGO_MS + n * 60_000)
    pages = [await sold(shop, page_no=no, page_size=2) for no in (1, 2, 3, 4)]

    assert [2, 2, 1, 0] == [len(tids(page)) for page in pages]
    assert {5} == {page["total_results"] for page in pages}
    found = [tid[-1] for page in pages for tid in tids(page)]
    assert ["5", "4", "3", "2", "1"] == found


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2026-01-01 08:00:01", "2026-01-01 08:00:01", 1),  # the transient state ended then
        ("2026-01-01 08:00:02", "2026-01-01 09:00:00", 0),
        ("2026-01-01 07:00:00", "2026-01-01 08:00:00", 0),
        ("2026-01-01 08:00:02", None, 1),  # half a window is none
    ],
)
async def test_a_window_is_of_the_last_change_in_chinas_time(
    shop: Shop, start: str, end: str | None, found: int
) -> None:
    await shop.sell()
    shop.long_ago()

    told = await sold(shop, start_update=start, end_update=end)

    assert found == told["total_results"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": "WAIT_SELLER_SEND_GOODS"}, 1),
        ({"status": "TRADE_CLOSED"}, 0),
        ({"tid": TID}, 1),
        ({"tid": "E1"}, 0),
        ({"start_created": "2026-01-01 00:00:00", "end_created": "2026-01-02 00:00:00"}, 1),
        ({"start_pay": "2026-01-02 00:00:00", "end_pay": "2026-01-03 00:00:00"}, 0),
    ],
)
async def test_orders_are_found_by_name_state_and_times(
    shop: Shop, asked: dict[str, Any], found: int
) -> None:
    await shop.sell()
    shop.long_ago()

    assert found == (await sold(shop, **asked))["total_results"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"page_size": 101}, 5000),
        ({"page_no": 101}, 5000),
        ({"page_no": "first"}, 5001),
        ({"page_no": True}, 5001),
        ({"start_update": "2026-01-01", "end_update": "2026-01-02"}, 5001),
        ({"start_update": 1767225600, "end_update": 1767225601}, 5001),
        ({"start_update": "2026-01-02 00:00:00", "end_update": "2026-01-01 00:00:00"}, 5000),
    ],
)
async def test_a_list_that_can_not_be_told_is_refused(
    shop: Shop, asked: dict[str, Any], code: int
) -> None:
    answer = await shop.call("youzan.trades.sold.get", "4.0.2", asked)

    assert code == answer.get("code", answer.get("gw_err_resp", {}).get("err_code"))


async def test_articles_are_told_in_fen_under_our_own_codes(shop: Shop) -> None:
    whole = await shop.call("youzan.items.onsale.get", "3.0.0", {"page_size": 300})
    second = await shop.call("youzan.items.onsale.get", "3.0.0", {"page_no": 2, "page_size": 20})
    cones = await shop.call("youzan.items.onsale.get", "3.0.0", {"q": "cones", "page_size": 300})
    too_many = await shop.call("youzan.items.onsale.get", "3.0.0", {"page_size": 301})

    items = whole["response"]["items"]
    assert (300, len(used_skus())) == (len(items), whole["response"]["count"])
    assert items[20:40] == second["response"]["items"]
    (found,) = [item for item in cones["response"]["items"] if item["item_no"] == "911411"]
    assert "CONES" == found["title"]
    assert all(type(found[name]) is int for name in ("item_id", "price", "quantity", "item_weight"))
    assert 5000 == too_many["error_response"]["code"]


async def test_todays_orders_are_found_by_todays_clock(shop: Shop) -> None:
    await shop.sell()
    shop.long_ago(at_ms=now_ms() - 10_000)
    now = datetime.now(CHINA)
    window = {
        "start_update": f"{now - timedelta(minutes=1):%Y-%m-%d %H:%M:%S}",
        "end_update": f"{now:%Y-%m-%d %H:%M:%S}",
    }

    assert [TID] == tids(await sold(shop, **window))
