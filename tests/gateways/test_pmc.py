"""Pinduoduo's message socket: acknowledged once kept, and not before; begun anew when it breaks."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from domain.errors import GatewayBusy
from domain.events import OrderNamed, Push, RefundNamed
from gateways.channel_shops import credentials
from gateways.pmc import PmcListener, listeners
from infra.sandbox import shop as deeds
from infra.sandbox.faults import Fault
from tests.fakes.hub import eventually
from tests.gateways.channel_stage import Stage, on_stage


@dataclass
class KeptMessages:
    """An inbox in memory; while it is ``away`` nothing can be kept."""

    pushes: dict[str, Push] = field(default_factory=dict)
    tries: int = 0
    away: bool = False

    def keep(self, door: str, key: str, push: Push) -> bool:
        self.tries += 1
        if self.away:
            raise GatewayBusy("hub", "数据库没有答复")
        is_new = f"{door}/{key}" not in self.pushes
        self.pushes.setdefault(f"{door}/{key}", push)
        return is_new


@dataclass
class Socket:
    """The channel, the inbox, and how often it was told that something new has come."""

    stage: Stage
    inbox: KeptMessages
    arrivals: list[None]

    def acknowledged(self) -> list[bool]:
        return [push["acknowledged"] for _, push in self.stage.ledger.each("push")]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage("pinduoduo", tmp_path) as stage:
        yield stage


@contextlib.asynccontextmanager
async def listening(stage: Stage, inbox: KeptMessages) -> AsyncIterator[Socket]:
    arrivals: list[None] = []
    (listener,) = listeners(stage.shops, inbox, lambda: arrivals.append(None))
    task = asyncio.create_task(listener.run())
    try:
        yield Socket(stage, inbox, arrivals)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_message_is_kept_and_then_acknowledged(stage: Stage) -> None:
    sold = await stage.sell()

    async with listening(stage, KeptMessages()) as socket:
        await eventually(lambda: socket.acknowledged() == [True])

        (push,) = socket.inbox.pushes.values()
        (event,) = stage.shops.doors["pinduoduo"].read(push)
    assert OrderNamed(channel="pinduoduo", number=sold["order_no"]) == event
    assert 1 == len(socket.arrivals)


async def test_what_can_not_be_kept_is_not_acknowledged_and_comes_again(stage: Stage) -> None:
    await stage.sell()

    async with listening(stage, KeptMessages(away=True)) as socket:
        await eventually(lambda: socket.inbox.tries > 0)
        assert [False] == socket.acknowledged()

        socket.inbox.away = False

        await eventually(lambda: socket.acknowledged() == [True])
    assert 1 == len(socket.inbox.pushes)


async def test_a_message_that_comes_twice_is_kept_once(stage: Stage) -> None:
    stage.plan.switch(Fault.DUPLICATE_PUSH, 1)
    await stage.sell()

    async with listening(stage, KeptMessages()) as socket:
        await eventually(lambda: socket.inbox.tries >= 2)

    assert 1 == len(socket.inbox.pushes)


async def test_a_session_that_breaks_is_begun_anew_and_nothing_is_lost(stage: Stage) -> None:
    async with listening(stage, KeptMessages()) as socket:
        await stage.sell(1)
        await eventually(lambda: socket.acknowledged() == [True])
        stage.plan.switch(Fault.SESSION_LOST, 1)
        await stage.sell(2)
        await stage.sell(3)
        stage.plan.switch(Fault.SESSION_LOST, 0)

        await eventually(lambda: socket.acknowledged() == [True] * 3)

    assert 3 == len(socket.inbox.pushes)


async def test_claims_of_both_protocols_are_understood_side_by_side(stage: Stage) -> None:
    """The platform changes its protocol overnight; a claim goes on as it was opened."""
    sold = await stage.sell()
    claim = {"order_no": sold["order_no"], "kind": "refund_only", "lines": [], "reason": "不要了"}
    await stage.do(deeds.BUYER_CLAIMED, claim="81", amount_fen=100, **claim)
    deeds.switch_protocol(stage.world, "pinduoduo", "3.2")
    await stage.do(deeds.BUYER_CLAIMED, claim="82", amount_fen=200, **claim)
    stage.shops.shelf.activate("pinduoduo", "3.2", by="李四", reason="平台升级")

    async with listening(stage, KeptMessages()) as socket:
        await eventually(lambda: socket.acknowledged() == [True] * 3)
    door = stage.shops.doors["pinduoduo"]
    events = [event for push in socket.inbox.pushes.values() for event in door.read(push)]

    named = {event.refund_id for event in events if isinstance(event, RefundNamed)}
    assert {"81", "82"} == named
    old, new = [await stage.shop.refund(sold["order_no"], number) for number in ("81", "82")]
    assert ("3.1", "3.2") == (old.refund.protocol, new.refund.protocol)
    assert (100, 200) == (old.refund.amount_fen, new.refund.amount_fen)


async def test_nonsense_is_kept_for_a_person(stage: Stage) -> None:
    inbox, door = KeptMessages(), stage.shops.doors["pinduoduo"]
    who = credentials(stage.shops.settings["pinduoduo"])
    listener = PmcListener("http://127.0.0.1:9", who, door, inbox, lambda: None)
    unknown = json.dumps({"commandType": "Common", "id": 7, "message": {"type": "x"}}).encode()

    answers = [await listener.answer(raw) for raw in (b"\xff", b"[]", unknown)]

    assert ["Ack"] * 3 == [answer["commandType"] for answer in answers if answer]
    assert 3 == len(inbox.pushes)
