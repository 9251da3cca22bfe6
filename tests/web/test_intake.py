"""The intake: what is proved and kept is answered; what is not proved leaves nothing behind."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI

from domain.events import Push
from tests.web.pushes import PATH, order_body, signed, the_shops_door
from web.intake import BODY_LIMIT_BYTES, Intake


@dataclass
class KeptPushes:
    """An inbox in memory."""

    pushes: dict[str, Push] = field(default_factory=dict)

    def keep(self, door: str, key: str, push: Push) -> bool:
        is_new = f"{door}/{key}" not in self.pushes
        self.pushes.setdefault(f"{door}/{key}", push)
        return is_new


@dataclass
class Front:
    """A front with one door."""

    http: httpx.AsyncClient
    inbox: KeptPushes
    arrivals: list[None]


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    inbox, arrivals = KeptPushes(), list[None]()
    app = FastAPI()
    intake = Intake({PATH: the_shops_door()}, inbox, lambda: arrivals.append(None))
    app.include_router(intake.router())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as http:
        yield Front(http, inbox, arrivals)


async def test_a_signed_order_is_kept_as_it_came_and_answered(front: Front) -> None:
    body = order_body()
    answer = await front.http.post(PATH, content=body, headers=signed(body))

    assert 0 == answer.json()["code"]
    assert [body] == [push.body for push in front.inbox.pushes.values()]
    assert 1 == len(front.arrivals)


async def test_the_same_push_five_times_is_kept_once_and_answered_each_time(front: Front) -> None:
    body = order_body()
    answers = [await front.http.post(PATH, content=body, headers=signed(body)) for _ in range(5)]

    assert [0] * 5 == [answer.json()["code"] for answer in answers]
    assert 1 == len(front.inbox.pushes) == len(front.arrivals)


async def test_a_forged_push_is_refused_and_leaves_nothing(front: Front) -> None:
    body = order_body()
    answer = await front.http.post(PATH, content=body + b" ", headers=signed(body))

    assert 401 == answer.status_code
    assert {} == front.inbox.pushes


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe", b'{"order_no": 7}'])
async def test_a_genuine_push_that_has_no_name_is_refused_but_kept(
    front: Front, body: bytes
) -> None:
    """The shop hears what is wrong, and a person can still see what it sent."""
    answer = await front.http.post(PATH, content=body, headers=signed(body))

    assert 400 == answer.status_code
    assert [body] == [push.body for push in front.inbox.pushes.values()]


async def test_ten_megabytes_of_rubbish_are_refused_unread(front: Front) -> None:
    answer = await front.http.post(PATH, content=b"x" * (BODY_LIMIT_BYTES + 1))

    assert 413 == answer.status_code
    assert {} == front.inbox.pushes


async def test_a_door_only_takes_posts(front: Front) -> None:
    assert 405 == (await front.http.get(PATH)).status_code
