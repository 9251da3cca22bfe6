"""The Douyin shop's orders as it shows them: fen, seconds, big ids, hidden buyers (2.3)."""

import json
from pathlib import Path

import pytest

from infra.sandbox.shop import BUYER_CANCELLED, BUYER_MOVED, REVIEW_BEGAN, REVIEW_ENDED
from tests.sandbox.douyin_client import Json, Shop, opened

BEYOND = 2**53  # where a float forgets


def kept(shop: Shop, number: str) -> Json:
    order = shop.ledger.get("order", number)
    assert order is not None
    return order


async def opened_seals(shop: Shop, number: str, *ciphers: str) -> list[Json]:
    infos = [{"auth_id": number, "cipher_text": cipher} for cipher in ciphers]
    told: list[Json] = (await shop.data("order.batchDecrypt", {"cipher_infos": infos}))[
        "decrypt_infos"
    ]
    return told


async def test_an_order_is_whole_fen_epoch_seconds_and_ids_as_text(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        order = await shop.order(sample["order_no"])
        paid_at = kept(shop, sample["order_no"])["paid_at"]

    lines = order["sku_order_list"]
    assert (sample["order_no"], 7001002, 2) == (
        order["order_id"],
        order["shop_id"],
        order["order_status"],
    )
    assert sample["pay_amount"] == order["pay_amount"]
    assert sample["freight"] == order["post_amount"]
    assert order["order_amount"] == order["pay_amount"] + order["promotion_amount"]
    assert paid_at // 1000 == order["pay_time"] == order["create_time"] == order["update_time"]
    assert sample["remark"] == order["buyer_words"]
    assert sample["leader_id"] == lines[0]["author_name"]
    assert [(item["sku"], item["quantity"], item["paid_amount"]) for item in sample["items"]] == [
        (line["code"], line["item_num"], line["pay_amount"]) for line in lines
    ]


async def test_the_first_line_has_the_orders_number_and_the_others_numbers_of_their_own(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as shop:
        orders = [await shop.order((await shop.sell(n))["order_no"]) for n in range(1, 9)]

    ids = [line["order_id"] for order in orders for line in order["sku_order_list"]]
    assert len(ids) == len(set(ids))
    assert all(BEYOND < int(number) < 2**63 for number in ids)
    for order in orders:
        assert order["sku_order_list"][0]["order_id"] == order["order_id"]
        assert {line["parent_order_id"] for line in order["sku_order_list"]} == {order["order_id"]}


async def test_the_buyer_is_hidden_but_for_the_areas(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        order = await shop.order(sample["order_no"])

    receiver, address = sample["receiver"], order["post_addr"]
    for hidden in ("name", "phone", "address"):
        assert receiver[hidden] not in json.dumps(order, ensure_ascii=False)
    assert receiver["district"] == address["town"]["name"]
    assert (receiver["province"], receiver["city"]) == (
        address["province"]["name"],
        address["city"]["name"],
    )
    assert {"name": "", "id": ""} == address["street"]
    assert receiver["phone"][:3] + "****" + receiver["phone"][-4:] == order["mask_post_tel"]
    assert order["mask_post_receiver"].startswith(receiver["name"][0] + "*")


async def test_only_the_shop_opens_a_seal_and_only_for_its_order(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample, other = await shop.sell(1), await shop.sell(2)
        order = await shop.order(sample["order_no"])
        ciphers = (
            order["encrypt_post_receiver"],
            order["encrypt_post_tel"],
            order["post_addr"]["encrypt_detail"],
        )
        mine = await opened_seals(shop, sample["order_no"], *ciphers)
        strange = [
            *await opened_seals(shop, other["order_no"], ciphers[0]),
            *await opened_seals(shop, "1", ciphers[0]),
            *await opened_seals(shop, sample["order_no"], "#密文#1##"),
        ]

    receiver = sample["receiver"]
    assert [receiver["name"], receiver["phone"], receiver["address"]] == [
        info["decrypt_text"] for info in mine
    ]
    assert [(0, ciphers[0]), (0, ciphers[1]), (0, ciphers[2])] == [
        (info["err_no"], info["cipher_text"]) for info in mine
    ]
    assert [2, 3, 1] == [info["data_type"] for info in mine]
    assert all(info["err_no"] and info["err_msg"] and not info["decrypt_text"] for info in strange)


async def test_a_household_is_one_buyer_and_has_the_same_seals_in_every_order(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        again = {**sample, "order_no": "6900000700000999999"}
        await shop.world.tell("buyer_ordered", again)
        one, two = await shop.order(sample["order_no"]), await shop.order(again["order_no"])

    for same in ("doudian_open_id", "encrypt_post_tel", "encrypt_post_receiver", "post_addr"):
        assert one[same] == two[same]


async def test_fifty_seals_are_the_most_at_once(tmp_path: Path) -> None:
    info = {"auth_id": "1", "cipher_text": "#"}
    async with opened(tmp_path) as shop:
        answers = [
            await shop.ask("order.batchDecrypt", {"cipher_infos": infos})
            for infos in ([info] * 50, [info] * 51, [], "all", [info, "all"])
        ]

    assert [10000, 40004, 40002, 40004, 40004] == [answer["code"] for answer in answers]


async def test_an_order_under_review_is_paid_and_to_be_processed(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        number = (await shop.sell())["order_no"]
        await shop.deed(REVIEW_BEGAN, order_no=number)
        under, held = await shop.order(number), kept(shop, number)
        await shop.deed(REVIEW_ENDED, order_no=number)
        after, free = await shop.order(number), kept(shop, number)

    assert (105, "pending", False) == (under["order_status"], held["standing"], held["due"])
    assert (2, "due", True) == (after["order_status"], free["standing"], free["due"])


async def test_a_moved_order_has_new_seals_and_the_old_ones_still_open(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        number = sample["order_no"]
        before = await shop.order(number)
        moved = {**sample["receiver"], "district": "西湖区", "address": "文三路 1 号"}
        await shop.deed(BUYER_MOVED, order_no=number, receiver=moved)
        after = await shop.order(number)
        old, new = (order["post_addr"]["encrypt_detail"] for order in (before, after))
        seals = await opened_seals(shop, number, old, new)

    assert "西湖区" == after["post_addr"]["town"]["name"]
    assert before["doudian_open_id"] == after["doudian_open_id"]
    assert [sample["receiver"]["address"], "文三路 1 号"] == [i["decrypt_text"] for i in seals]


async def test_a_cancelled_order_is_closed_and_its_money_went_back_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        number = sample["order_no"]
        for _ in range(2):
            await shop.deed(BUYER_CANCELLED, order_no=number)
        order, record = await shop.order(number), kept(shop, number)
        refunds = dict(shop.ledger.each("refund"))

    assert (4, 21) == (order["order_status"], order["main_status"])
    assert ("cancelled", False) == (record["standing"], record["due"])
    assert {
        f"{number}/cancelled": {"order_no": number, "amount_fen": sample["pay_amount"]}
    } == refunds


@pytest.mark.parametrize("deed", [BUYER_CANCELLED, BUYER_MOVED, REVIEW_BEGAN, REVIEW_ENDED])
async def test_deeds_at_other_shops_or_on_unknown_orders_change_nothing(
    tmp_path: Path, deed: str
) -> None:
    async with opened(tmp_path) as shop:
        number = (await shop.sell())["order_no"]
        before = kept(shop, number)
        await shop.world.tell(deed, {"channel": "youzan", "order_no": number, "receiver": {}})
        await shop.deed(deed, order_no="1", receiver={})

        assert before == kept(shop, number)


async def test_only_its_own_orders_are_sold_and_each_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        await shop.sell()
        await shop.world.tell("buyer_ordered", {**sample, "channel": "youzan", "order_no": "E1"})

        assert 1 == shop.ledger.count("order")
        assert 2 == shop.ledger.count("message")
