import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from infra.sandbox.partners import kingdee
from tests.partnered import Outside, partnered
from tests.sandbox.kingdee_client import PASSWORD, STUB, WHO, a_voucher, complaint, post

APP_ID = "200001_Q2VydGFpbmx5Tm90QVJlYWxTZWNyZXQw"
APP_SECRET = "sandbox-kingdee-app-secret"
MISSING = "(missing)"


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with partnered(tmp_path, kingdee.build) as served:
        yield served


def signed(outside: Outside, service: str, **wrong: str) -> dict[str, str]:
    """Sign as protocols 5.1 says, except for what is ``wrong``."""
    path = httpx.URL(f"{outside.url}/K3Cloud/{STUB}.DynamicFormService.{service}.common.kdsvc").path
    now = wrong.get("now", str(int(datetime.now(UTC).timestamp())))
    app_data = wrong.get("app_data", "5f3a0000000001,lifeline,2052,100")
    text = f"POST\n{quote(path, safe='')}\n\nx-api-nonce:n\nx-api-timestamp:{now}\n"
    headers = {
        "X-Api-ClientID": "200001",
        "X-Api-Auth-Version": "2.0",
        "x-api-timestamp": now,
        "x-api-nonce": "n",
        "x-api-signheaders": "x-api-timestamp,x-api-nonce",
        "X-Api-Signature": hex_hmac(wrong.get("client_secret", client_secret()), text),
        "X-Kd-Appkey": APP_ID,
        "X-Kd-Appdata": base64.b64encode(app_data.encode()).decode(),
        "X-Kd-Signature": hex_hmac(wrong.get("app_secret", APP_SECRET), APP_ID + app_data),
    }
    return {name: value for name, value in headers.items() if wrong.get(name) != MISSING}


def client_secret() -> str:
    mixed = base64.b64decode(APP_ID.partition("_")[2])
    mask = b"0054f397c6234378b09ca7d3e5debce7"
    return base64.b64encode(bytes(a ^ b for a, b in zip(mixed, mask, strict=False))).decode()


def hex_hmac(secret: str, text: str) -> str:
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return base64.b64encode(digest.encode()).decode()


async def test_three_logins_open_a_session(outside: Outside) -> None:
    now = str(int(datetime.now(UTC).timestamp()))
    values = sorted(["5f3a0000000001", "lifeline", APP_ID, APP_SECRET, now])
    sign = hashlib.sha256("".join(values).encode()).hexdigest()
    logins = {
        "ValidateUser": WHO | PASSWORD,
        "LoginByAppSecret": WHO | {"appid": APP_ID, "appsecret": APP_SECRET},
        "LoginBySign": {"parameters": ["5f3a0000000001", "lifeline", APP_ID, now, sign, 2052]},
    }

    for service, body in logins.items():
        answer = await post(outside, service, body)

        assert answer.json()["LoginResultType"] == 1, service
        assert answer.cookies["kdservice-sessionid"] == answer.json()["KDSVCSessionId"]


@pytest.mark.parametrize(
    ("service", "body"),
    [
        ("ValidateUser", WHO | {"password": "guess"}),
        ("LoginByAppSecret", WHO | {"appid": APP_ID, "appsecret": "guess"}),
        ("LoginBySign", {"parameters": ["5f3a0000000001", "lifeline", APP_ID, "1", "x", 2052]}),
        ("LoginBySign", {}),
    ],
)
async def test_a_wrong_login_opens_nothing(outside: Outside, service: str, body: Any) -> None:
    answer = await post(outside, service, body)

    assert answer.json()["LoginResultType"] != 1
    assert outside.ledger.count("session") == 0


async def test_whoever_has_no_session_is_told_so_in_the_service_s_own_form(
    outside: Outside,
) -> None:
    save = (await post(outside, "Save", a_voucher())).json()
    query = (await post(outside, "ExecuteBillQuery", {"data": {}})).json()

    assert complaint(save)[0] == 1
    assert complaint(query[0][0])[0] == 1
    assert outside.ledger.count("voucher") == 0


async def test_a_signed_call_needs_no_login_and_is_given_a_session(outside: Outside) -> None:
    answer = await post(outside, "Save", a_voucher(), signed(outside, "Save"))

    assert answer.json()["Result"]["ResponseStatus"]["IsSuccess"] is True
    assert outside.ledger.get("session", answer.cookies["kdservice-sessionid"]) is not None


@pytest.mark.parametrize(
    ("wrong", "header"),
    [
        ({"X-Api-Signature": MISSING}, "X-Api-Signature"),
        ({"X-Kd-Signature": MISSING}, "X-Kd-Signature"),
        ({"x-api-nonce": MISSING}, "x-api-nonce"),
        ({"client_secret": "guess"}, "X-Api-Signature"),
        ({"app_secret": "guess"}, "X-Kd-Signature"),
        ({"app_data": "another,lifeline,2052,100"}, "X-Kd-Appdata"),
        ({"now": "1700000000"}, "x-api-timestamp"),
    ],
)
async def test_both_signatures_are_looked_at(
    outside: Outside, wrong: dict[str, str], header: str
) -> None:
    answer = await post(outside, "Save", a_voucher(), signed(outside, "Save", **wrong))

    assert complaint(answer.json()) == (2, header)
    assert outside.ledger.count("voucher") == 0


async def test_a_signature_for_one_service_does_not_open_another(outside: Outside) -> None:
    answer = await post(outside, "Save", a_voucher(), signed(outside, "View"))

    assert complaint(answer.json()) == (2, "X-Api-Signature")
