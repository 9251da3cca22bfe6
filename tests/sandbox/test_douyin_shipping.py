"""How the Douyin shop hears of shipments: whole orders, split ones, corrected numbers."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.douyin_client import Json, Shop, opened

SF = {"company_code": "shunfeng", "logistics_code": "SF1000000000001"}
ZTO = {"company_code": "zhongtong", "logistics_code": "78424600000001"}


def shipments(shop: Shop) -> dict[str, Json]:
    return dict(shop.ledger.each("shipment"))


def a_pack(sample: Json, *lines: int, **more: Any) -> Json:
    """Name some lines of an order, as the shop names them."""
    number = sample["order_no"]
    info = [
        {
            "shipped_order_id": str(int(number) + (no - 1) * 100_000_000),
            "shipped_num": sample["items"][no - 1]["quantity"],
        }
        for no in lines
    ]
    return {"order_id": number, "order_list": info, **SF, **more}


async def test_a_whole_order_goes_in_one_parcel_and_is_told_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        number = sample["order_no"]
        told = [await shop.data("order.logisticsAdd", {"order_id": number, **SF}) for _ in "12"]
        order, kept = await shop.order(number), shop.ledger.get("order", number) or {}

        assert told[0] == told[1]
        assert shipments(shop) == {
            f"{number}/SF1000000000001": {
                "order_no": number,
                "carrier": "shunfeng",
                "tracking_no": "SF1000000000001",
                "lines": [1, 2, 3, 4, 5],
                "told": 2,
            }
        }
    (parcel,) = order["logistics_info"]
    assert (3, "shipped") == (order["order_status"], kept["standing"])
    assert ("SF1000000000001", "shunfeng") == (parcel["tracking_no"], parcel["company"])
    assert told[0]["pack_id"] == parcel["delivery_id"]
    assert 0 < order["ship_time"] == parcel["ship_time"]


async def test_a_split_order_is_partly_shipped_until_every_line_has_a_parcel(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        first = await shop.data("order.logisticsAddSinglePack", a_pack(sample, 1, 3))
        partly = await shop.order(sample["order_no"])
        second = await shop.data("order.logisticsAddSinglePack", a_pack(sample, 2, 4, 5, **ZTO))
        wholly = await shop.order(sample["order_no"])
        part = await shop.hub.heard("108")
        whole = await shop.hub.heard("102")

    assert [101, 3] == [partly["order_status"], wholly["order_status"]]
    assert [3, 2, 3, 2, 2] == [line["order_status"] for line in partly["sku_order_list"]]
    assert first["pack_id"] != second["pack_id"]
    assert [2, 3] == [len(parcel["product_info"]) for parcel in wholly["logistics_info"]]
    assert (101, first["pack_id"]) == (part["order_status"], part["logistics_msg"]["pack_id"])
    assert (3, "78424600000001") == (
        whole["order_status"],
        whole["logistics_msg"]["logistics_code"],
    )


async def test_the_official_clients_name_the_list_in_their_own_way(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        pack = a_pack(sample, 1)
        wish = {
            "order_id_list": [pack.pop("order_id")],
            "shipped_order_info": pack.pop("order_list"),
            **pack,
        }
        await shop.data("order.logisticsAddSinglePack", wish)

        assert [[1]] == [shipment["lines"] for shipment in shipments(shop).values()]


async def test_a_request_id_ships_once_and_is_refused_for_anything_else(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        wish = a_pack(sample, 1, 2, request_id="douyin/1/1")
        told = [await shop.data("order.logisticsAddSinglePack", wish) for _ in "12"]
        others = [
            await shop.ask("order.logisticsAddSinglePack", other)
            for other in (
                a_pack(sample, 1, request_id="douyin/1/1"),
                a_pack(sample, 1, 2, request_id="douyin/1/1", **ZTO),
            )
        ]

        assert told[0] == told[1]
        assert [2] == [shipment["told"] for shipment in shipments(shop).values()]
    for answer in others:
        assert (40003, "isv.idempotent-id-existed") == (answer["code"], answer["sub_code"])


async def test_a_number_is_corrected_and_the_old_one_is_gone(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        number = (await shop.sell())["order_no"]
        await shop.data("order.logisticsAdd", {"order_id": number, **SF})
        for _ in range(2):  # the first answer was lost
            await shop.data("order.logisticsEdit", {"order_id": number, **ZTO})
        (parcel,) = (await shop.order(number))["logistics_info"]
        changed = await shop.hub.heard("104")

        assert shipments(shop) == {
            f"{number}/78424600000001": {
                "order_no": number,
                "carrier": "zhongtong",
                "tracking_no": "78424600000001",
                "lines": [1, 2, 3, 4, 5],
                "told": 2,
                "replaced": ["SF1000000000001"],
            }
        }
    assert ("78424600000001", "zhongtong") == (parcel["tracking_no"], parcel["company"])
    assert "78424600000001" == changed["logistics_msg"]["logistics_code"]


@pytest.mark.parametrize("method", ["order.logisticsEdit", "order.logisticsEditByPack"])
async def test_of_several_parcels_the_one_that_changes_is_named(
    tmp_path: Path, method: str
) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        await shop.data("order.logisticsAddSinglePack", a_pack(sample, 1))
        second = await shop.data("order.logisticsAddSinglePack", a_pack(sample, 2, **ZTO))
        wish = {"order_id": sample["order_no"], **SF, "logistics_code": "SF1000000000009"}
        nameless = await shop.ask(method, wish)
        strange = await shop.ask(method, {**wish, "pack_id": "1"})
        await shop.data(method, {**wish, "pack_id": second["pack_id"]})

        assert [([1], "SF1000000000001"), ([2], "SF1000000000009")] == [
            (shipment["lines"], shipment["tracking_no"]) for shipment in shipments(shop).values()
        ]
    assert nameless["code"] in (40002, 40004)
    assert 50002 == strange["code"]


async def test_a_parcel_may_be_named_by_its_old_number(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        number = sample["order_no"]
        await shop.data("order.logisticsAddSinglePack", a_pack(sample, 1))
        await shop.data("order.logisticsAddSinglePack", a_pack(sample, 2, **ZTO))
        wish = {"order_id": number, "company_code": "jd", "logistics_code": "JDVA00424600001"}
        old = {"logistics_code_old": ZTO["logistics_code"]}
        await shop.data("order.logisticsEdit", {**wish, **old})

        assert {f"{number}/SF1000000000001", f"{number}/JDVA00424600001"} == shipments(shop).keys()


async def test_shipments_and_request_ids_outlive_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        wish = a_pack(sample, 1, request_id="douyin/1/1")
        before = await shop.data("order.logisticsAddSinglePack", wish)
    async with opened(tmp_path) as shop:
        after = await shop.data("order.logisticsAddSinglePack", wish)
        told = [shipment["told"] for shipment in shipments(shop).values()]

    assert before == after
    assert [2] == told
