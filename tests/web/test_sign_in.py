"""Signing in: a token for a cookie, on one page that loads nothing."""

import re
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from domain.staff import Role
from gateways.key_ring import KeyRing
from settings import Keys, Member
from web.sessions import COOKIE, Sessions
from web.sign_in import sign_in_router
from web.staff import Staff

TOKEN = "a-token-of-enough-letters"
NAME = "王<b>芳</b>"  # a name that would be markup if it were let


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    sessions = Sessions(KeyRing.of(Keys()))
    staff = Staff({NAME: Member(role=Role.OPERATOR, token=SecretStr(TOKEN))}, sessions)
    app = FastAPI()
    app.include_router(sign_in_router(staff, sessions))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://hub", follow_redirects=True
    ) as client:
        yield client


async def test_the_page_asks_for_a_token_in_chinese(http: httpx.AsyncClient) -> None:
    page = await http.get("/sign-in")

    assert page.status_code == 200
    assert "令牌" in page.text
    assert 'name="token"' in page.text


async def test_the_page_loads_nothing_and_may_load_nothing(http: httpx.AsyncClient) -> None:
    page = await http.get("/sign-in")

    assert not re.search(r"(src|href|url)\s*[=(]|<script|@import", page.text)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


async def test_a_true_token_signs_in_and_the_page_says_who_it_is(http: httpx.AsyncClient) -> None:
    page = await http.post("/sign-in", data={"token": f" {TOKEN}\n"})

    assert "已登录:王&lt;b&gt;芳&lt;/b&gt;(运营)" in page.text
    assert "<code>http://hub/codec</code>" in page.text  # what the UI must be told once
    assert COOKIE in http.cookies


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.post("/sign-in", data={"token": TOKEN}, follow_redirects=False)
    cookie = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]

    assert answer.status_code == 303
    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"
    assert TOKEN not in cookie.value
    assert not cookie["secure"]  # the hub of one machine speaks plain HTTP on loopback


async def test_behind_https_the_cookie_travels_by_https_only(http: httpx.AsyncClient) -> None:
    answer = await http.post("https://hub/sign-in", data={"token": TOKEN}, follow_redirects=False)

    assert SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]["secure"]


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
async def test_a_wrong_token_is_refused_without_a_cookie(
    http: httpx.AsyncClient, token: str
) -> None:
    page = await http.post("/sign-in", data={"token": token})

    assert page.status_code == 401
    assert "令牌不对" in page.text
    assert COOKIE not in http.cookies


async def test_signing_out_ends_it(http: httpx.AsyncClient) -> None:
    await http.post("/sign-in", data={"token": TOKEN})

    page = await http.post("/sign-out")

    assert COOKIE not in http.cookies
    assert 'name="token"' in page.text
