"""Whom the Douyin gateway believes: every form that clients sign, and every place of refusal."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from infra.sandbox.faults import Fault
from infra.sandbox.partners.douyin_gate import compact, hmac_sign, md5_sign, sign_text
from infra.sandbox.partners.douyin_news import event_sign
from tests.sandbox.douyin_client import (
    APP_KEY,
    SHOP_ID,
    a_query,
    hmac_of,
    md5_of,
    opened,
    signed_text,
)

SIGN_IN = {"grant_type": "authorization_self", "shop_id": SHOP_ID}
SIGN_IN_JSON = json.dumps(SIGN_IN, separators=(",", ":"))
VECTOR = sign_text(
    {"app_key": "cid", "method": "order.orderDetail", "timestamp": "1700000000", "v": "2"},
    '{"order_id":"4781320682406083640"}',
)


def test_the_signatures_are_those_of_the_published_vectors() -> None:
    """Protocols 12."""
    assert hmac_sign(VECTOR, "TESTSECRET") == (
        "958e6474ee547dfa861d9c4a2b43ea6c3a17a97df30ad99a64c81722183e3959"
    )
    assert md5_sign(VECTOR, "TESTSECRET") == "32eb04c13c5d444f26f7999539ee7244"
    assert event_sign(b'[{"tag":"0","msg_id":"0","data":"{}"}]', "cid", "TESTSECRET") == (
        "2823cda80e86b3f63f9a46357e3ff67f"
    )


def test_what_is_signed_is_sorted_all_the_way_down_and_keeps_its_numbers() -> None:
    loose = '{"b": [{"d": 1, "c": "<中>"}], "a": 9223372036854775807}'

    assert compact(loose) == '{"a":9223372036854775807,"b":[{"c":"<中>","d":1}]}'


@pytest.mark.parametrize("sign_method", ["hmac-sha256", "md5", ""])
async def test_both_signatures_are_believed(tmp_path: Path, sign_method: str) -> None:
    """Without a name of its own it may be either."""
    now = str(int(time.time()))
    text = signed_text("token.create", SIGN_IN_JSON, now)
    sign = hmac_of(text) if sign_method == "hmac-sha256" else md5_of(text)

    async with opened(tmp_path) as shop:
        query = a_query("token.create", "", sign_method=sign_method, sign=sign, timestamp=now)
        answer = await shop.post("token.create", query, SIGN_IN_JSON)

    assert answer["code"] == 10000


@pytest.mark.parametrize(
    "zone", [ZoneInfo("Asia/Shanghai"), None], ids=["the platform's", "the machine's"]
)
async def test_the_older_timestamp_is_somebodys_local_time(
    tmp_path: Path, zone: ZoneInfo | None
) -> None:
    now = f"{datetime.now(UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"

    async with opened(tmp_path) as shop:
        sign = hmac_of(signed_text("token.create", SIGN_IN_JSON, now))
        query = a_query("token.create", "", timestamp=now, sign=sign)
        answer = await shop.post("token.create", query, SIGN_IN_JSON)

    assert answer["code"] == 10000


async def test_param_json_may_come_in_the_query_in_a_form_or_in_both(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        url = f"{shop.url}/token/create"
        query = {**a_query("token.create", SIGN_IN_JSON), "param_json": SIGN_IN_JSON}
        answers = [
            await shop.http.post(url, params=query),
            await shop.http.post(url, params=query, content=SIGN_IN_JSON),
            await shop.http.get(url, params=query),
            await shop.http.post(url, data=query),
        ]

    assert [answer.json()["code"] for answer in answers] == [10000] * 4


async def test_a_body_may_be_loose_where_the_sorted_form_was_signed(tmp_path: Path) -> None:
    loose = json.dumps(dict(reversed(SIGN_IN.items())), indent=1)

    async with opened(tmp_path) as shop:
        answer = await shop.post("token.create", a_query("token.create", SIGN_IN_JSON), loose)

    assert answer["code"] == 10000


async def test_an_address_may_begin_with_two_slashes(tmp_path: Path) -> None:
    """So the platform's own Go client writes them."""
    async with opened(tmp_path) as shop:
        answer = await shop.http.post(
            f"{shop.url}//token/create",
            params=a_query("token.create", SIGN_IN_JSON),
            content=SIGN_IN_JSON,
        )

    assert answer.json()["code"] == 10000


LONG_AGO = str(int(time.time()) - 301)


