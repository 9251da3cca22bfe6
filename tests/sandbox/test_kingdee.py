import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from infra.sandbox.partners import kingdee
from tests.partnered import Outside, partnered

STUB = "Kingdee.BOS.WebApi.ServicesStub"
WHO = {"acctid": "5f3a0000000001", "username": "lifeline", "lcid": 2052}
PASSWORD = {"password": "sandbox-kingdee-password"}
APP_ID = "200001_Q2VydGFpbmx5Tm90QVJlYWxTZWNyZXQw"
APP_SECRET = "sandbox-kingdee-app-secret"
MISSING = "(missing)"


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with partnered(tmp_path, kingdee.build) as served:
        yield served


async def post(
    outside: Outside, service: str, body: Any, headers: dict[str, str] | None = None
) -> httpx.Response:
    folder = "AuthService" if "Login" in service or "User" in service else "DynamicFormService"
    outside.http.cookies.clear()
    return await outside.http.post(
        f"{outside.url}/K3Cloud/{STUB}.{folder}.{service}.common.kdsvc", json=body, headers=headers
    )


async def a_session(outside: Outside) -> dict[str, str]:
    welcome = (await post(outside, "ValidateUser", WHO | PASSWORD)).json()
    return {"kdservice-sessionid": welcome["KDSVCSessionId"]}


async def ask(outside: Outside, service: str, body: Any) -> Any:
    return (await post(outside, service, body, await a_session(outside))).json()


def complaint(answer: Any) -> tuple[int, str]:
    """Tell the code and the field that Kingdee complains of."""
    status = answer["Result"]["ResponseStatus"]
    assert status["IsSuccess"] is False
    assert status["ErrorCode"] == 500
    return status["MsgCode"], status["Errors"][0]["FieldName"]


def an_entry(account: str, debit: str, credit: str) -> dict[str, Any]:
    return {
        "FACCOUNTID": {"FNumber": account},
        "FCURRENCYID": {"FNumber": "PRE001"},
        "FEXCHANGERATETYPE": {"FNumber": "HLTX01_SYS"},
        "FDEBIT": debit,
        "FCREDIT": credit,
        "FBUSNO": "A1",
    }


def a_voucher(*entries: dict[str, Any], **changed: Any) -> dict[str, Any]:
    model = {
        "FAccountBookID": {"FNumber": "001"},
        "FDate": "2026-11-22",
        "FVOUCHERGROUPID": {"FNumber": "PZZ1"},
        "FEntity": entries or (an_entry("1122", "10.00", "0"), an_entry("6001", "0", "10.00")),
    }
    return {"formid": "GL_VOUCHER", "data": {"Model": model | changed}}


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


# --- coming in ---


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


# --- vouchers ---


async def test_a_voucher_is_saved_submitted_and_audited(outside: Outside) -> None:
    key = str((await ask(outside, "Save", a_voucher()))["Result"]["Id"])
    for service in ("Submit", "Audit"):
        answer = await ask(outside, service, {"formid": "GL_VOUCHER", "data": {"Ids": key}})
        assert answer["Result"]["ResponseStatus"]["SuccessEntitys"][0]["Id"] == int(key)

    voucher = outside.ledger.get("voucher", key)

    assert voucher is not None
    assert (voucher["reference"], voucher["status"]) == ("A1", "C")
    assert [(e["account"], e["debit_fen"], e["credit_fen"]) for e in voucher["entries"]] == [
        ("1122", 1000, 0),
        ("6001", 0, 1000),
    ]


