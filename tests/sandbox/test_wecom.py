"""The group robot of the sandbox: one key, short messages, twenty a minute."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.sandbox.partners import wecom
from tests.sandbox.rig import Rig, rigged


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, wecom.build) as rig:
        yield rig


async def send(rig: Rig, body: object, key: str = wecom.KEY) -> int:
    url = f"{rig.url}/cgi-bin/webhook/send"
    answer = await rig.surroundings.http.post(url, params={"key": key}, json=body)
    assert 200 == answer.status_code
    return int(answer.json()["errcode"])


def said(kind: str, content: object) -> dict[str, object]:
    return {"msgtype": kind, kind: {"content": content}}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (said("text", "好"), 0),
        (said("markdown", "好" * 1365 + "x"), 0),  # 4096 bytes
        (said("markdown", "好" * 1366), 40058),
        (said("text", "x" * 2049), 40058),
        (said("markdown", ""), 44004),
        (said("video", "x"), 40008),
        ({"msgtype": "text", "text": "x"}, 40035),
        (["text"], 40035),
        ({}, 40035),
    ],
)
async def test_what_the_robot_says_to_a_message(rig: Rig, message: object, code: int) -> None:
    assert code == await send(rig, message)
    assert (code == 0) == (1 == rig.world.open_ledger("wecom").count("message"))


async def test_a_wrong_key_says_nothing(rig: Rig) -> None:
    assert 93000 == await send(rig, said("text", "x"), key="x")
    assert 0 == rig.world.open_ledger("wecom").count("message")


async def test_the_limit_counts_the_worlds_last_minute_only(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = rig.world.clock.now()
    monkeypatch.setattr(rig.world.clock, "now", lambda: now)
    codes = [await send(rig, said("text", "x")) for _ in range(21)]
    assert [0] * 20 + [45009] == codes

    later: datetime = now + timedelta(minutes=1)
    monkeypatch.setattr(rig.world.clock, "now", lambda: later)
    assert 0 == await send(rig, said("text", "x"))
