"""A plain client of Kingdee's, written from protocols 5.1 without a look at the hub's."""

from typing import Any

import httpx

from tests.partnered import Outside

STUB = "Kingdee.BOS.WebApi.ServicesStub"
WHO = {"acctid": "5f3a0000000001", "username": "lifeline", "lcid": 2052}
PASSWORD = {"password": "sandbox-kingdee-password"}


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
