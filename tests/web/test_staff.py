"""Who is let in: by token or by cookie, as far as the role goes."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI
from pydantic import SecretStr, ValidationError

from domain.clock import utc_now
from domain.staff import Role, StaffMember
from gateways.key_ring import KeyRing
from settings import Keys, Member
from web.sessions import COOKIE, LASTS, Sessions
from web.staff import Staff

TOKENS = {role: f"the-token-of-{role}-0123456789" for role in Role}
MEMBERS = {role.value: Member(role=role, token=SecretStr(TOKENS[role])) for role in Role}


class Clock:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(KeyRing.of(Keys()), clock)


@pytest.fixture
async def http(sessions: Sessions) -> AsyncIterator[httpx.AsyncClient]:
    """A front with one door for each role, and one for everybody."""
    staff, app = Staff(MEMBERS, sessions), FastAPI()

    def door(path: str, *roles: Role) -> None:
        @app.get(path)
        async def enter(member: Annotated[StaffMember, Depends(staff.must(*roles))]) -> str:
            return f"{member.name}/{member.role}"

    door("/anybody")
    for role in Role:
        door(f"/{role}", role)
    door("/operator-or-risk", Role.OPERATOR, Role.RISK)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("door", "admitted"),
    [
        ("/anybody", {"viewer", "operator", "risk", "admin"}),
        ("/viewer", {"viewer", "operator", "risk", "admin"}),
        ("/operator", {"operator", "admin"}),
        ("/risk", {"risk", "admin"}),
        ("/admin", {"admin"}),
        ("/operator-or-risk", {"operator", "risk", "admin"}),
    ],
)
async def test_a_role_opens_its_own_doors(
    http: httpx.AsyncClient, door: str, admitted: set[str]
) -> None:
    answers = {role: await http.get(door, headers=bearer(TOKENS[role])) for role in Role}

    assert {role.value for role in Role if answers[role].is_success} == admitted
    for role, answer in answers.items():
        assert answer.status_code == (200 if role.value in admitted else 403)


async def test_who_may_not_is_told_in_chinese_which_role_it_takes(http: httpx.AsyncClient) -> None:
    answer = await http.get("/operator-or-risk", headers=bearer(TOKENS[Role.VIEWER]))

    assert answer.json()["detail"] == ("viewer 的角色是只读,此操作需要运营或风控:请联系管理员")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {TOKENS[Role.ADMIN]}x",
        f"Bearer {TOKENS[Role.ADMIN][:-1]}",
        f"Basic {TOKENS[Role.ADMIN]}",
        TOKENS[Role.ADMIN],
        "Bearer 令牌".encode().decode("latin-1"),
    ],
)
async def test_without_a_true_token_nobody_is_let_in(
    http: httpx.AsyncClient, header: str | None
) -> None:
    headers = {} if header is None else {b"Authorization": header.encode("latin-1")}
    answer = await http.get("/anybody", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "请先登录" in answer.json()["detail"]


async def test_a_token_is_taken_whatever_the_case_of_the_scheme(http: httpx.AsyncClient) -> None:
    answer = await http.get("/admin", headers={"Authorization": f"bearer {TOKENS[Role.ADMIN]}"})

    assert answer.json() == "admin/admin"


async def test_a_session_lets_in_until_it_ends(
    http: httpx.AsyncClient, sessions: Sessions, clock: Clock
) -> None:
    http.cookies.set(COOKIE, sessions.begin("risk", TOKENS[Role.RISK]))
    assert (await http.get("/risk")).json() == "risk/risk"

    clock.now += LASTS - timedelta(seconds=1)
    assert (await http.get("/risk")).status_code == 200

    clock.now += timedelta(seconds=1)
    assert (await http.get("/risk")).status_code == 401


async def test_a_wrong_token_is_not_mended_by_a_session(
    http: httpx.AsyncClient, sessions: Sessions
) -> None:
    http.cookies.set(COOKIE, sessions.begin("admin", TOKENS[Role.ADMIN]))

    assert (await http.get("/anybody", headers=bearer("wrong"))).status_code == 401


async def test_a_session_ends_when_the_members_token_changes(
    http: httpx.AsyncClient, sessions: Sessions
) -> None:
    http.cookies.set(COOKIE, sessions.begin("admin", "the-token-that-was-stolen"))

    assert (await http.get("/anybody")).status_code == 401


async def test_a_session_under_another_key_lets_nobody_in(http: httpx.AsyncClient) -> None:
    other = Sessions(KeyRing("other", {"other": b"k" * 32}))
    http.cookies.set(COOKIE, other.begin("admin", TOKENS[Role.ADMIN]))

    assert (await http.get("/anybody")).status_code == 401


async def test_a_member_who_left_is_not_let_in(http: httpx.AsyncClient, sessions: Sessions) -> None:
    http.cookies.set(COOKIE, sessions.begin("left", "the-token-of-who-left"))

    assert (await http.get("/anybody")).status_code == 401
    assert (await http.get("/anybody", headers=bearer("the-token-of-who-left"))).is_error


def forgeries() -> list[str]:
    genuine = Sessions(KeyRing.of(Keys())).begin("viewer", TOKENS[Role.VIEWER])
    name, ends, signature = genuine.split(".")
    return [
        "",
        "rubbish",
        "..",
        f"{name}.{ends}.",
        f"{b'admin'.hex()}.{ends}.{signature}",  # somebody else
        f"{b'nobody'.hex()}.{ends}.{signature}",
        f"{name}.{int(ends) + 1}.{signature}",  # for longer
        f"{name}.{ends}.{signature[:-1]}0" if signature[-1] != "0" else f"{name}.{ends}.0",
        f"{name}.+{ends}.{signature}",
        f"{name}.{ends}.{signature}.",
        f"zz.{ends}.{signature}",
        f"ff.{ends}.{signature}",  # not UTF-8
    ]


@pytest.mark.parametrize("cookie", forgeries())
async def test_a_forged_session_lets_nobody_in(http: httpx.AsyncClient, cookie: str) -> None:
    answer = await http.get("/anybody", headers={"Cookie": f"{COOKIE}={cookie}"})

    assert answer.status_code == 401


def test_a_token_that_can_be_guessed_is_refused_at_start() -> None:
    with pytest.raises(ValidationError):
        Member(role=Role.VIEWER, token=SecretStr("short"))
