"""Who gets into Youzan's gateway, and in which words the others are turned away."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.faults import Fault
from infra.sandbox.shop import now_ms
from tests.sandbox.youzan_client import Shop, trading

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with trading(tmp_path) as opened:
        yield opened


async def test_a_token_says_when_it_ends_as_a_time_and_not_as_a_span(shop: Shop) -> None:
    reply = await shop.grant()

    assert (True, 200) == (reply["success"], reply["code"])
    assert {"access_token", "expires", "authority_id", "scope"} == reply["data"].keys()
    assert 6 * DAY_MS < reply["data"]["expires"] - now_ms() <= 7 * DAY_MS


async def test_the_running_token_is_given_again_until_a_new_one_is_wanted(shop: Shop) -> None:
    again = (await shop.grant(refresh=False))["data"]["access_token"]
    fresh = (await shop.grant(refresh=True))["data"]

    assert shop.token == again
    assert shop.token != fresh["access_token"]
    assert "refresh_token" in fresh


async def test_a_new_token_invalidates_no_older_one(shop: Shop) -> None:
    older = shop.token
    shop.token = (await shop.grant(refresh=True))["data"]["access_token"]

    assert 200 == (await shop.call("youzan.trades.sold.get", "4.0.2"))["code"]
    shop.token = older
    assert 200 == (await shop.call("youzan.trades.sold.get", "4.0.2"))["code"]


async def test_a_tools_maker_comes_with_a_code_and_renews_with_a_refresh_token(shop: Shop) -> None:
    first = await shop.grant(authorize_type="authorization_code", code="sandbox-yz-code")
    renewed = await shop.grant(
        authorize_type="refresh_token", refresh_token=first["data"]["refresh_token"]
    )

    assert first["data"]["access_token"] != renewed["data"]["access_token"]


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"client_id": "somebody"}, 1103, "Client 不存在"),
        ({"client_secret": "guessed"}, 1000, "应用信息错误"),
        ({"grant_id": "7001004"}, 1103, "授权关系不存在"),
        ({"grant_id": None}, 1103, "授权关系不存在"),
        ({"authorize_type": "authorization_code", "code": "spent"}, 1005, "非法授权码"),
        ({"authorize_type": "authorization_code"}, 1005, "非法授权码"),
        ({"authorize_type": "refresh_token", "refresh_token": "x"}, 1004, "授权关系已过期"),
        ({"authorize_type": "certificate"}, 1105, "不支持的应用类型"),
        ({"authorize_type": None}, 1105, "不支持的应用类型"),
    ],
)
async def test_whoever_is_not_known_gets_no_token(
    shop: Shop, wrong: dict[str, Any], code: int, words: str
) -> None:
    before = shop.ledger.count("token")

    reply = await shop.grant(**wrong)

    assert {"success": False, "code": code, "data": None, "message": words} == reply
    assert before == shop.ledger.count("token")


@pytest.mark.parametrize(
    "body", [{"data": {"client_id": "x"}}, {"content": b"{"}, {"content": b"[]"}]
)
async def test_a_token_is_asked_for_in_json_only(shop: Shop, body: dict[str, Any]) -> None:
    headers = {} if "data" in body else {"content-type": "application/json"}
    answer = await shop.http.post(f"{shop.url}/auth/token", headers=headers, **body)

    assert (200, False) == (answer.status_code, answer.json()["success"])
    assert answer.json()["code"] in (1000, 1103)


@pytest.mark.parametrize(
    ("path", "token", "code"),
    [
        ("youzan.trade.get", "good", 4001),  # without a version
        ("youzan.trade.get/4.0.0/more", "good", 4001),
        ("youzan.trade.get/9.9.9", "bad", 4005),  # before the token is looked at
        ("youzan.nobody.knows/1.0.0", "bad", 4005),
        ("auth_exempt/youzan.trade.get/4.0.0", "none", 4001),
        ("youzan.trade.get/4.0.0", "none", 4201),
        ("youzan.trade.get/4.0.0", "bad", 4203),
        ("youzan.trade.refund.get/3.0.0", "bad", 4203),
        ("youzan.trade.get/4.0.0", "old", 4202),
    ],
)
async def test_the_gateway_names_what_is_wrong_with_a_call(
    shop: Shop, path: str, token: str, code: int
) -> None:
    old = (await shop.grant(refresh=True))["data"]["access_token"]
    shop.ledger.amend("token", old, expires=now_ms() - 1)
    shown = {"good": {"access_token": shop.token}, "old": {"access_token": old}, "none": {}}
    params = shown.get(token, {"access_token": "guessed"})

    answer = await shop.http.post(f"{shop.url}/api/{path}", params=params, json={"tid": "E1"})

    assert 200 == answer.status_code
    error = answer.json()["gw_err_resp"]
    assert code == error["err_code"]
    assert error["err_msg"]
    assert error["trace_id"].startswith("yz7-")


async def test_a_token_counts_in_the_address_only(shop: Shop) -> None:
    answer = await shop.http.post(
        f"{shop.url}/api/youzan.trade.get/4.0.0",
        json={"tid": "E1", "access_token": shop.token},
        headers={"Authorization": f"Bearer {shop.token}"},
    )

    assert 4201 == answer.json()["gw_err_resp"]["err_code"]


async def test_older_methods_also_refuse_in_the_older_form(shop: Shop) -> None:
    shop.token = "guessed"
    old = await shop.call("youzan.trade.refund.get", "3.0.0", {"refund_id": "1"})
    new = await shop.call("youzan.trade.get", "4.0.0", {"tid": "E1"})

    assert 40010 == old["error_response"]["code"]
    assert {"gw_err_resp"} == new.keys()


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("text/plain", b"{}", 4007),
        ("application/json", b"{", 4004),
        ("application/json", b"[1]", 4004),
        ("application/json", b'{"tid": "\\ud800"}', 4004),
        ("application/json", b"\xff", 4004),
    ],
)
async def test_what_the_gateway_can_not_read_goes_no_further(
    shop: Shop, kind: str, body: bytes, code: int
) -> None:
    answer = await shop.http.post(
        f"{shop.url}/api/youzan.trade.get/4.0.0",
        params={"access_token": shop.token},
        content=body,
        headers={"content-type": kind},
    )

    assert code == answer.json()["gw_err_resp"]["err_code"]


async def test_clients_of_every_kind_are_read(shop: Shop) -> None:
    """PHP's empty list, a form, and a GET."""
    url = f"{shop.url}/api/youzan.items.onsale.get/3.0.0"
    token = {"access_token": shop.token}
    answers = [
        await shop.http.post(url, params=token, json=[]),
        await shop.http.post(url, params=token, data={"page_size": "2"}),
        await shop.http.get(url, params={**token, "page_size": "2"}),
        await shop.http.post(url.replace("/api/", "/api/_textarea_/"), params=token, json={}),
    ]

    assert [40, 2, 2, 40] == [len(each.json()["response"]["items"]) for each in answers]


