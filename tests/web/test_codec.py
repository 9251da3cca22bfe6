"""The codec server: it opens payloads for signed-in staff and for the UI, and for nobody else."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from google.protobuf.json_format import MessageToDict, ParseDict
from pydantic import SecretStr
from structlog.testing import capture_logs
from temporalio.api.common.v1 import Payload, Payloads

from domain.staff import Role
from gateways.key_ring import KeyRing
from infra.codec import SealingCodec
from settings import Keys, Member
from web.codec import codec_app
from web.sessions import COOKIE, Sessions
from web.staff import Staff

UI = "http://127.0.0.1:8233"
TOKEN = "a-token-of-enough-letters"
SIGNED_IN = {"Authorization": f"Bearer {TOKEN}", "X-Namespace": "default"}
NAME = Payload(metadata={"encoding": b"json/plain"}, data='"张三"'.encode())
PHONE = Payload(metadata={"encoding": b"json/plain"}, data=b'"13800001234"')


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.of(Keys())


@pytest.fixture
def codec(ring: KeyRing) -> SealingCodec:
    return SealingCodec(ring)


@pytest.fixture
async def http(ring: KeyRing, codec: SealingCodec) -> AsyncIterator[httpx.AsyncClient]:
    members = {"王芳": Member(role=Role.VIEWER, token=SecretStr(TOKEN))}
    app = FastAPI()
    app.mount("/codec", codec_app(codec, Staff(members, Sessions(ring)), [UI]))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


def asked(payloads: Sequence[Payload]) -> dict[str, Any]:
    return MessageToDict(Payloads(payloads=payloads))


def answered(answer: httpx.Response) -> list[Payload]:
    return list(ParseDict(answer.json(), Payloads()).payloads)


async def test_sealed_payloads_are_opened_in_their_order(
    http: httpx.AsyncClient, codec: SealingCodec
) -> None:
    sealed = await codec.encode([NAME, PHONE])

    answer = await http.post("/codec/decode", json=asked([*sealed, NAME]), headers=SIGNED_IN)

    assert answered(answer) == [NAME, PHONE, NAME]  # what was never sealed passes through
    assert answer.headers["Cache-Control"] == "no-store"


async def test_payloads_are_sealed_for_who_starts_something_from_the_ui(
    http: httpx.AsyncClient, codec: SealingCodec
) -> None:
    answer = await http.post("/codec/encode", json=asked([NAME]), headers=SIGNED_IN)

    assert "encoding" in answered(answer)[0].metadata
    assert await codec.decode(answered(answer)) == [NAME]


async def test_a_session_is_enough(http: httpx.AsyncClient, ring: KeyRing) -> None:
    http.cookies.set(COOKIE, Sessions(ring).begin("王芳", TOKEN))

    assert (await http.post("/codec/decode", json=asked([NAME]))).status_code == 200


@pytest.mark.parametrize("path", ["/codec/decode", "/codec/encode"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_nobody_else_is_served(
    http: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    answer = await http.post(path, json=asked([NAME]), headers={**headers, "Origin": UI})

    assert answer.status_code == 401
    assert "请先登录" in answer.json()["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == UI  # so that the UI can say why


async def test_the_ui_may_ask_with_its_cookie(http: httpx.AsyncClient) -> None:
    answer = await preflight(http, UI)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == UI
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1:8234", "https://127.0.0.1:8233", "null", f"{UI}.io"],
)
async def test_a_page_of_another_origin_may_not(http: httpx.AsyncClient, origin: str) -> None:
    asked_first = await preflight(http, origin)
    answer = await http.post(
        "/codec/decode", json=asked([NAME]), headers={**SIGNED_IN, "Origin": origin}
    )

    assert asked_first.status_code == 400
    assert "Access-Control-Allow-Origin" not in asked_first.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_payload_that_can_not_be_opened_is_explained(http: httpx.AsyncClient) -> None:
    other = SealingCodec(KeyRing("lost", {"lost": b"k" * 32}))
    sealed = await other.encode([NAME])

    answer = await http.post("/codec/decode", json=asked(sealed), headers=SIGNED_IN)

    assert answer.status_code == 400
    assert "密钥 lost 不在 [keys] ring 里" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"1", b'{"payload": []}', b'{"payloads": 1}', b"\xff\xfe", b"[" * 100_000],
    ids=range(7),
)
async def test_rubbish_is_refused(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post("/codec/decode", content=body, headers=SIGNED_IN)

    assert answer.status_code == 400
    assert "payloads" in answer.json()["detail"]


async def test_who_read_how_many_goes_on_record_but_not_what(
    http: httpx.AsyncClient, codec: SealingCodec
) -> None:
    sealed = await codec.encode([NAME, PHONE])

    with capture_logs() as logs:
        await http.post("/codec/decode", json=asked(sealed), headers=SIGNED_IN)

    (record,) = logs
    assert record == {
        "event": "payloads_opened",
        "log_level": "info",
        "who": "王芳",
        "payloads": 2,
        "namespace": "default",
    }
    assert "13800001234" not in json.dumps(logs, ensure_ascii=False)


async def test_only_posts_are_served(http: httpx.AsyncClient) -> None:
    assert (await http.get("/codec/decode", headers=SIGNED_IN)).status_code == 405


async def preflight(http: httpx.AsyncClient, origin: str) -> httpx.Response:
    """Ask as a browser does before it lets a page of ``origin`` post."""
    return await http.options(
        "/codec/decode",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-namespace",
        },
    )
