"""Pinduoduo hears what was shipped: once each, in its own numbers of carriers (protocols 1.2)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.ledger import Doc
from tests.sandbox.pinduoduo_client import ORDER, Pinduoduo, error_of, opened

SEND, ADD = "pdd.logistics.online.send", "pdd.order.upload.extra.logistics"
SF = {"order_sn": ORDER, "logistics_id": 44, "tracking_number": "SF1000000000001"}
YUNDA = {**SF, "logistics_id": 121, "tracking_number": "4312345678901"}


@pytest.fixture
async def pdd(tmp_path: Path) -> AsyncIterator[Pinduoduo]:
    async with opened(tmp_path) as pdd:
        await pdd.sell()
        yield pdd


def shipments(pdd: Pinduoduo) -> dict[str, tuple[str, int]]:
    """Tell the carrier and how often it was told, by number."""
    kept = [shipment for _, shipment in pdd.ledger.each("shipment")]
    return {doc["tracking_no"]: (doc["carrier"], doc["told"]) for doc in kept}


def pushed(pdd: Pinduoduo) -> list[str]:
    return [doc["type"] for _, doc in pdd.ledger.each("push")]


async def test_a_shipment_is_kept_once_and_counted_as_often_as_told(pdd: Pinduoduo) -> None:
    first = await pdd.ask(SEND, **SF)
    again = await pdd.ask(SEND, **SF, redelivery_type=1)

    for answer in (first, again):
        assert answer["logistics_online_send_response"]["is_success"] is True
    assert pdd.ledger.get("shipment", f"{ORDER}/SF1000000000001") == {
        "order_no": ORDER,
        "carrier": "44",
        "tracking_no": "SF1000000000001",
        "lines": [],
        "told": 2,
    }
    told = await pdd.document()
    assert (told["order_status"], told["logistics_id"]) == (2, 44)
    assert told["tracking_number"] == "SF1000000000001"
    assert told["shipping_time"] != ""
    assert pushed(pdd) == ["pdd_trade_TradeConfirmed", "pdd_trade_TradeSellerShip"]


async def test_another_number_takes_the_place_of_the_first_only_as_a_redelivery(
    pdd: Pinduoduo,
) -> None:
    early = await pdd.ask(SEND, **YUNDA, redelivery_type=2)
    await pdd.ask(SEND, **SF)
    unsaid = await pdd.ask(SEND, **YUNDA)
    kept = shipments(pdd)
    await pdd.ask(SEND, **YUNDA, redelivery_type=2)
    await pdd.ask(SEND, **YUNDA, redelivery_type=2)

    assert error_of(early) == (50002, "订单未发货,不能修改运单号")
    assert error_of(unsaid)[1].startswith("订单已发货,运单号 SF1000000000001")
    assert kept == {"SF1000000000001": ("44", 1)}
    assert shipments(pdd) == {"4312345678901": ("121", 2)}
    assert (await pdd.document())["tracking_number"] == "4312345678901"


@pytest.mark.parametrize("name", ["tracking_number", "track_no"])
async def test_further_parcels_of_an_order_are_added_once_each(pdd: Pinduoduo, name: str) -> None:
    rows = [{"shipping_id": 115, name: "78312345678901"}, {"shipping_id": 1, name: "773123456789"}]
    extra = {"order_sn": ORDER, "extra_track_list": rows, "extra_track_type": 1}

    early = await pdd.ask(ADD, **extra)
    await pdd.ask(SEND, **SF)
    for _ in range(2):
        answer = await pdd.ask(ADD, **extra)
        assert answer["upload_extra_logistics_response"]["success"] is True

    assert error_of(early) == (50002, "订单未发货,不能上传额外运单")
    numbers = {"78312345678901": ("115", 2), "773123456789": ("1", 2)}
    assert shipments(pdd) == {"SF1000000000001": ("44", 1), **numbers}
    assert (await pdd.document())["extra_delivery_list"] == [
        {"logistics_id": 115, "tracking_number": "78312345678901"},
        {"logistics_id": 1, "tracking_number": "773123456789"},
    ]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"order_sn": "260101-1"}, (50002, "订单不存在:260101-1")),
        ({"logistics_id": 999}, (50002, "快递公司编号不存在:logistics_id=999")),
        ({"logistics_id": "shunfeng"}, (21001, "logistics_id:必须是整数")),
        ({"logistics_id": None}, (21002, "请求参数不能为空:logistics_id")),
        ({"tracking_number": "SF 1"}, (50002, "运单号格式不正确:tracking_number")),
        ({"tracking_number": "sf1000000000001"}, (50002, "运单号格式不正确:tracking_number")),
        ({"tracking_number": "SF10000"}, (50002, "运单号格式不正确:tracking_number")),
        ({"tracking_number": None}, (21002, "请求参数不能为空:tracking_number")),
        ({"redelivery_type": 3}, (21001, "redelivery_type:取值应为 1、2")),
    ],
)
async def test_a_shipment_that_makes_no_sense_is_refused(
    pdd: Pinduoduo, changes: Doc, error: tuple[int, str]
) -> None:
    assert error_of(await pdd.ask(SEND, **{**SF, **changes})) == error
    assert pdd.ledger.count("shipment") == 0
    assert (await pdd.document())["order_status"] == 1


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([], (21002, "请求参数不能为空:extra_track_list")),
        ("no list", (21001, "extra_track_list:必须是 JSON 数组")),
        ([1], (21001, "extra_track_list:必须是 JSON 对象的数组")),
        ([{"shipping_id": 115}], (21002, "请求参数不能为空:tracking_number")),
        ([{"tracking_number": "12345678"}], (21002, "请求参数不能为空:shipping_id")),
    ],
)
async def test_further_parcels_that_make_no_sense_are_refused(
    pdd: Pinduoduo, rows: Any, error: tuple[int, str]
) -> None:
    await pdd.ask(SEND, **SF)

    answer = await pdd.ask(ADD, order_sn=ORDER, extra_track_list=rows, extra_track_type=1)

    assert error_of(answer) == error
    assert pdd.ledger.count("shipment") == 1


async def test_several_parcels_are_added_all_or_none(pdd: Pinduoduo) -> None:
    await pdd.ask(SEND, **SF)
    rows = [{"shipping_id": 115, "tracking_number": "78312345678901"}, {"shipping_id": 999}]

    answer = await pdd.ask(ADD, order_sn=ORDER, extra_track_list=rows)

    assert error_of(answer) == (50002, "快递公司编号不存在:shipping_id=999")
    assert shipments(pdd) == {"SF1000000000001": ("44", 1)}


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ("review_began", "订单审核中,不能发货"),
        ("buyer_cancelled", "订单已取消,不能发货"),
    ],
)
async def test_what_nobody_may_ship_is_refused(pdd: Pinduoduo, event: str, error: str) -> None:
    await pdd.tell(event, order_no=ORDER)

    assert error_of(await pdd.ask(SEND, **SF)) == (50002, error)
    assert pdd.ledger.count("shipment") == 0
