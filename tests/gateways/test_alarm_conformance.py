"""The same facts about every alarm, and the robot's own wire (protocols 6)."""

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from activities.alert import Alarm
from domain.errors import GatewayBusy, GatewayRefused
from domain.order import order_id
from domain.trouble import Alert, Remedy
from gateways.wecom import LONGEST_BYTES, WecomAlarm, as_markdown
from infra.sandbox.faults import Fault
from infra.sandbox.partners import wecom
from settings import Wecom
from tests.fakes.alarm import FakeAlarm
from tests.sandbox.rig import Rig, rigged

ALERT = Alert(
    order_id=order_id("miniprogram", "A1001"),
    subject="miniprogram/A1001/1",
    reason="sf 拒绝了请求:8051 地址不在服务范围",
    remedies=(Remedy.EDIT_ADDRESS, Remedy.CANCEL),
    since=datetime(2026, 2, 6, 12, 30, tzinfo=UTC),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """An alarm under test, and what the people saw."""

    alarm: Alarm
    seen: Callable[[], list[str]]


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
    return WecomAlarm(Wecom(url=f"{rig.url}/cgi-bin/webhook/send"), http)


def messages(rig: Rig) -> list[str]:
    return [doc["content"] for _, doc in rig.world.open_ledger("wecom").each("message")]


@pytest.fixture(params=["fake", "wecom"])
def subject(request: pytest.FixtureRequest, rig: Rig, robot: WecomAlarm) -> Subject:
    if request.param == "wecom":
        return Subject(robot, lambda: messages(rig))
    fake = FakeAlarm()
    return Subject(fake, lambda: [alert.order_id for alert in fake.rung])


async def test_an_alert_reaches_people_with_its_order(subject: Subject) -> None:
    await subject.alarm.ring(ALERT)

    (seen,) = subject.seen()
    assert "miniprogram/A1001" in seen


async def test_a_second_alert_is_a_second_card(subject: Subject) -> None:
    await subject.alarm.ring(ALERT)
    await subject.alarm.ring(ALERT)

    assert 2 == len(subject.seen())


async def test_a_push_that_is_parked_reaches_people(rig: Rig, robot: WecomAlarm) -> None:
    await robot.ring_parked("douyin", "$.pay_amount", "字段 $.pay_amount 无法识别", 3)

    (seen,) = messages(rig)
    assert "$.pay_amount" in seen


def test_a_person_reads_which_order_why_since_when_and_what_may_be_done() -> None:
    text = as_markdown(ALERT)

    assert "订单:miniprogram/A1001" in text
    assert "8051 地址不在服务范围" in text
    assert "2026-02-06 20:30" in text
    assert "修改地址、取消" in text


def test_an_action_that_has_no_word_is_shown_as_it_came() -> None:
    assert "可选操作:release" in as_markdown(replace(ALERT, remedies=("release",)))


@pytest.mark.parametrize("reason", ["很" * 5000, "x" + "长" * 5000, "🥛" * 3000])
def test_a_long_reason_is_cut_between_characters_and_the_actions_stay(reason: str) -> None:
    text = as_markdown(replace(ALERT, reason=reason))

    assert LONGEST_BYTES - 4 < len(text.encode()) <= LONGEST_BYTES
    assert "…</font>" in text
    assert text.endswith("修改地址、取消")


def test_a_partners_words_can_not_mention_people_or_break_the_line() -> None:
    text = as_markdown(replace(ALERT, reason="see <@all>\n\n# now"))

    assert "<@all>" not in text
    assert "see 〈@all〉 # now</font>" in text


async def test_the_twenty_first_message_of_a_minute_waits_for_the_next(
    rig: Rig, robot: WecomAlarm
) -> None:
    for _ in range(20):
        await robot.ring(ALERT)

    with pytest.raises(GatewayBusy, match="45009") as busy:
        await robot.ring(ALERT)

    assert timedelta(seconds=60) == busy.value.wait
    assert 20 == len(messages(rig))


@pytest.mark.parametrize("fault", [Fault.FAIL_BEFORE, Fault.RATE_LIMIT, Fault.SESSION_LOST])
async def test_a_robot_that_is_busy_is_asked_again_later(
    rig: Rig, robot: WecomAlarm, fault: Fault
) -> None:
    with rig.always(fault), pytest.raises(GatewayBusy):
        await robot.ring(ALERT)

    assert [] == messages(rig)


@pytest.mark.parametrize("fault", [Fault.FAIL_AFTER, Fault.LOST_ANSWER])
async def test_an_alert_whose_answer_was_lost_may_come_twice(
    rig: Rig, robot: WecomAlarm, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateways.wecom.PATIENCE_S", 0.1)
    with rig.always(fault), pytest.raises(GatewayBusy):
        await robot.ring(ALERT)

    await robot.ring(ALERT)

    assert 2 == len(messages(rig))


async def test_a_wrong_key_is_refused_and_shown_nowhere(
    rig: Rig, http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Wecom(url=f"{rig.url}/cgi-bin/webhook/send", key=SecretStr("not-the-key"))

    with caplog.at_level(logging.DEBUG), pytest.raises(GatewayRefused) as refused:
        await WecomAlarm(settings, http).ring(ALERT)

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
            await WecomAlarm(Wecom(), http).ring(ALERT)


@pytest.mark.parametrize("body", ["<html/>", "[]", "{}", '{"errcode": "soon"}'])
async def test_an_answer_that_is_not_wecoms_is_no_answer(body: str) -> None:
    other = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    async with httpx.AsyncClient(transport=other) as http:
        with pytest.raises(GatewayBusy, match="企业微信格式"):
            await WecomAlarm(Wecom(), http).ring(ALERT)
