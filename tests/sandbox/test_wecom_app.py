"""WeCom's app in the sandbox: a token, cards with buttons, tickets that serve once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.partners import wecom_app
from tests.sandbox.rig import Rig, rigged

TOKEN = {"access_token": wecom_app.ACCESS_TOKEN}


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, wecom_app.build) as rig:
        yield rig


def a_card(task_id: str = "T1", title: str = "买家已冻结") -> dict[str, Any]:
    return {
        "touser": wecom_app.OFFICER,
        "agentid": wecom_app.AGENT_ID,
        "msgtype": "template_card",
        "template_card": {
            "card_type": "button_interaction",
            "main_title": {"title": title},
            "task_id": task_id,
            "button_list": [{"text": "解冻", "style": 1, "key": "unfreeze"}],
        },
        "enable_duplicate_check": 1,
    }


async def call(rig: Rig, path: str, body: object, query: dict[str, str] = TOKEN) -> dict[str, Any]:
    url = f"{rig.url}/cgi-bin/message/{path}"
    answer = await rig.surroundings.http.post(url, params=query, json=body)
    said: dict[str, Any] = answer.json()
    return said


@pytest.mark.parametrize(("secret", "code"), [(wecom_app.SECRET, 0), ("x", 40001), ("", 40001)])
async def test_who_gets_a_token(rig: Rig, secret: str, code: int) -> None:
    query = {"corpid": wecom_app.CORP_ID, "corpsecret": secret}
    answer = await rig.surroundings.http.get(f"{rig.url}/cgi-bin/gettoken", params=query)
    assert code == answer.json()["errcode"]


@pytest.mark.parametrize(
    ("message", "query", "code"),
    [
        (a_card(), TOKEN, 0),
        (a_card(), {"access_token": "x"}, 40014),
        (["x"], TOKEN, 40035),
        ({**a_card(), "msgtype": "text"}, TOKEN, 40035),
        ({**a_card(), "touser": "nobody"}, TOKEN, 81013),
        (a_card(task_id=""), TOKEN, 41100),
    ],
)
async def test_what_wecom_says_to_a_card(
    rig: Rig, message: object, query: dict[str, str], code: int
) -> None:
    assert code == (await call(rig, "send", message, query))["errcode"]
    assert (code == 0) == (1 == rig.world.open_ledger("wecom_app").count("card"))


async def test_the_same_card_again_is_shown_once_and_another_under_its_id_is_refused(
    rig: Rig,
) -> None:
    for _ in range(2):
        assert 0 == (await call(rig, "send", a_card()))["errcode"]
    assert 41100 == (await call(rig, "send", a_card(title="别的")))["errcode"]

    ((_, card),) = rig.world.open_ledger("wecom_app").each("card")
    assert 2 == card["sent"]


async def test_a_ticket_serves_once(rig: Rig) -> None:
    sent = await call(rig, "send", a_card())
    change = {
        "userids": [wecom_app.OFFICER],
        "agentid": wecom_app.AGENT_ID,
        "response_code": sent["response_code"],
        "button": {"replace_name": "已解冻"},
    }

    codes = [(await call(rig, "update_template_card", change))["errcode"] for _ in range(2)]

    assert [0, 41101] == codes
    ((_, card),) = rig.world.open_ledger("wecom_app").each("card")
    assert [{"replace_name": "已解冻"}] == card["changes"]
