"""Pinduoduo's message socket: every message until it is acknowledged (protocols 1.4)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from infra.sandbox.faults import Fault
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.pinduoduo_socket import digest
from tests.sandbox.pinduoduo_client import ORDER, Pinduoduo, opened

pytestmark = pytest.mark.usefixtures("patience")


@pytest.fixture
async def patience() -> AsyncIterator[None]:
    """Give up on a message that never comes."""
    async with asyncio.timeout(30):
        yield


@pytest.fixture
async def pdd(tmp_path: Path) -> AsyncIterator[Pinduoduo]:
    async with opened(tmp_path) as pdd:
        yield pdd


def acknowledged(pdd: Pinduoduo) -> list[bool]:
    return [push["acknowledged"] for _, push in pdd.ledger.each("push")]


def test_the_digest_is_that_of_the_published_rule() -> None:
    wanted = "NTUzNzYxNzFkNDIzZTk5ZjZlODM4YjNjYmY2NjUzMDU="

    assert digest("cid", "1700000000000", "TESTSECRET") == wanted


@pytest.mark.parametrize(
    "wrong",
    [
        {"digest": "NTUzNzYxNzFkNDIzZTk5ZjZlODM4YjNjYmY2NjUzMDU="},
        {"ms": "1700000000000"},
        {"ms": "1700000000"},
        {"ms": "today"},
        {"client": "somebody"},
    ],
)
async def test_who_did_not_sign_just_now_is_not_let_in(
    pdd: Pinduoduo, wrong: dict[str, str]
) -> None:
    with pytest.raises(InvalidStatus):
        async with connect(pdd.address(**wrong), proxy=None):
            pass


async def test_a_message_is_a_text_within_a_frame(pdd: Pinduoduo) -> None:
    await pdd.sell()

    async with pdd.session() as session:
        frame = await session.hear()

    assert frame.keys() == {"id", "commandType", "time", "sendTime", "message"}
    assert (frame["commandType"], type(frame["id"])) == ("Common", int)
    message = frame["message"]
    assert (message["type"], message["mallID"]) == ("pdd_trade_TradeConfirmed", 7001001)
    assert json.loads(message["content"]) == {"mall_id": 7001001, "tid": ORDER}


async def test_what_was_acknowledged_does_not_come_again(pdd: Pinduoduo) -> None:
    await pdd.sell()
    async with pdd.session() as session:
        await session.acknowledge(await session.hear())
        kept = acknowledged(pdd)
    async with pdd.session() as session:
        assert await session.beat() == []

    assert kept == [True]


async def test_a_message_without_an_answer_comes_again_under_another_id(tmp_path: Path) -> None:
    async with opened(tmp_path, ack_s=0.05) as pdd, pdd.session() as session:
        await pdd.sell()
        first, second = await session.hear(), await session.hear()

        kept = pdd.ledger.get("order", ORDER) or {}
        assert first["message"] == second["message"]
        assert first["id"] != second["id"]
        assert first["time"] == second["time"] == kept["updated_at"]


async def test_a_late_ack_is_believed(tmp_path: Path) -> None:
    """The client was slow, and the platform has sent it once more already."""
    async with opened(tmp_path, ack_s=0.05) as pdd:
        async with pdd.session() as session:
            await pdd.sell()
            first, _ = await session.hear(), await session.hear()
            await session.acknowledge(first)

        assert acknowledged(pdd) == [True]


async def test_a_message_that_failed_comes_again_under_another_id(pdd: Pinduoduo) -> None:
    async with pdd.session() as session:
        await pdd.sell()
        first = await session.hear()
        await session.say(id=first["id"], commandType="Fail", failReason="database away")
        second = await session.hear()
        kept = acknowledged(pdd)
        await session.acknowledge(second)

    assert first["message"] == second["message"]
    assert first["id"] != second["id"]
    assert (kept, acknowledged(pdd)) == ([False], [True])


async def test_what_a_session_left_behind_goes_out_in_the_next(pdd: Pinduoduo) -> None:
    await pdd.sell()
    async with pdd.session() as session:
        first = await session.hear()
    async with pdd.session() as session:
        second = await session.hear()

    assert (first["message"], first["id"] != second["id"]) == (second["message"], True)


async def test_only_a_few_messages_are_in_flight(pdd: Pinduoduo) -> None:
    for n in range(1, 13):
        await pdd.sell(n)

    async with pdd.session() as session:
        frames = [await session.hear() for _ in range(8)]
        assert await session.beat() == []
        for _ in range(4):
            await session.say(id=frames.pop()["id"], commandType="Ack")
            frames.append(await session.hear())

    assert sum(acknowledged(pdd)) == 4


async def test_a_heartbeat_is_answered(pdd: Pinduoduo) -> None:
    async with pdd.session() as session:
        await session.say(id=5, commandType="HeartBeat", time=1, version="1.1.6", timeMetrics={})
        frame = await session.hear()

    assert (frame["id"], frame["commandType"]) == (5, "HeartBeat")
    assert abs(frame["time"] - time.time() * 1000) < 60_000


@pytest.mark.parametrize("rubbish", ["", "{", "[]", "[" * 50_000, b"\xff", '{"commandType":"Ack"}'])
async def test_rubbish_is_not_answered_and_breaks_nothing(
    pdd: Pinduoduo, rubbish: str | bytes
) -> None:
    await pdd.sell()
    async with pdd.session() as session:
        await session.hear()
        await session.socket.send(rubbish)
        await session.say(id="12 34", commandType="Fail")

        assert await session.beat() == []
    assert acknowledged(pdd) == [False]


async def test_a_restart_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as pdd:
        for n in (1, 2):
            await pdd.sell(n)
        async with pdd.session() as session:
            await session.acknowledge(await session.hear())

    async with opened(tmp_path) as pdd, pdd.session() as session:
        frame = await session.hear()
        assert json.loads(frame["message"]["content"])["tid"] == "260101-000007000000002"
        await session.acknowledge(frame)
        assert acknowledged(pdd) == [True, True]


async def test_every_deed_is_pushed(pdd: Pinduoduo) -> None:
    await pdd.sell()
    for event in ("review_began", "review_ended"):
        await pdd.tell(event, order_no=ORDER)
    await pdd.tell("buyer_moved", order_no=ORDER, receiver={"address": "文三路 90 号"})
    await pdd.claim("1")
    await pdd.tell("buyer_withdrew", claim="1")
    await pdd.tell("buyer_cancelled", order_no=ORDER)

    async with pdd.session() as session:
        kinds = [(await session.hear())["message"]["type"] for _ in range(8)]

    assert kinds == [
        "pdd_trade_TradeConfirmed",
        "pdd_trade_TradeRiskChanged",
        "pdd_trade_TradeRiskChanged",
        "pdd_trade_TradeLogisticsAddressChanged",
        "pdd_refund_RefundCreated",
        "pdd_refund_RefundClosed",
        "pdd_refund_RefundCreated",
        "pdd_refund_RefundAgreeAgreement",
    ]


async def test_other_shops_orders_are_not_ours(pdd: Pinduoduo) -> None:
    await pdd.world.tell("buyer_ordered", {"channel": "douyin", "order_no": "1"})

    assert pdd.ledger.count("order") == 0


async def test_a_sale_that_is_told_twice_is_sold_once(pdd: Pinduoduo) -> None:
    for _ in range(2):
        await pdd.sell()

    assert (pdd.ledger.count("order"), pdd.ledger.count("push")) == (1, 1)


async def test_a_duplicate_has_an_id_of_its_own(pdd: Pinduoduo) -> None:
    await pdd.sell()
    with pdd.rig.always(Fault.DUPLICATE_PUSH):
        async with pdd.session() as session:
            first, second = await session.hear(), await session.hear()
            await session.acknowledge(second)

    assert (first["message"], first["id"] != second["id"]) == (second["message"], True)
    assert acknowledged(pdd) == [True]


async def test_a_lost_push_never_comes(tmp_path: Path) -> None:
    async with opened(tmp_path) as pdd:
        with pdd.rig.always(Fault.LOST_PUSH):
            await pdd.sell(1)
        await pdd.sell(2)
        assert await numbers_heard(pdd) == ["260101-000007000000002"]
    async with opened(tmp_path) as pdd:
        assert await numbers_heard(pdd) == ["260101-000007000000002"]


async def test_a_push_that_is_held_back_comes_after_later_ones(pdd: Pinduoduo) -> None:
    with pdd.rig.always(Fault.OUT_OF_ORDER_PUSH):
        await pdd.sell(1)
    await pdd.sell(2)

    async with pdd.session() as session:
        frames = [await session.hear(), await session.hear()]

    assert [number_in(frame) for frame in frames] == ["260101-000007000000002", ORDER]


async def test_a_session_that_is_dropped_leaves_its_messages_to_the_next(pdd: Pinduoduo) -> None:
    await pdd.sell()
    with pdd.rig.always(Fault.SESSION_LOST):
        async with pdd.session() as session:
            first = await session.hear()
            with pytest.raises(ConnectionClosed):
                await session.hear()

    async with pdd.session() as session:
        second = await session.hear()
    assert (first["message"], first["id"] != second["id"]) == (second["message"], True)


def number_in(frame: Doc) -> str:
    return str(json.loads(frame["message"]["content"])["tid"])


async def numbers_heard(pdd: Pinduoduo) -> list[str]:
    """Tell the orders of all that waits, by a session that acknowledges nothing."""
    async with pdd.session() as session:
        frames = [await session.hear(), *await session.beat()]
    return [number_in(frame) for frame in frames]
