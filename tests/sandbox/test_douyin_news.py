"""What the Douyin shop pushes: signed arrays, repeated until the hub says "got it" (2.2)."""

import asyncio
import json
from hashlib import md5
from pathlib import Path

import pytest

from infra.sandbox.shop import BUYER_CANCELLED, BUYER_MOVED, REVIEW_BEGAN, REVIEW_ENDED
from tests.sandbox.douyin_client import APP_KEY, APP_SECRET, Hub, Json, Shop, opened


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.sandbox.push.FIRST_WAIT_S", 0)


def messages(shop: Shop) -> list[Json]:
    """Tell what was to be pushed, data and all, in the order of what happened."""
    kept = [message for _, message in shop.ledger.each("message")]
    return [{**message, "data": json.loads(message["data"])} for message in kept]


async def test_every_push_is_signed_over_its_very_bytes(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        await shop.sell()
        await shop.hub.heard("101")

    for body, headers in zip(shop.hub.bodies, shop.hub.headers, strict=True):
        text = APP_KEY.encode() + body + APP_SECRET.encode()
        assert headers["app-id"] == APP_KEY
        assert headers["event-sign"] == md5(text).hexdigest()  # noqa: S324 - the platform's own
        for message in json.loads(body):
            assert {"tag", "msg_id", "data"} == message.keys()
            assert all(isinstance(value, str) for value in message.values())


async def test_the_hub_is_probed_once_however_often_the_shop_opens(tmp_path: Path) -> None:
    hub = Hub()
    for _ in range(2):
        async with opened(tmp_path, hub) as shop:
            await hub.heard("0")
            await shop.sell()
            await hub.heard("101")

    assert [b'[{"tag":"0","msg_id":"0","data":"{}"}]'] == [
        body for body in hub.bodies if json.loads(body)[0]["tag"] == "0"
    ]


async def test_a_sale_is_told_as_created_and_as_paid_with_ids_beyond_2_to_the_53(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        created, paid = await shop.hub.heard("100"), await shop.hub.heard("101")
        order = await shop.order(sample["order_no"])

    for data in (created, paid):
        assert int(sample["order_no"]) == data["p_id"] > 2**53
        assert [int(line["order_id"]) for line in order["sku_order_list"]] == data["s_ids"]
        assert 7001002 == data["shop_id"]
    assert (1, order["create_time"]) == (created["order_status"], created["create_time"])
    assert (2, sample["pay_amount"], order["pay_time"]) == (
        paid["order_status"],
        paid["pay_amount"],
        paid["pay_time"],
    )


async def test_each_deed_has_its_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        number = sample["order_no"]
        await shop.deed(REVIEW_BEGAN, order_no=number)
        await shop.deed(REVIEW_ENDED, order_no=number)
        await shop.deed(BUYER_MOVED, order_no=number, receiver=sample["receiver"])
        await shop.deed(BUYER_CANCELLED, order_no=number)
        await shop.hub.heard("106")
        told = messages(shop)

    assert [("100", 1), ("101", 2), ("110", 105), ("101", 2), ("105", 2), ("106", 4)] == [
        (message["tag"], message["data"]["order_status"]) for message in told
    ]
    moved, closed = told[4]["data"], told[5]["data"]
    address = json.loads(moved["receiver_msg"]["addr"])
    assert sample["receiver"]["district"] == address["town"]["name"]
    assert sample["receiver"]["phone"] not in json.dumps(moved)
    assert closed["cancel_reason"]
    assert closed["cancel_time"]


async def test_some_arrays_carry_the_message_before_once_more(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        for n in range(1, 41):
            await shop.sell(n)
        pushes = [json.loads(push["body"]) for _, push in shop.ledger.each("push")]

    arrays = [push for push in pushes if push[0]["tag"] != "0"]
    doubles = [push for push in arrays if len(push) == 2]
    assert 80 == len(arrays)
    assert 8 < len(doubles) < 30  # about one in five
    assert ["100", "101"] in [[message["tag"] for message in push] for push in doubles]
    assert 80 == len({message["msg_id"] for push in arrays for message in push})


async def test_a_push_comes_again_until_the_hub_says_code_0(tmp_path: Path) -> None:
    hub = Hub(answer={"code": 40041, "msg": "try again"})

    async with opened(tmp_path, hub) as shop, asyncio.timeout(20):
        await hub.heard("0")
        async with hub.came:
            await hub.came.wait_for(lambda: len(hub.bodies) > 2)
        hub.answer = {"code": 0, "msg": "success"}
        while not (shop.ledger.get("push", "probe") or {})["acknowledged"]:  # noqa: ASYNC110 - the record is what counts, and it tells nobody
            await asyncio.sleep(0)


async def test_a_sale_that_was_never_pushed_is_pushed_after_a_restart(tmp_path: Path) -> None:
    """A kill between the sale and the push."""
    async with opened(tmp_path) as shop:
        sample = await shop.sell()
        await shop.hub.heard("101")
        for key, _ in shop.ledger.each("push"):
            shop.ledger.drop("push", key)

    async with opened(tmp_path) as shop:
        assert int(sample["order_no"]) == (await shop.hub.heard("101"))["p_id"]
        assert 2 == shop.ledger.count("message")
