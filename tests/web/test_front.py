"""The whole front, as the starter builds it, over real sockets, while there is no engine."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from channels.signatures import lifeline_signature
from domain.clock import utc_now
from domain.staff import Role
from infra.migrate import migrate_hub
from settings import Channel, Engine, Hub, Member, Mes, Settings
from starter import build_app
from tests.channels.miniprogram_orders import a_push
from tests.free_ports import a_free_row
from tests.serving import served
from web.reading import BODY_LIMIT_BYTES

SECRET, TOKEN = "the-shop-s-secret", "the-operator-s-token"
PATH = "/api/order/create"


@dataclass
class Outside:
    """Where partners and staff are."""

    http: httpx.AsyncClient
    url: str

    async def push(self, document: dict[str, object]) -> httpx.Response:
        body, stamp = json.dumps(document).encode(), str(int(utc_now().timestamp()))
        headers = {
            "content-type": "application/json",
            "x-lifeline-timestamp": stamp,
            "x-lifeline-nonce": "n1",
            "x-lifeline-sign": lifeline_signature(SECRET.encode(), stamp, "n1", body),
        }
        return await self.http.post(PATH, content=body, headers=headers)

    async def inbox(self) -> list[dict[str, str]]:
        headers = {"authorization": f"Bearer {TOKEN}"}
        found: list[dict[str, str]] = (
            await self.http.get("/api/ops/inbox", headers=headers)
        ).json()
        return found

    async def raw(self, said: bytes) -> bytes:
        """Say bytes on a socket of its own, and read the answer's first line."""
        where = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(said)
        line = await reader.readline()
        writer.close()
        return line


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    settings = Settings(
        hub=Hub(url=f"sqlite:///{tmp_path / 'hub.sqlite'}"),
        engine=Engine(port=a_free_row(1)),
        mes=Mes(folder=tmp_path / "mes"),
        channels={"miniprogram": Channel(secret=SECRET)},
        staff={"zhang": Member(role=Role.OPERATOR, token=TOKEN)},
    )
    migrate_hub(settings.hub.url)
    async with served(build_app(settings)) as url, httpx.AsyncClient(base_url=url) as http:
        yield Outside(http, url)


async def test_an_order_is_kept_and_its_shop_told_to_wait(outside: Outside) -> None:
    answer = await outside.push(a_push())

    assert 200 == answer.status_code, answer.text
    assert "pending" == answer.json()["decision"]
    assert [("miniprogram", "new")] == [
        (entry["door"], entry["state"]) for entry in await outside.inbox()
    ]


async def test_a_wrong_field_is_told_by_its_name(outside: Outside) -> None:
    answer = await outside.push(a_push(pay_amount="12.30"))

    assert 400 == answer.status_code
    assert "pay_amount" in answer.json()["msg"]
    assert 1 == len(await outside.inbox())


async def test_ten_megabytes_of_rubbish_leave_nothing(outside: Outside) -> None:
    async def rubbish() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"x" * 64 * 1024

    # The server hangs up as soon as it has said no; whether the sender hears it is a race.
    try:
        answer = await outside.http.post(PATH, content=rubbish())
    except httpx.TransportError:
        pass
    else:
        assert 413 == answer.status_code
    assert [] == await outside.inbox()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (f"Content-Length: {BODY_LIMIT_BYTES + 1}\r\n\r\n".encode(), b"413"),
        (b"Content-Type: text/html\r\nContent-Length: 9\r\n\r\n", b"415"),
        (b"Content-Length: soon\r\n\r\n", b"400"),
        (b"Content-Length: -1\r\n\r\n", b"400"),
    ],
)
async def test_what_can_be_no_push_is_refused_before_it_was_sent(
    outside: Outside, said: bytes, status: bytes
) -> None:
    line = await outside.raw(f"POST {PATH} HTTP/1.1\r\nHost: hub\r\n".encode() + said)

    assert status == line.split()[1]


async def test_tools_find_the_description_and_no_page_from_elsewhere(outside: Outside) -> None:
    described = (await outside.http.get("/openapi.json")).json()

    assert "列出推送,最新的在前" == described["paths"]["/api/ops/inbox"]["get"]["summary"]
    assert PATH not in described["paths"]
    for page in ("/docs", "/redoc"):
        assert 404 == (await outside.http.get(page)).status_code


async def test_a_stranger_sees_no_inbox(outside: Outside) -> None:
    assert 401 == (await outside.http.get("/api/ops/inbox")).status_code
