"""How orders are found at the Douyin shop: by number, by window, page by page (2.3)."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.douyin_client import Json, opened


async def test_a_list_is_paged_from_zero_and_misses_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sold = {(await shop.sell(n))["order_no"] for n in range(1, 8)}
        wish = {"size": 3, "order_by": "update_time", "order_asc": True}
        pages = [await shop.data("order.searchList", {**wish, "page": n}) for n in range(4)]

    told = [[order["order_id"] for order in page["shop_order_list"]] for page in pages]
    assert [3, 3, 1, 0] == [len(page) for page in told]
    assert sold == {number for page in told for number in page}
    assert {7} == {page["total"] for page in pages}
    assert [0, 1, 2, 3] == [page["page"] for page in pages]


async def test_a_list_is_of_a_window_and_of_statuses(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        old, new = (await shop.sell(1))["order_no"], (await shop.sell(2))["order_no"]
        shop.ledger.amend("order", old, paid_at=1_700_000_000_000, updated_at=1_700_000_100_000)

        async def found(**wish: Any) -> list[str]:
            data = await shop.data("order.searchList", {"page": "0", "size": "100", **wish})
            return [order["order_id"] for order in data["shop_order_list"]]

        assert [new, old] == await found()
        assert [old, new] == await found(order_asc="true")
        assert [old] == await found(create_time_start=1_700_000_000, create_time_end=1_700_000_000)
        assert [] == await found(create_time_end=1_699_999_999)
        assert [old] == await found(update_time_start=1_700_000_100, update_time_end=1_700_000_100)
        assert [new] == await found(update_time_start="1700000101")
        assert [new, old] == await found(combine_status=[{"order_status": "2,3"}])
        assert [] == await found(combine_status=[{"order_status": 105}])


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"page": 0}, 40002),
        ({"size": 10}, 40002),
        ({"page": 0, "size": 101}, 40004),
        ({"page": 0, "size": 0}, 40004),
        ({"page": -1, "size": 10}, 40004),
        ({"page": True, "size": 10}, 40004),
        ({"page": 0, "size": 1.5}, 40004),
        ({"page": 0, "size": 10, "order_by": "pay_time"}, 40004),
        ({"page": 0, "size": 10, "order_by": ["update_time"]}, 40004),
        ({"page": 0, "size": 10, "update_time_start": "today"}, 40004),
        ({"page": 0, "size": 10, "update_time_start": 2, "update_time_end": 1}, 40004),
        ({"page": 0, "size": 10, "combine_status": "2"}, 40004),
    ],
)
async def test_a_list_that_is_asked_for_wrongly_is_refused(
    tmp_path: Path, wish: Json, code: int
) -> None:
    async with opened(tmp_path) as shop:
        await shop.sell()
        answer = await shop.ask("order.searchList", wish)

    assert code == answer["code"]
    assert answer["sub_msg"]


@pytest.mark.parametrize(
    ("wish", "code"),
    [({}, 40002), ({"shop_order_id": "1"}, 50002), ({"shop_order_id": {}}, 40004)],
)
async def test_an_order_that_is_not_there_is_refused(tmp_path: Path, wish: Json, code: int) -> None:
    async with opened(tmp_path) as shop:
        assert code == (await shop.ask("order.orderDetail", wish))["code"]


async def test_the_carriers_that_it_knows_are_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        companies = await shop.data("order.logisticsCompanyList", {})

    assert {"shunfeng", "zhongtong", "debangwuliu"} <= {company["code"] for company in companies}
