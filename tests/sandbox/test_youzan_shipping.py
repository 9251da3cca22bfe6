"""Shipments told to Youzan: whole, in parts, again, and under another number."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.faults import Fault
from infra.sandbox.shop import BUYER_CANCELLED, REVIEW_BEGAN, REVIEW_ENDED
from tests.sandbox.youzan_client import TID, Shop, trading

CONFIRM, UPDATE = "youzan.logistics.online.confirm", "youzan.logistics.online.update"
PARCEL = {"tid": TID, "out_stype": "7", "out_sid": "SF1000000000001"}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with trading(tmp_path) as opened:
        await opened.sell()
        opened.long_ago()
        yield opened


async def oids(shop: Shop) -> list[str]:
    return [line["oid"] for line in (await shop.trade())["full_order_info"]["orders"]]


async def status(shop: Shop) -> str:
    told: str = (await shop.trade())["full_order_info"]["order_info"]["status"]
    return told


def shipments(shop: Shop) -> dict[str, tuple[str, list[int], int]]:
    return {
        key.removeprefix(f"{TID}/"): (doc["carrier"], doc["lines"], doc["told"])
        for key, doc in shop.ledger.each("shipment")
    }


async def test_a_whole_order_leaves_with_one_number(shop: Shop) -> None:
    answer = await shop.call(CONFIRM, "3.0.0", PARCEL)
    (pushed,) = await shop.hub.has_heard("trade_TradeSellerShip")

    assert {"is_success": True} == answer["response"] == answer["data"]
    assert {"SF1000000000001": ("7", [1, 2, 3, 4, 5], 1)} == shipments(shop)
    assert "WAIT_BUYER_CONFIRM_GOODS" == await status(shop) == pushed.body["status"]
    assert "shipped" == (shop.ledger.get("order", TID) or {})["standing"]


async def test_the_same_again_is_a_yes_and_counts(shop: Shop) -> None:
    await shop.call(CONFIRM, "3.0.0", PARCEL)
    again = await shop.call(CONFIRM, "3.0.0", {**PARCEL, "oids": ",".join(await oids(shop))})

    assert again["success"]
    assert {"SF1000000000001": ("7", [1, 2, 3, 4, 5], 2)} == shipments(shop)
    assert 1 == len(await shop.hub.has_heard("trade_TradeSellerShip"))


async def test_a_lost_answer_ships_once(shop: Shop) -> None:
    shop.world.plan_of("youzan").switch(Fault.FAIL_AFTER, 1)
    path, token = f"{shop.url}/api/{CONFIRM}/3.0.0", {"access_token": shop.token}
    first = await shop.http.post(path, params=token, json=PARCEL)
    shop.world.plan_of("youzan").switch(Fault.FAIL_AFTER, 0)
    second = await shop.call(CONFIRM, "3.0.0", PARCEL)

    assert (503, True) == (first.status_code, second["success"])
    assert {"SF1000000000001": ("7", [1, 2, 3, 4, 5], 2)} == shipments(shop)


async def test_an_order_leaves_in_parts_and_is_shipped_with_the_last(shop: Shop) -> None:
    lines = await oids(shop)
    first = {**PARCEL, "oids": lines[:2]}
    rest = {"tid": TID, "out_stype": 3, "out_sid": "78000000000001", "oids": ",".join(lines[2:])}
    await shop.call(CONFIRM, "3.0.0", first)
    between = await status(shop)
    (partly,) = await shop.hub.has_heard("trade_TradePartlySellerShip")
    await shop.call(CONFIRM, "3.0.0", rest)

    assert ("WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_CONFIRM_GOODS") == (between, await status(shop))
    assert (",".join(lines[:2]), "7") == (partly.message["oids"], partly.message["express_id"])
    assert {"SF1000000000001": ("7", [1, 2], 1), "78000000000001": ("3", [3, 4, 5], 1)} == (
        shipments(shop)
    )
    told = (await shop.trade())["delivery_order"]
    assert [(7, "SF1000000000001"), (3, "78000000000001")] == [
        (info["express_id"], info["express_no"])
        for each in told
        for info in [each["dists"][0]["express_info"]]
    ]
    assert [lines[:2], lines[2:]] == [[named["oid"] for named in each["oids"]] for each in told]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"tid": "E20260101000007000099999"}, 105000016),
        ({"tid": None}, 105000016),
        ({"out_stype": "999"}, 105000016),
        ({"out_stype": "sf"}, 105000016),
        ({"out_stype": ""}, 105000016),
        ({"out_sid": "SF-1000"}, 105000003),
        ({"out_sid": "sf1000000000001"}, 105000003),
        ({"out_sid": "1234567"}, 105000003),
        ({"out_sid": None}, 105000003),
        ({"oids": "one"}, 102599996),
        ({"oids": ["2000000000000000001"]}, 102570020),
        ({"oids": "2000000000000000001"}, 102570020),
    ],
)
async def test_a_shipment_that_makes_no_sense_is_refused(
    shop: Shop, wrong: dict[str, Any], code: int
) -> None:
    answer = await shop.call(CONFIRM, "3.0.0", {**PARCEL, **wrong})

    assert code == answer["error_response"]["code"] == answer["code"]
    assert not answer["success"]
    assert {} == shipments(shop)


async def test_a_line_does_not_leave_twice_under_different_numbers(shop: Shop) -> None:
    await shop.call(CONFIRM, "3.0.0", {**PARCEL, "oids": (await oids(shop))[0]})
    answer = await shop.call(CONFIRM, "3.0.0", {**PARCEL, "out_sid": "SF1000000000002"})

    assert 105000003 == answer["error_response"]["code"]
    assert {"SF1000000000001": ("7", [1], 1)} == shipments(shop)


async def test_nothing_of_a_closed_order_leaves(shop: Shop) -> None:
    await shop.deed(BUYER_CANCELLED, order_no=TID)

    answer = await shop.call(CONFIRM, "3.0.0", PARCEL)

    assert 102570020 == answer["error_response"]["code"]
    assert {} == shipments(shop)


async def test_nothing_leaves_while_the_platform_looks_at_the_order(shop: Shop) -> None:
    await shop.deed(REVIEW_BEGAN, order_no=TID)
    meanwhile = await shop.call(CONFIRM, "3.0.0", PARCEL)
    await shop.deed(REVIEW_ENDED, order_no=TID)
    after = await shop.call(CONFIRM, "3.0.0", PARCEL)

    assert (102570020, 200) == (meanwhile["code"], after["code"])


async def test_a_parcel_without_a_carrier_has_no_number(shop: Shop) -> None:
    answer = await shop.call(CONFIRM, "3.0.0", {"tid": TID, "is_no_express": 1})

    assert answer["success"]
    assert {"": ("", [1, 2, 3, 4, 5], 1)} == shipments(shop)


async def test_a_number_that_changes_takes_its_lines_along(shop: Shop) -> None:
    await shop.call(CONFIRM, "3.0.0", PARCEL)
    moved = {"tid": TID, "out_stype": "3", "out_sid": "78000000000001"}
    first = await shop.call(UPDATE, "3.0.0", {**moved, "oids": (await oids(shop))[:1]})
    halfway = shipments(shop)
    await shop.call(UPDATE, "3.0.0", moved)
    again = await shop.call(UPDATE, "3.0.0", moved)

    assert first["success"]
    assert {"SF1000000000001": ("7", [2, 3, 4, 5], 1), "78000000000001": ("3", [1], 1)} == halfway
    assert again["success"]
    assert {"78000000000001": ("3", [1, 2, 3, 4, 5], 2)} == shipments(shop)


async def test_a_number_of_what_has_not_left_can_not_change(shop: Shop) -> None:
    answer = await shop.call(UPDATE, "3.0.0", PARCEL)
    named = await shop.call(UPDATE, "3.0.0", {**PARCEL, "oids": (await oids(shop))[:1]})

    assert [102570020, 102570020] == [answer["code"], named["code"]]


@pytest.mark.parametrize("company", [1, 2, 3, 4, 6, 7, 11, 12, 25, 28, 38, 67, 85, 138])
async def test_every_known_company_is_taken(shop: Shop, company: int) -> None:
    assert (await shop.call(CONFIRM, "3.0.0", {**PARCEL, "out_stype": company}))["success"]


async def test_what_left_is_known_after_a_restart(tmp_path: Path) -> None:
    async with trading(tmp_path) as shop:
        await shop.sell()
        await shop.call(CONFIRM, "3.0.0", PARCEL)
    async with trading(tmp_path) as shop:
        again = await shop.call(CONFIRM, "3.0.0", PARCEL)

        assert again["success"]
        assert {"SF1000000000001": ("7", [1, 2, 3, 4, 5], 2)} == shipments(shop)
