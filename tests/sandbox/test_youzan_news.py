"""What Youzan pushes: signed over its very bytes, resent until understood, and a probe."""

from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.partners.youzan_news import encoded
from infra.sandbox.partners.youzan_wire import body_sign, event_sign
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.shop import (
    BUYER_CANCELLED,
    BUYER_MOVED,
    BUYER_ORDERED,
    REVIEW_BEGAN,
    REVIEW_ENDED,
    now_ms,
)
from tests.sandbox.youzan_client import TID, Hub, listening, opened, trading

ELSEWHERE = {"name": "李雷", "phone": "13900000000", "district": "西湖区", "address": "文三路 1 号"}


def test_the_documents_vectors_come_out() -> None:
    body = b'{"type":"trade_TradePaid","id":"E1"}'
    message = encoded({"tid": "E1"})

    assert "ad770400b64fb499848525506d01d2e6" == event_sign("cid", body, "TESTSECRET")
    assert "%7B%22tid%22%3A%22E1%22%7D" == message
    assert "7d4c587168bb11d4e712b9fc80e50b00" == body_sign("cid", message, "TESTSECRET")


def test_a_message_is_encoded_as_java_does() -> None:
    assert "%7B%22at%22%3A%22a+b%2Bc%7E*%22%7D" == encoded({"at": "a b+c~*"})


async def test_a_sale_is_pushed_whole_in_its_transient_state_and_signed(tmp_path: Path) -> None:
    async with trading(tmp_path) as shop:
        await shop.sell()
        (pay,) = await shop.hub.has_heard("trade_TradeBuyerPay")
        (paid,) = await shop.hub.has_heard("trade_TradePaid")
        kept = shop.ledger.get("order", TID) or {}

    body, signed = paid.body, b"sandbox-yz-client" + paid.raw + b"sandbox-yz-secret"
    assert md5(signed).hexdigest() == paid.headers["event-sign"]  # noqa: S324 - Youzan's signature
    assert ("trade_TradePaid", "sandbox-yz-client") == (
        paid.headers["event-type"],
        paid.headers["client-id"],
    )
    old = f"sandbox-yz-client{body['msg']}sandbox-yz-secret".encode()
    assert md5(old).hexdigest() == body["sign"]  # noqa: S324 - the same, as it was
    assert (TID, 7001003, "TRADE_PAID", False, 0) == tuple(
        body[name] for name in ("id", "kdt_id", "status", "test", "sendCount")
    )
    assert pay.body["version"] < body["version"]
    assert pay.body["msg_id"] != body["msg_id"]
    state = paid.message["full_order_info"]["order_info"]
    assert (TID, "TRADE_PAID") == (state["tid"], state["status"])
    assert ("due", True) == (kept["standing"], kept["due"])


async def test_other_shops_sales_are_not_youzans(tmp_path: Path) -> None:
    async with trading(tmp_path) as shop:
        await shop.world.tell(BUYER_ORDERED, SampleOrders(7).order(1))
        await shop.world.tell(BUYER_CANCELLED, {"channel": "miniprogram", "order_no": "MP7-00001"})

        assert 0 == shop.ledger.count("order")


@pytest.mark.parametrize("got_it", [{"code": 0, "msg": "success"}, {"code": "200"}])
async def test_a_push_is_sent_again_with_its_count_until_the_hub_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, got_it: dict[str, Any]
) -> None:
    monkeypatch.setattr("infra.sandbox.push.FIRST_WAIT_S", 0)
    async with trading(tmp_path) as shop:
        await shop.sell()
        await shop.hub.has_heard("trade_TradePaid")
        await shop.has_settled("")
        shop.hub.says({"code": 40001}, {"code": 500}, [], got_it)
        await shop.deed(BUYER_MOVED, order_no=TID, receiver=ELSEWHERE)
        pushes = await shop.hub.has_heard("trade_TradeMemoModified", 4)
        await shop.has_settled("trade_TradeMemoModified")

    assert [0, 1, 2, 3] == [each.body["sendCount"] for each in pushes]
    assert 1 == len({each.body["msg_id"] for each in pushes})
    assert 4 == len({each.headers["event-sign"] for each in pushes})


