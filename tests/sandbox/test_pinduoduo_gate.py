"""Pinduoduo's gateway believes what is signed, and refuses in its own words (protocols 1.1)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.sandbox.faults import Fault
from infra.sandbox.partners.pinduoduo_gate import signature, texts_of
from tests.sandbox.pinduoduo_client import (
    CLIENT_ID,
    ORDER,
    SECRET,
    Pinduoduo,
    common,
    error_of,
    opened,
    signed,
)

INFORMATION = "pdd.order.information.get"


@pytest.fixture
async def pdd(tmp_path: Path) -> AsyncIterator[Pinduoduo]:
    async with opened(tmp_path) as pdd:
        await pdd.sell()
        yield pdd


def test_the_signature_is_that_of_the_published_rule() -> None:
    said = {
        "type": INFORMATION,
        "client_id": "cid",
        "access_token": "tok",
        "timestamp": "1700000000",
        "data_type": "JSON",
        "version": "V1",
        "order_sn": "210707-339507978993455",
        "sign": "is left out",
    }

    assert signature(said, "TESTSECRET") == "97ED41F24C6248ABFF1C178D1AD28515"


def test_json_is_signed_as_it_was_sent() -> None:
    body = '{"a": true, "b": null, "c": 1.50, "d": {"x": [1, "鲜"]}, "e": 12345678901234567890}'

    assert texts_of(body.encode()) == {
        "a": "true",
        "c": "1.50",
        "d": '{"x":[1,"鲜"]}',
        "e": "12345678901234567890",
    }


@pytest.mark.parametrize("path", ["/api/router", "/ark/router"])
async def test_json_and_form_and_query_are_all_taken(pdd: Pinduoduo, path: str) -> None:
    said = signed(common(INFORMATION, order_sn=ORDER))
    url = pdd.rig.url + path
    answers = [
        await pdd.http.post(url, json=said),
        await pdd.http.post(url, data=said),
        await pdd.http.post(url, params=said),
        await pdd.http.post(url, files={name: (None, text) for name, text in said.items()}),
    ]

    for answer in answers:
        told = answer.json()["order_info_get_response"]
        assert (told["order_info"]["order_sn"], bool(told["request_id"])) == (ORDER, True)


async def test_an_object_may_be_sent_as_one_or_as_the_text_of_one(pdd: Pinduoduo) -> None:
    """Both are signed as the same compact text."""
    await pdd.claim("77")
    wish = '{"after_sales_id":77,"order_sn":"' + ORDER + '"}'
    text = signed(common("pdd.refund.agree", request=wish))
    nested = {**text, "request": {"after_sales_id": 77, "order_sn": ORDER}}

    for said in (text, nested):
        assert (await pdd.post(said))["response"]["result"]["succ"] is True


def call(**changes: Any) -> dict[str, Any]:
    """Sign a call in which something was changed."""
    return signed({**common(INFORMATION, order_sn=ORDER), **changes})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"type": None}, (10001, "公共参数错误:type")),
        ({"client_id": None}, (10001, "公共参数错误:client_id")),
        ({"timestamp": None}, (10001, "公共参数错误:timestamp")),
        ({"data_type": "XML"}, (10001, "公共参数错误:data_type")),
        ({"version": "V2"}, (10001, "公共参数错误:version")),
        ({"client_id": "somebody"}, (10016, "client下线或者clientId不正确")),
        ({"timestamp": 1_700_000_000}, (10001, "公共参数错误:timestamp")),
        ({"timestamp": 1_700_000_000_000}, (10001, "公共参数错误:timestamp")),
        ({"timestamp": "今天"}, (10001, "公共参数错误:timestamp")),
        ({"type": "pdd.nobody.knows"}, (10017, "type不正确")),
        ({"access_token": None}, (10019, "access_token已过期")),
        ({"access_token": "another"}, (10019, "access_token已过期")),
        ({"order_sn": None}, (21002, "请求参数不能为空:order_sn")),
        ({"order_sn": "260101-1"}, (50002, "订单不存在:260101-1")),
    ],
)
async def test_each_mistake_has_its_own_refusal(
    pdd: Pinduoduo, changes: dict[str, Any], error: tuple[int, str]
) -> None:
    assert error_of(await pdd.post(call(**changes))) == error


@pytest.mark.parametrize(
    "spoiled",
    [{"sign": "0" * 32}, {"order_sn": "260101-000007000000002"}, {"more": "unsigned"}],
)
async def test_what_was_changed_after_it_was_signed_is_not_believed(
    pdd: Pinduoduo, spoiled: dict[str, str]
) -> None:
    assert error_of(await pdd.post({**call(), **spoiled})) == (20004, "签名sign校验失败")


async def test_a_signature_is_upper_case_and_may_not_be_missing(pdd: Pinduoduo) -> None:
    said = call()

    lower = await pdd.post({**said, "sign": said["sign"].lower()})
    none = await pdd.post({**said, "sign": ""})

    assert error_of(lower) == (20004, "签名sign校验失败")
    assert error_of(none) == (10001, "公共参数错误:sign")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"type":"\\ud800"}'),
        ("application/json", b"\xff\xfe"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"no part"),
        ("text/plain", b"\x00\xff"),
        ("", b""),
    ],
)
async def test_rubbish_is_refused_and_nothing_breaks(
    pdd: Pinduoduo, kind: str, body: bytes
) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = await pdd.http.post(f"{pdd.rig.url}/api/router", content=body, headers=headers)

    assert (answer.status_code, error_of(answer.json())[0] in (10000, 10001)) == (200, True)


async def test_only_post_is_a_call(pdd: Pinduoduo) -> None:
    answer = await pdd.http.get(f"{pdd.rig.url}/api/router?{urlencode(call())}")

    assert error_of(answer.json()) == (10002, "请求方法错误,仅支持POST")


async def test_too_many_calls_and_a_lost_session_are_said_in_its_own_words(
    pdd: Pinduoduo,
) -> None:
    with pdd.rig.always(Fault.RATE_LIMIT):
        throttled = await pdd.ask(INFORMATION, order_sn=ORDER)
    with pdd.rig.always(Fault.SESSION_LOST):
        lost = await pdd.ask(INFORMATION, order_sn=ORDER)

    assert error_of(throttled)[0] == 70031
    assert error_of(lost) == (10019, "access_token已过期")


def grant(**changes: str) -> dict[str, str]:
    code = {"grant_type": "authorization_code", "code": "sandbox-pdd-code"}
    return {"client_id": CLIENT_ID, "client_secret": SECRET, **code, **changes}


REFRESH = {"grant_type": "refresh_token", "refresh_token": "sandbox-pdd-refresh"}


@pytest.mark.parametrize("asked", [grant(), grant(**REFRESH)])
async def test_a_code_and_a_refresh_token_each_give_a_token_that_is_good(
    pdd: Pinduoduo, asked: dict[str, str]
) -> None:
    given = await pdd.post(asked, "/oauth/token")
    token = given["access_token"]

    assert (given["owner_id"], given["refresh_token"]) == ("7001001", "sandbox-pdd-refresh")
    assert "error_response" not in await pdd.ask(INFORMATION, order_sn=ORDER, access_token=token)

    pdd.ledger.amend("token", token, expires_at=1)
    late = await pdd.ask(INFORMATION, order_sn=ORDER, access_token=token)
    assert error_of(late) == (10019, "access_token已过期")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (grant(client_id="somebody"), "公共参数错误:client_id"),
        (grant(client_secret="guess"), "公共参数错误:client_secret"),
        (grant(grant_type="password"), "公共参数错误:grant_type"),
        (grant(code="used"), "公共参数错误:code"),
        (grant(**REFRESH) | {"refresh_token": "old"}, "公共参数错误:refresh_token"),
    ],
)
async def test_without_a_grant_there_is_no_token(
    pdd: Pinduoduo, asked: dict[str, str], error: str
) -> None:
    assert error_of(await pdd.post(asked, "/oauth/token")) == (10001, error)