@pytest.mark.parametrize(
    ("fault", "code", "old_code"),
    [(Fault.RATE_LIMIT, 4101, 4101), (Fault.SESSION_LOST, 4202, 40010)],
)
async def test_faults_speak_youzans_words(
    shop: Shop, fault: Fault, code: int, old_code: int
) -> None:
    shop.world.plan_of("youzan").switch(fault, 1)

    answer = await shop.call("youzan.trade.get", "4.0.0")

    assert code == answer["gw_err_resp"]["err_code"]
    assert old_code == answer["error_response"]["code"]


async def test_a_token_outlives_a_restart(tmp_path: Path) -> None:
    async with trading(tmp_path) as shop:
        before = shop.token
    async with trading(tmp_path) as shop:
        assert before == shop.token
        assert 200 == (await shop.call("youzan.trades.sold.get", "4.0.2"))["code"]


async def test_the_call_log_tells_what_was_refused(shop: Shop) -> None:
    await shop.call("youzan.trade.get", "4.0.0", {"tid": "E1"})
    shop.token = "guessed"
    await shop.call("youzan.trade.get", "4.0.0", {"tid": "E1"})

    assert [
        ("auth.token", "", "200"),
        ("youzan.trade.get", "E1", "5000 trade not found"),
        ("youzan.trade.get", "", "4203 Token 不存在"),
    ] == [call[1:] for call in shop.ledger.calls()]