async def test_the_address_is_probed_once_in_the_shops_life(tmp_path: Path) -> None:
    async with listening(Hub()) as (hub, url):
        async with opened(tmp_path, hub, url) as shop:
            probe = await hub.was_probed()
            await shop.has_settled("probe")
        async with opened(tmp_path, hub, url) as shop:
            await shop.sell()
            await hub.has_heard("trade_TradePaid")

    assert ("trade_TradePaid", True) == (probe["type"], probe["test"])
    assert [True] == [each.body["test"] for each in hub.heard if each.body["test"]]


async def test_a_new_address_is_told_and_sealed_anew(tmp_path: Path) -> None:
    async with trading(tmp_path) as shop:
        await shop.sell()
        shop.long_ago()
        before = (await shop.trade())["full_order_info"]
        await shop.deed(BUYER_MOVED, order_no=TID, receiver=ELSEWHERE)
        (memo,) = await shop.hub.has_heard("trade_TradeMemoModified")
        after = (await shop.trade())["full_order_info"]

    assert "西湖区" == after["address_info"]["delivery_district"]
    assert before["address_info"]["receiver_tel"] != after["address_info"]["receiver_tel"]
    assert before["buyer_info"]["yz_open_id"] == after["buyer_info"]["yz_open_id"]
    assert before["order_info"]["update_time"] < after["order_info"]["update_time"]
    assert memo.message["trade_memo"] == after["remark_info"]["trade_memo"] != ""


async def test_a_cancelled_order_is_closed_by_the_buyer(tmp_path: Path) -> None:
    async with trading(tmp_path) as shop:
        await shop.sell()
        await shop.deed(BUYER_CANCELLED, order_no=TID)
        await shop.deed(BUYER_CANCELLED, order_no=TID)
        (closed,) = await shop.hub.has_heard("trade_TradeClose")
        await shop.has_settled("trade_TradeClose")
        state = (await shop.trade())["full_order_info"]["order_info"]
        kept = shop.ledger.get("order", TID) or {}

    assert (4, "TRADE_CLOSED") == (closed.message["close_type"], closed.body["status"])
    assert ("TRADE_CLOSED", 4) == (state["status"], state["close_type"])
    assert ("cancelled", False) == (kept["standing"], kept["due"])


async def test_what_was_shipped_is_neither_moved_nor_cancelled(tmp_path: Path) -> None:
    async with trading(tmp_path) as shop:
        await shop.sell()
        parcel = {"tid": TID, "out_stype": 7, "out_sid": "SF1000000000001"}
        await shop.call("youzan.logistics.online.confirm", "3.0.0", parcel)
        before = shop.ledger.get("order", TID)
        await shop.deed(BUYER_CANCELLED, order_no=TID)
        await shop.deed(BUYER_MOVED, order_no=TID, receiver=ELSEWHERE)

        assert before == shop.ledger.get("order", TID)


async def test_a_review_holds_the_order_and_its_end_is_told_as_a_sale(tmp_path: Path) -> None:
    async with trading(tmp_path) as shop:
        await shop.sell()
        shop.long_ago(at_ms=now_ms() - 60_000)
        await shop.deed(REVIEW_BEGAN, order_no=TID)
        held = (await shop.trade())["full_order_info"]["order_info"]["status"]
        due = (shop.ledger.get("order", TID) or {})["due"]
        await shop.deed(REVIEW_ENDED, order_no=TID)
        released = (await shop.hub.has_heard("trade_TradeBuyerPay", 2))[1]
        (memo,) = await shop.hub.has_heard("trade_TradeMemoModified")

    assert ("WAIT_CONFIRM", False) == (held, due)
    assert "WAIT_CONFIRM" == memo.body["status"]
    assert "WAIT_SELLER_SEND_GOODS" == released.body["status"]
    assert memo.body["version"] < released.body["version"]


async def test_what_the_hub_never_had_is_pushed_after_a_restart(tmp_path: Path) -> None:
    async with listening(Hub(*[{"code": 1}] * 100)) as (hub, url):
        async with opened(tmp_path, hub, url) as shop:
            await shop.sell()
            before = len(await hub.has_heard("trade_TradePaid"))
        hub.says()
        async with opened(tmp_path, hub, url) as shop:
            pushes = await hub.has_heard("trade_TradePaid", before + 1)
            await shop.has_settled("trade_TradePaid")

    counts = [each.body["sendCount"] for each in pushes]
    assert sorted(set(counts)) == counts  # they go on rising where they stopped
