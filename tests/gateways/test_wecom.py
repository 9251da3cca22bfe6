"""The robot's own wire (protocols 6), and what people read."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from domain.errors import GatewayBusy, GatewayRefused
from domain.trouble import Remedy
from gateways.exception_rows import OpenException
from gateways.ringing import Ringing
from gateways.robot_pace import RobotPace
from gateways.wecom import WecomAlarm
from gateways.wecom_markdown import LONGEST_BYTES, waiting_markdown
from infra.sandbox.faults import Fault
from infra.sandbox.partners import wecom
from settings import Wecom
from tests.sandbox.rig import Rig, rigged

SINCE = datetime(2026, 2, 6, 12, 30, tzinfo=UTC)
FOUND = OpenException(
    key="miniprogram/A1001/1:label.create",
    order_id="miniprogram/A1001",
    step="label.create",
    subject="miniprogram/A1001/1",
    since=SINCE,
    reason="sf 拒绝了请求:8051 地址不在服务范围",
    remedies=(Remedy.EDIT_ADDRESS, Remedy.CANCEL),
    deadline=SINCE + timedelta(minutes=30),
    owner=None,
    owned_at=None,
    escalations=0,
    rung_at=SINCE,
    cleared_at=None,
)
RINGING = Ringing(
    step="label.create",
    rung=0,
    to=(),
    count=12,
    reasons=(FOUND.reason,),
    oldest=(FOUND, replace(FOUND, subject="miniprogram/A1002/1", owner="王芳")),
    at=SINCE,
)
LOOSE = 1000  # more messages than any test sends: here the robot itself says when it is enough


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, wecom.build) as rig:
        yield rig


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


@pytest.fixture
def robot(rig: Rig, http: httpx.AsyncClient) -> WecomAlarm:
    settings = Wecom(url=f"{rig.url}/cgi-bin/webhook/send")
    return WecomAlarm(settings, http, RobotPace(most=LOOSE))


def messages(rig: Rig) -> list[str]:
    return [doc["content"] for _, doc in rig.world.open_ledger("wecom").each("message")]


async def test_exceptions_reach_people_with_their_oldest_order(rig: Rig, robot: WecomAlarm) -> None:
    await robot.ring_waiting(RINGING)

    (seen,) = messages(rig)
    assert "miniprogram/A1001" in seen


async def test_a_push_that_is_parked_reaches_people(rig: Rig, robot: WecomAlarm) -> None:
    await robot.ring_parked("douyin", "$.pay_amount", "字段 $.pay_amount 无法识别", 3)

    (seen,) = messages(rig)
    assert "$.pay_amount" in seen


def test_a_person_reads_how_many_wait_why_since_when_and_what_may_be_done() -> None:
    text = waiting_markdown(RINGING)

    assert "获取运单号:12 个异常需要人工处理" in text
    assert "8051 地址不在服务范围" in text
    assert "miniprogram/A1001/1(02-06 20:30 起)" in text
    assert "miniprogram/A1002/1(02-06 20:30 起,王芳 在处理)" in text
    assert "期限:2026-02-06 21:00" in text
    assert "修改地址、取消" in text
    assert "lifeline exceptions list --step label.create" in text


def test_what_is_overdue_mentions_the_people_whose_turn_it_is() -> None:
    text = waiting_markdown(replace(RINGING, rung=1, to=("lisi", "wangfang")))

    assert "12 个异常已超过处理期限** <@lisi> <@wangfang>\n" in text


def test_several_reasons_stand_in_one_message() -> None:
    text = waiting_markdown(replace(RINGING, reasons=("地址不详", "很" * 5000, "客户电话为空号")))

    assert "地址不详;" in text
    assert "…;客户电话为空号 等</font>" in text
    assert len(text.encode()) <= LONGEST_BYTES


def test_an_action_that_has_no_word_is_shown_as_it_came() -> None:
    oldest = (replace(FOUND, remedies=("release",)),)

    assert "可选操作:release" in waiting_markdown(replace(RINGING, oldest=oldest))


@pytest.mark.parametrize("reason", ["很" * 5000, "x" + "长" * 5000, "🥛" * 3000])
def test_a_long_reason_is_cut_between_characters_and_the_actions_stay(reason: str) -> None:
    text = waiting_markdown(replace(RINGING, reasons=(reason,)))

    assert LONGEST_BYTES - 4 < len(text.encode()) <= LONGEST_BYTES
    assert "…</font>" in text
    assert "修改地址、取消" in text


def test_a_partners_words_can_not_mention_people_or_break_the_line() -> None:
    text = waiting_markdown(replace(RINGING, reasons=("see <@all>\n\n# now",)))

    assert "<@all>" not in text
    assert "see 〈@all〉 # now</font>" in text


async def test_a_robot_that_others_have_used_up_is_asked_again_a_minute_later(
    rig: Rig, robot: WecomAlarm
) -> None:
    for _ in range(20):
        await robot.ring_waiting(RINGING)

    with pytest.raises(GatewayBusy, match="45009") as busy:
        await robot.ring_waiting(RINGING)

    assert timedelta(seconds=60) == busy.value.wait
    assert 20 == len(messages(rig))


@pytest.mark.parametrize("fault", [Fault.FAIL_BEFORE, Fault.RATE_LIMIT, Fault.SESSION_LOST])
async def test_a_robot_that_is_busy_is_asked_again_later(
    rig: Rig, robot: WecomAlarm, fault: Fault
) -> None:
    with rig.always(fault), pytest.raises(GatewayBusy):
        await robot.ring_waiting(RINGING)

    assert [] == messages(rig)


@pytest.mark.parametrize("fault", [Fault.FAIL_AFTER, Fault.LOST_ANSWER])
async def test_a_message_whose_answer_was_lost_may_come_twice(
    rig: Rig, robot: WecomAlarm, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateways.wecom.PATIENCE_S", 0.1)
    with rig.always(fault), pytest.raises(GatewayBusy):
        await robot.ring_waiting(RINGING)

    await robot.ring_waiting(RINGING)

    assert 2 == len(messages(rig))


async def test_a_wrong_key_is_refused_and_shown_nowhere(
    rig: Rig, http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Wecom(url=f"{rig.url}/cgi-bin/webhook/send", key=SecretStr("not-the-key"))

    with caplog.at_level(logging.DEBUG), pytest.raises(GatewayRefused) as refused:
        await WecomAlarm(settings, http).ring_waiting(RINGING)

    assert "93000" == refused.value.code
    assert "wecom.key" in str(refused.value)
    assert "/cgi-bin/webhook/send" in caplog.text
    assert "not-the-key" not in caplog.text + str(refused.value)


async def test_an_answer_that_repeats_the_key_is_quoted_without_it() -> None:
    echo = httpx.MockTransport(
        lambda request: httpx.Response(200, json={"errcode": 40008, "errmsg": str(request.url)})
    )
    async with httpx.AsyncClient(transport=echo) as http:
        with pytest.raises(GatewayRefused, match=r"key=\*\*\*"):
            await WecomAlarm(Wecom(), http).ring_waiting(RINGING)


@pytest.mark.parametrize("body", ["<html/>", "[]", "{}", '{"errcode": "soon"}'])
async def test_an_answer_that_is_not_wecoms_is_no_answer(body: str) -> None:
    other = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    async with httpx.AsyncClient(transport=other) as http:
        with pytest.raises(GatewayBusy, match="企业微信格式"):
            await WecomAlarm(Wecom(), http).ring_waiting(RINGING)