async def test_saved_twice_is_there_twice(outside: Outside) -> None:
    first = await ask(outside, "Save", a_voucher())
    second = await ask(outside, "Save", a_voucher())

    assert first["Result"]["Id"] != second["Result"]["Id"]
    assert outside.ledger.count("voucher") == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (a_voucher(an_entry("1122", "10.00", "0")), (11, "FEntity")),
        (a_voucher(an_entry("1122", "10.00", "10.00")), (11, "FDEBIT")),
        (a_voucher(an_entry("1122", "0", "0")), (11, "FDEBIT")),
        (a_voucher(an_entry("1122", "1.001", "0")), (11, "FDEBIT")),
        (a_voucher(an_entry("9999", "10.00", "0")), (11, "FACCOUNTID")),
        (a_voucher(FEntity=[]), (9, "FEntity")),
        (a_voucher(FDate=""), (9, "FDate")),
        (a_voucher(FVOUCHERGROUPID=None), (9, "FVOUCHERGROUPID")),
        (a_voucher(FAccountBookID={"FNumber": "9"}), (11, "FAccountBookID")),
        ({**a_voucher(), "formid": "SAL_ORDER"}, (5, "formid")),
        ({"formid": "GL_VOUCHER"}, (8, "Model")),
    ],
)
async def test_a_wrong_voucher_is_refused_by_its_field(
    outside: Outside, body: Any, said: tuple[int, str]
) -> None:
    assert complaint(await ask(outside, "Save", body)) == said
    assert outside.ledger.count("voucher") == 0


async def test_steps_out_of_turn_are_refused(outside: Outside) -> None:
    key = str((await ask(outside, "Save", a_voucher()))["Result"]["Id"])
    step = {"formid": "GL_VOUCHER", "data": {"Ids": key}}

    assert complaint(await ask(outside, "Audit", step))[0] == 12
    await ask(outside, "Submit", step)
    assert complaint(await ask(outside, "Submit", step))[0] == 12
    assert complaint(await ask(outside, "Save", a_voucher(FVOUCHERID=key))) == (12, "FVOUCHERID")


async def test_a_draft_need_not_balance_and_is_saved_over(outside: Outside) -> None:
    draft = await ask(outside, "Draft", a_voucher(an_entry("1122", "10.00", "0")))
    key = str(draft["Result"]["Id"])

    await ask(outside, "Save", a_voucher(FVOUCHERID=key))

    voucher = outside.ledger.get("voucher", key)
    assert voucher is not None
    assert (voucher["status"], outside.ledger.count("voucher")) == ("A", 1)


async def test_a_body_by_place_is_read_like_one_by_name(outside: Outside) -> None:
    named = a_voucher()
    placed = {"parameters": ["GL_VOUCHER", json.dumps(named["data"])]}

    saved = await ask(outside, "Save", placed)
    seen = await ask(
        outside, "View", {"formid": "GL_VOUCHER", "data": {"Id": saved["Result"]["Id"]}}
    )

    assert seen["Result"]["Result"]["BillNo"] == saved["Result"]["Number"]


# --- queries ---


def a_query(filter_string: str, keys: str = "FVOUCHERID") -> dict[str, Any]:
    data = {"FormId": "GL_VOUCHER", "FieldKeys": keys, "FilterString": filter_string}
    return {"data": data}


async def test_a_field_of_an_entry_makes_a_row_for_each_entry(outside: Outside) -> None:
    await ask(outside, "Save", a_voucher())

    heads = await ask(outside, "ExecuteBillQuery", a_query("FDocumentStatus = 'A'"))
    entries = await ask(outside, "ExecuteBillQuery", a_query("FBUSNO = 'A1'"))

    assert heads == [[100001]]
    assert entries == [[100001], [100001]]


@pytest.mark.parametrize(
    ("filter_string", "rows"),
    [
        ("FBUSNO='A1' and FACCOUNTID.FNumber = '1122'", 1),
        ("FBUSNO = 'A1' AND FDocumentStatus = 'C'", 0),
        ("FBUSNO = 'nobody''s'", 0),
    ],
)
async def test_conditions_are_joined(outside: Outside, filter_string: str, rows: int) -> None:
    await ask(outside, "Save", a_voucher())

    assert len(await ask(outside, "ExecuteBillQuery", a_query(filter_string))) == rows


@pytest.mark.parametrize(
    "filter_string",
    ["FBUSNO like 'A%'", "FBUSNO = 'A1' or FBUSNO = 'A2'", "FBUSNO = 'A1' and", "x", "F = '1'"],
)
async def test_a_filter_that_is_not_understood_is_refused_and_not_guessed(
    outside: Outside, filter_string: str
) -> None:
    answer = await ask(outside, "ExecuteBillQuery", a_query(filter_string))

    assert complaint(answer[0][0])[0] == 4
