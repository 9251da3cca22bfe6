"""Which parcels the Douyin shop does not believe in, and what can no longer be shipped."""

from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.shop import BUYER_CANCELLED, BUYER_MOVED, REVIEW_BEGAN
from tests.sandbox.douyin_client import Json, opened
from tests.sandbox.test_douyin_shipping import SF, ZTO, a_pack, shipments


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"order_id": "1"}, 50002),
        ({"order_id": ""}, 40002),
        ({"company_code": "pigeon"}, 40004),
        ({"company_code": ""}, 40002),
        ({"logistics_code": "SF 100000001"}, 40004),
        ({"logistics_code": "sf1000000000001"}, 40004),
        ({"logistics_code": "SF1"}, 40004),
        ({"logistics_code": "9" * 33}, 40004),
        ({"logistics_code": ""}, 40002),
    ],
)
@pytest.mark.parametrize("method", ["order.logisticsAdd", "order.logisticsAddSinglePack"])
async def test_a_parcel_that_makes_no_sense_is_refused(
    tmp_path: Path, method: str, wrong: Json, code: int
) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        answer = await shop.ask(method, {**a_pack(sample, 1), **wrong})

        assert code == answer["code"]
        assert 0 == shop.ledger.count("shipment")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([{"shipped_order_id": "1", "shipped_num": 1}], 40004),
        # The second line of the order after it: not one of this order's.
        ([{"shipped_order_id": "6900000700100000002", "shipped_num": 1}], 40004),
        ([{"shipped_order_id": "6900000700000000001", "shipped_num": 1}], 40004),  # it has two
        ([{"shipped_order_id": "6900000700000000001"}], 40002),
        ([{"shipped_num": 2}], 40002),
        ([], 40002),
        ("all", 40004),
    ],
)
async def test_lines_that_the_order_does_not_have_are_refused(
    tmp_path: Path, lines: Any, code: int
) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        wish = {**a_pack(sample, 1), "order_list": lines}

        assert code == (await shop.ask("order.logisticsAddSinglePack", wish))["code"]
        assert 0 == shop.ledger.count("shipment")


async def test_a_line_goes_out_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        await shop.data("order.logisticsAddSinglePack", a_pack(sample, 1, 2))
        answers = [
            await shop.ask("order.logisticsAddSinglePack", a_pack(sample, 2, 3, **ZTO)),
            await shop.ask("order.logisticsAddSinglePack", a_pack(sample, 3)),  # the same number
        ]
        await shop.data("order.logisticsAdd", {"order_id": sample["order_no"], **ZTO})
        late = {"order_id": sample["order_no"], **SF, "logistics_code": "SF1000000000009"}
        answers.append(await shop.ask("order.logisticsAdd", late))

        assert [[1, 2], [3, 4, 5]] == [known["lines"] for known in shipments(shop).values()]
    assert [50002] * 3 == [answer["code"] for answer in answers]


@pytest.mark.parametrize("deed", [REVIEW_BEGAN, BUYER_CANCELLED])
async def test_what_is_under_review_or_closed_can_not_be_shipped(tmp_path: Path, deed: str) -> None:
    async with opened(tmp_path) as shop:
        number = (await shop.sell())["order_no"]
        await shop.deed(deed, order_no=number)
        answer = await shop.ask("order.logisticsAdd", {"order_id": number, **SF})

    assert (50002, "isv.business-failed") == (answer["code"], answer["sub_code"])


async def test_a_shipped_order_is_neither_moved_nor_cancelled(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        number = sample["order_no"]
        await shop.data("order.logisticsAdd", {"order_id": number, **SF})
        before = shop.ledger.get("order", number)
        await shop.deed(BUYER_CANCELLED, order_no=number)
        await shop.deed(BUYER_MOVED, order_no=number, receiver={})

        assert before == shop.ledger.get("order", number)


async def test_a_number_of_a_parcel_that_never_was_can_not_change(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        number = (await shop.sell())["order_no"]

        answer = await shop.ask("order.logisticsEdit", {"order_id": number, **SF})

    assert 50002 == answer["code"]