@pytest.mark.parametrize(
    ("spoiled", "code", "sub_code"),
    [
        ({"app_key": ""}, 40001, "isv.app-id-missing"),
        ({"app_key": "someone"}, 40003, "isv.app-id-invalid"),
        ({"sign": ""}, 40001, "isv.signature-missing"),
        ({"sign": "0" * 64}, 40003, "isv.signature-invalid"),
        ({"sign": "签名"}, 40003, "isv.signature-invalid"),
        ({"sign_method": "sha1"}, 40003, "isv.parameter-invalid"),
        # Signed as one says, told to be the other.
        ({"sign_method": "md5"}, 40003, "isv.signature-invalid"),
        ({"timestamp": ""}, 40003, "isv.timestamp-format-error"),
        ({"timestamp": "yesterday"}, 40003, "isv.timestamp-format-error"),
        ({"timestamp": "2026-13-01 00:00:00"}, 40003, "isv.timestamp-format-error"),
        ({"timestamp": "1700000000000"}, 40003, "isv.timestamp-format-error"),  # milliseconds
        ({"timestamp": LONG_AGO}, 40003, "isv.timestamp-invalid"),
        ({"timestamp": "2020-01-01 00:00:00"}, 40003, "isv.timestamp-invalid"),
        ({"method": "order.searchList"}, 40003, "isv.parameter-invalid"),
        ({"v": "1"}, 40003, "isv.parameter-invalid"),
    ],
)
async def test_a_call_that_is_not_signed_right_is_refused_and_changes_nothing(
    tmp_path: Path, spoiled: dict[str, str], code: int, sub_code: str
) -> None:
    async with opened(tmp_path) as shop:
        tokens = shop.ledger.count("token")
        answer = await shop.ask("token.create", SIGN_IN, **spoiled)

        assert (code, sub_code) == (answer["code"], answer["sub_code"])
        assert answer["sub_msg"]
        assert answer["data"] is None
        assert tokens == shop.ledger.count("token")


async def test_a_body_that_was_changed_after_it_was_signed_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        query = a_query("token.create", SIGN_IN_JSON)
        other = SIGN_IN_JSON.replace(SHOP_ID, "7001003")
        answer = await shop.post("token.create", query, other)

    assert answer["sub_code"] == "isv.signature-invalid"


@pytest.mark.parametrize(
    "body",
    ["[1]", "{", '"text"', '{"shop_order_id":"\\ud800"}', "[" * 100_000],
    ids=["a list", "cut off", "a text", "half a letter", "too deep"],
)
async def test_a_signed_body_that_is_no_object_is_refused(tmp_path: Path, body: str) -> None:
    async with opened(tmp_path) as shop:
        query = a_query("order.orderDetail", body, access_token=shop.token)
        answer = await shop.post("order.orderDetail", query, body)

    assert (40003, "isv.parameter-format-invalid") == (answer["code"], answer["sub_code"])


async def test_a_method_that_nobody_knows_is_off(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        answer = await shop.ask("product.listV2", {})

    assert (70000, "isp.api-service-off") == (answer["code"], answer["sub_code"])


async def test_a_method_is_found_whichever_letters_are_capital(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        answer = await shop.ask("afterSale.list", {"page": 0, "size": 10})

    assert answer["code"] == 10000


async def test_older_clients_find_their_err_no_and_newer_ones_do_without(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        older = await shop.ask("token.create", SIGN_IN)
        refused = await shop.ask("token.create", SIGN_IN, sign="0" * 64)
        answer = await shop.http.post(
            f"{shop.url}/token/create",
            params=a_query("token.create", SIGN_IN_JSON),
            content=SIGN_IN_JSON,
            headers={"x-open-no-old-err-code": "1"},
        )

    assert (0, "success") == (older["err_no"], older["message"])
    assert (40003, "签名校验失败") == (refused["err_no"], refused["message"])
    assert {"code", "msg", "sub_code", "sub_msg", "log_id", "data"} == answer.json().keys()
    assert answer.json()["log_id"]


@pytest.mark.parametrize(
    ("fault", "code", "sub_code"),
    [
        (Fault.RATE_LIMIT, 60000, ""),
        (Fault.SESSION_LOST, 40003, "isv.access-token-expired"),
    ],
)
async def test_faults_of_the_platform_come_in_its_own_words(
    tmp_path: Path, fault: Fault, code: int, sub_code: str
) -> None:
    async with opened(tmp_path) as shop:
        shop.world.plan_of("douyin").switch(fault, 1)
        answer = await shop.ask("order.searchList", {"page": 0, "size": 1})

    assert (code, sub_code) == (answer["code"], answer["sub_code"])


async def test_every_call_is_on_record_with_what_became_of_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        await shop.ask("order.orderDetail", {"shop_order_id": "1"})
        await shop.ask("order.orderDetail", {"shop_order_id": "1"}, sign="0")
        calls = [call[1:] for call in shop.ledger.calls()]

    assert calls == [
        ("token.create", "", "10000"),
        ("order.orderDetail", "1", "50002 isv.business-failed"),
        ("order.orderDetail", "", "40003 isv.signature-invalid"),
    ]
    assert APP_KEY not in str(calls)
