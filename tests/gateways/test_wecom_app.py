"""Cards to the risk officers, and what comes back when a button is pressed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from channels.envelope import envelope_signature
from domain.errors import ForgedPush, GatewayBusy, GatewayRefused, Untranslatable
from domain.events import CardClicked, Push
from gateways.wecom_app import WecomCards
from gateways.wecom_callback import WecomDoor
from gateways.wecom_card import CardName
from infra.sandbox.faults import Fault
from infra.sandbox.partners import wecom_app
from infra.sandbox.partners.wecom_seal import seal
from settings import WecomApp
from tests.gateways.freezes import BUYER, a_notice
from tests.partnered import STRIKES, recall_pushes
from tests.sandbox.rig import Rig, rigged

TASK = f"guard-{BUYER}-20260206040000"
DOOR = WecomDoor(WecomApp())


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, wecom_app.build) as rig:
        yield rig
        await recall_pushes()


@pytest.fixture
def cards(rig: Rig) -> WecomCards:
    return cards_at(rig)


def cards_at(rig: Rig, **settings: object) -> WecomCards:
    made = WecomApp.model_validate({"url": rig.url, **settings})
    return WecomCards(made, rig.surroundings.http, patience_s=0.3)


def shown(rig: Rig) -> dict[str, dict[str, Any]]:
    return dict(rig.world.open_ledger("wecom_app").each("card"))


async def clicked(rig: Rig, button: str = "unfreeze", by: str = wecom_app.OFFICER) -> Push:
    await rig.world.tell(wecom_app.CARD_CLICKED, {"task_id": TASK, "button": button, "by": by})
    async with asyncio.timeout(10):
        return await rig.pushes.get()


def the_click(push: Push) -> CardClicked:
    DOOR.verify(push)
    (click,) = DOOR.read(push)
    return click


async def test_a_card_names_the_buyer_the_claims_and_three_buttons(
    rig: Rig, cards: WecomCards
) -> None:
    await cards.send(a_notice())

    card = wecom_card(rig)
    assert TASK == card["task_id"]
    assert "买家 e8fc9dda 已冻结" == card["main_title"]["title"]
    assert 3 == len(card["horizontal_content_list"])
    assert ["look", "unfreeze", "confirm"] == [button["key"] for button in card["button_list"]]


def wecom_card(rig: Rig) -> dict[str, Any]:
    card: dict[str, Any] = shown(rig)[TASK]["card"]
    return card


@pytest.mark.parametrize("fault", STRIKES)
async def test_any_fault_ends_in_one_card(rig: Rig, fault: Fault) -> None:
    rig.world.plan_of(rig.partner).switch(fault, 0.3)
    cards = cards_at(rig)

    async with asyncio.timeout(60):
        for no in ("1", "2", "3", "3"):
            while True:
                try:
                    await cards.send(a_notice(no))
                except GatewayBusy:
                    continue
                break

    assert 3 == len(shown(rig))


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"secret": "x"}, "40001"), ({"officers": ["nobody"]}, "81013"), ({"agent_id": 1}, "81013")],
)
async def test_what_wecom_refuses_names_the_settings(
    rig: Rig, settings: dict[str, object], code: str
) -> None:
    with pytest.raises(GatewayRefused, match="wecom_app") as refused:
        await cards_at(rig, **settings).send(a_notice())

    assert code == refused.value.code


async def test_a_click_comes_in_and_its_ticket_changes_the_card_once(
    rig: Rig, cards: WecomCards
) -> None:
    await cards.send(a_notice())

    click = the_click(await clicked(rig))
    await cards.close(click.ticket, "已由 张风控 解冻")

    assert (TASK, "unfreeze", "fengkong") == (click.card, click.button, click.by)
    assert [{"replace_name": "已由 张风控 解冻"}] == shown(rig)[TASK]["changes"]
    with pytest.raises(GatewayRefused):
        await cards.close(click.ticket, "又一次")


async def test_two_clicks_have_two_names_and_one_click_has_one(rig: Rig, cards: WecomCards) -> None:
    await cards.send(a_notice())
    first, second = await clicked(rig, "look"), await clicked(rig, "confirm")

    assert DOOR.key(first) == DOOR.key(first)
    assert DOOR.key(first) != DOOR.key(second)


async def test_somebody_who_is_no_officer_presses_in_vain(rig: Rig, cards: WecomCards) -> None:
    await cards.send(a_notice())

    push = await clicked(rig, by="stranger")

    DOOR.verify(push)
    assert () == DOOR.read(push)


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
async def test_a_callback_with_another_proof_is_forged(
    rig: Rig, cards: WecomCards, name: str
) -> None:
    await cards.send(a_notice())
    push = await clicked(rig)

    with pytest.raises(ForgedPush):
        DOOR.verify(replace(push, query={**push.query, name: "1"}))


@pytest.mark.parametrize("body", [b"", b"<xml>", b"<xml/>", b"\xff", b"{}"])
def test_a_body_that_is_no_envelope_is_forged(body: bytes) -> None:
    push = Push(path="/hooks/wecom", headers={}, query={}, body=body, received_at=a_time())

    with pytest.raises(ForgedPush):
        DOOR.verify(push)


@pytest.mark.parametrize("missing", ["TaskId", "EventKey", "FromUserName", "ResponseCode"])
def test_a_click_without_a_field_names_it(missing: str) -> None:
    fields = {
        "Event": "template_card_event",
        "TaskId": TASK,
        "EventKey": "look",
        "FromUserName": "fengkong",
        "ResponseCode": "code-1",
    }
    inner = "".join(
        f"<{name}>{value}</{name}>" for name, value in fields.items() if name != missing
    )
    push = sealed(f"<xml>{inner}</xml>")
    DOOR.verify(push)

    with pytest.raises(Untranslatable) as wrong:
        DOOR.read(push)

    assert missing == wrong.value.path


def test_another_event_says_nothing() -> None:
    push = sealed("<xml><Event>enter_agent</Event></xml>")
    DOOR.verify(push)
    assert () == DOOR.read(push)


def test_the_address_is_proved_to_whoever_knows_the_token() -> None:
    echo = seal(b"8123", wecom_app.AES_KEY, wecom_app.CORP_ID)
    proof = envelope_signature(wecom_app.TOKEN, "1", "2", echo)
    query = {"echostr": echo, "timestamp": "1", "nonce": "2", "msg_signature": proof}

    answer = DOOR.greet(query)

    assert answer is not None
    assert b"8123" == answer.body
    assert None is DOOR.greet({})
    with pytest.raises(ForgedPush):
        DOOR.greet({**query, "msg_signature": "x"})


@pytest.mark.parametrize("task_id", ["", "guard", "guard--1", "card-k-1", "guard-k-1-2"])
def test_a_card_of_somebody_else_has_no_name(task_id: str) -> None:
    assert None is CardName.of(task_id)


def test_a_card_s_name_comes_back_as_it_was() -> None:
    name = CardName(buyer_key=BUYER, no="1")
    assert name == CardName.of(name.task_id)


def sealed(message: str) -> Push:
    encrypted = seal(message.encode(), wecom_app.AES_KEY, wecom_app.CORP_ID)
    proof = envelope_signature(wecom_app.TOKEN, "1", "2", encrypted)
    query = {"timestamp": "1", "nonce": "2", "msg_signature": proof}
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
    return Push(path="/hooks/wecom", headers={}, query=query, body=body, received_at=a_time())


def a_time() -> datetime:
    return a_notice().freeze.since
