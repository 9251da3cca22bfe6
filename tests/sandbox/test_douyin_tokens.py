"""The Douyin shop's tokens: how they are given, renewed and refused (protocols 2.1)."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.douyin_client import SHOP_ID, Shop, opened

WEEK_S = 7 * 24 * 3600
SEARCH = ("order.searchList", {"page": 0, "size": 1})


def age(shop: Shop, **left_s: int) -> None:
    """Let the token that the client has be so far from its end."""
    token = shop.ledger.get("token", shop.token)
    assert token is not None
    issued = token["expires_at"] - WEEK_S
    times = {name: issued + seconds for name, seconds in left_s.items()}
    shop.ledger.amend("token", shop.token, **times)


async def refreshed(shop: Shop, refresh_token: str) -> dict[str, Any]:
    wish = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return await shop.ask("token.refresh", wish)


async def test_a_token_lives_a_week_and_opens_the_shop(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        told = await shop.sign_in()
        answer = await shop.ask(*SEARCH)

    assert WEEK_S - 60 < told["expires_in"] <= WEEK_S
    assert (SHOP_ID, 10000) == (told["shop_id"], answer["code"])


@pytest.mark.parametrize(
    ("wish", "sub_code"),
    [
        ({"grant_type": "password"}, "grant-type-invalid"),
        ({}, "grant-type-invalid"),
        ({"grant_type": "authorization_self"}, "no-authorization"),
        ({"grant_type": "authorization_self", "shop_id": "1"}, "no-authorization"),
        ({"grant_type": "authorization_code", "code": ""}, "code-invalid"),
        ({"grant_type": "authorization_code", "code": "mine"}, "code-invalid"),
    ],
)
async def test_nobody_else_signs_in(tmp_path: Path, wish: dict[str, str], sub_code: str) -> None:
    async with opened(tmp_path) as shop:
        answer = await shop.ask("token.create", wish)

    assert answer["code"] == 50001
    assert answer["sub_code"] == f"dop.token-generate-failed:{sub_code}"


@pytest.mark.parametrize("named", [{"shop_id": int(SHOP_ID)}, {"test_shop": "1", "code": ""}])
async def test_clients_name_the_shop_in_their_own_ways(
    tmp_path: Path, named: dict[str, Any]
) -> None:
    async with opened(tmp_path) as shop:
        answer = await shop.ask("token.create", {"grant_type": "authorization_self", **named})

    assert answer["code"] == 10000


async def test_a_merchants_code_is_good_once_and_for_ten_minutes(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        page = f"{shop.url}/authorize"
        codes = [
            (await shop.http.get(page, params={"state": "s"})).json()["code"] for _ in range(2)
        ]
        shop.ledger.amend("auth_code", codes[1], expires_at=0)
        wishes = [
            {"grant_type": "authorization_code", "code": code}
            for code in (codes[0], codes[0], codes[1])
        ]
        answers = [await shop.ask("token.create", wish) for wish in wishes]

    assert [answer["sub_code"].rpartition(":")[2] for answer in answers] == [
        "",
        "code-invalid",
        "code-expired",
    ]


@pytest.mark.parametrize(
    ("token", "code", "sub_code"),
    [
        ("", 40001, "isv.access-token-missing"),
        ("mine", 40003, "isv.access-token-no-existed"),
    ],
)
async def test_whoever_is_not_signed_in_sees_nothing(
    tmp_path: Path, token: str, code: int, sub_code: str
) -> None:
    async with opened(tmp_path) as shop:
        answer = await shop.ask(*SEARCH, access_token=token)

    assert (code, sub_code) == (answer["code"], answer["sub_code"])


async def test_an_early_renewal_brings_the_same_token(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        told = await shop.sign_in()
        again = (await refreshed(shop, told["refresh_token"]))["data"]

    assert told["access_token"] == again["access_token"]
    assert told["refresh_token"] == again["refresh_token"]


async def test_a_renewal_in_the_last_hour_leaves_the_old_token_an_hour(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        told = await shop.sign_in()
        age(shop, expires_at=1800)
        new = (await refreshed(shop, told["refresh_token"]))["data"]
        old_answer = await shop.ask(*SEARCH)
        new_answer = await shop.ask(*SEARCH, access_token=new["access_token"])

    assert told["access_token"] != new["access_token"]
    assert (10000, 10000) == (old_answer["code"], new_answer["code"])


async def test_a_renewal_after_the_end_spends_the_refresh_token(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        told = await shop.sign_in()
        age(shop, expires_at=-1)
        refused = await shop.ask(*SEARCH)
        new = await refreshed(shop, told["refresh_token"])
        again = await refreshed(shop, told["refresh_token"])
        answer = await shop.ask(*SEARCH, access_token=new["data"]["access_token"])

    assert (40003, "isv.access-token-expired") == (refused["code"], refused["sub_code"])
    assert "dop.token-generate-failed:token-expired" == again["sub_code"]
    assert answer["code"] == 10000


@pytest.mark.parametrize(
    ("wish", "sub_code"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "mine"}, "token-invalid"),
        ({"grant_type": "refresh_token"}, "token-invalid"),
        ({"grant_type": "authorization_self"}, "grant-type-invalid"),
    ],
)
async def test_a_renewal_needs_a_refresh_token(
    tmp_path: Path, wish: dict[str, str], sub_code: str
) -> None:
    async with opened(tmp_path) as shop:
        answer = await shop.ask("token.refresh", wish)

    assert f"dop.token-generate-failed:{sub_code}" == answer["sub_code"]


async def test_a_refresh_token_of_a_fortnight_ago_is_spent(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        told = await shop.sign_in()
        age(shop, expires_at=-1, refresh_expires_at=-1)
        answer = await refreshed(shop, told["refresh_token"])

    assert "dop.token-generate-failed:token-expired" == answer["sub_code"]


async def test_a_token_outlives_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        token = shop.token
    async with opened(tmp_path) as shop:
        answer = await shop.ask(*SEARCH, access_token=token)

    assert answer["code"] == 10000
