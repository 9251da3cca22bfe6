"""One channel's line: its token, what its answers mean, and what it keeps to itself."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.credentials import Credentials
from channels.mapping import ChannelMapping
from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused, HubError, Untranslatable
from gateways.channel_caller import AHEAD, ChannelCaller
from gateways.channel_tokens import ChannelTokens
from gateways.database import open_database
from gateways.key_ring import KeyRing
from gateways.tables import CHANNEL_TOKENS
from infra.migrate import migrate_hub
from settings import Keys
from tests.serving import served

YOUZAN = ChannelMapping.load("youzan", "4")
SECRET = "the-channels-secret"
TRADE: dict[str, Any] = {"success": True, "data": {"full_order_info": {}}}
LAPSED = {"gw_err_resp": {"err_code": 4203, "err_msg": "Token 不存在"}}
BUSY = {"gw_err_resp": {"err_code": 4101, "err_msg": "系统繁忙"}}
WEEK = timedelta(days=7)


@dataclass
class Channel:
    """Youzan's form; it answers what a test wants, and knows the tokens that it gave.

    Attributes:
        asked: How each token was asked for: ``silent`` or ``refresh_token``.
        refreshed: What is answered to who shows a refresh token; a new token while it is ``None``.
        answer: What is answered to whoever shows a good token.
    """

    asked: list[str] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    refreshed: Any = None
    answer: Callable[[], Awaitable[Response]] | None = None
    now: datetime = field(default_factory=lambda: utc_now().replace(microsecond=0))

    def clock(self) -> datetime:
        return self.now

    def answers(self, content: Any = TRADE, status: int = 200) -> None:
        async def answer() -> Response:
            return Response(content, status) if isinstance(content, str) else JSONResponse(content)

        self.answer = answer

    async def token(self, request: Request) -> Response:
        how = (await request.json())["authorize_type"]
        self.asked.append(how)
        if how == "refresh_token" and self.refreshed is not None:
            return JSONResponse(self.refreshed)
        name = f"token-{len(self.asked)}"
        self.good.add(name)
        expires = int((self.now + WEEK).timestamp() * 1000)
        told = {"access_token": name, "refresh_token": f"re-{name}", "expires": expires}
        return JSONResponse({"success": True, "code": 200, "data": told})

    async def trade(self, request: Request) -> Response:
        if request.query_params.get("access_token") not in self.good:
            return JSONResponse(LAPSED)
        return await self.answer() if self.answer else JSONResponse(TRADE)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A channel, and a hub that asks it."""

    channel: Channel
    hub: Engine
    url: str
    http: httpx.AsyncClient

    def caller(self, url: str = "") -> ChannelCaller:
        """Stand for one process of the hub."""
        return ChannelCaller(
            url=url or self.url,
            who=Credentials(account="client", secret=SECRET, shop="7"),
            fixed_token="",
            tokens=ChannelTokens(self.hub, KeyRing.of(Keys())),
            http=self.http,
            now=self.channel.clock,
        )


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    channel = Channel()
    routes = [
        Route("/auth/token", channel.token, methods=["POST"]),
        Route("/api/youzan.trade.get/4.0.1", channel.trade, methods=["POST"]),
    ]
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    migrate_hub(url)
    hub = open_database(url)
    async with served(Starlette(routes=routes)) as base, httpx.AsyncClient() as http:
        yield Line(channel=channel, hub=hub, url=base, http=http)
    hub.dispose()


async def ask(caller: ChannelCaller) -> object:
    assert YOUZAN.api is not None
    return await caller.ask(YOUZAN, YOUZAN.api.order, {"number": "E1"})


async def test_many_calls_at_once_fetch_one_token(line: Line) -> None:
    caller = line.caller()

    answers = await asyncio.gather(*(ask(caller) for _ in range(20)))

    assert [TRADE] * 20 == answers
    assert ["silent"] == line.channel.asked


async def test_a_restart_asks_for_no_new_token(line: Line) -> None:
    await ask(line.caller())

    await ask(line.caller())

    assert ["silent"] == line.channel.asked


async def test_who_reads_the_table_reads_no_token(line: Line) -> None:
    await ask(line.caller())

    with line.hub.begin() as connection:
        (row,) = connection.execute(select(CHANNEL_TOKENS)).all()

    assert b"token-1" not in row.sealed
    assert "token-1" not in repr(ChannelTokens(line.hub, KeyRing.of(Keys())).get("youzan"))


async def test_a_token_is_refreshed_ahead_of_its_end(line: Line) -> None:
    caller = line.caller()
    await ask(caller)
    line.channel.now += WEEK - AHEAD
    await ask(caller)
    assert ["silent"] == line.channel.asked

    line.channel.now += timedelta(seconds=1)
    await ask(caller)

    assert ["silent", "refresh_token"] == line.channel.asked


async def test_a_token_that_another_process_refreshed_is_not_refreshed_again(line: Line) -> None:
    first, second = line.caller(), line.caller()
    await ask(first)
    await ask(second)
    line.channel.now += WEEK
    await ask(first)

    await ask(second)

    assert ["silent", "refresh_token"] == line.channel.asked


@pytest.mark.parametrize(
    "refusal",
    [
        {"success": False, "code": 1004, "message": "授权关系已过期"},
        {"success": False, "code": 4203, "message": "Token 不存在"},
        {"success": True, "code": 200, "data": None},
    ],
)
async def test_when_a_refresh_fails_a_new_token_is_asked_for(line: Line, refusal: Any) -> None:
    caller = line.caller()
    await ask(caller)
    line.channel.now += WEEK
    line.channel.refreshed = refusal

    assert TRADE == await ask(caller)
    assert ["silent", "refresh_token", "silent"] == line.channel.asked


async def test_a_refresh_that_comes_too_early_is_made_later(line: Line) -> None:
    caller = line.caller()
    await ask(caller)
    line.channel.now += WEEK
    line.channel.refreshed = {"success": False, "code": 140500101, "message": "稍后再试"}
    with pytest.raises(GatewayBusy):
        await ask(caller)
    line.channel.refreshed = None

    assert TRADE == await ask(caller)
    assert ["silent", "refresh_token", "refresh_token"] == line.channel.asked


async def test_a_token_that_the_channel_takes_no_more_is_fetched_anew(line: Line) -> None:
    caller = line.caller()
    await ask(caller)
    line.channel.good.clear()
    with pytest.raises(GatewayBusy, match="4203"):
        await ask(caller)

    assert TRADE == await ask(caller)
    assert ["silent", "refresh_token"] == line.channel.asked


async def test_calls_that_all_meet_a_lapsed_token_fetch_one_new_token(line: Line) -> None:
    caller = line.caller()
    await ask(caller)
    line.channel.good.clear()

    faults = await asyncio.gather(*(ask(caller) for _ in range(5)), return_exceptions=True)
    await asyncio.gather(*(ask(caller) for _ in range(5)))

    assert [fault for fault in faults if isinstance(fault, GatewayBusy)]
    assert ["silent", "refresh_token"] == line.channel.asked


async def test_a_lapsed_token_gives_way_to_the_one_that_another_process_fetched(
    line: Line,
) -> None:
    first, second = line.caller(), line.caller()
    await ask(first)
    await ask(second)
    line.channel.good.clear()
    for _ in range(2):
        with pytest.raises(GatewayBusy):
            await ask(first if line.channel.asked == ["silent"] else second)
        if line.channel.asked == ["silent"]:
            await ask(first)

    assert TRADE == await ask(second)
    assert ["silent", "refresh_token"] == line.channel.asked


@pytest.mark.parametrize(
    ("content", "fault", "said"),
    [
        (BUSY, GatewayBusy, "系统繁忙"),
        ({"success": False, "code": 101, "message": "tid 不存在"}, GatewayRefused, "101 tid"),
        ("<html>", Untranslatable, "body"),
        ("", Untranslatable, "body"),
        ([], Untranslatable, "gw_err_resp"),
        ({"success": False, "message": "?"}, Untranslatable, r"\$.code"),
        ({"success": False, "code": 101}, Untranslatable, r"\$.message"),
        ({"success": "yes", "code": 1, "message": "?"}, GatewayRefused, "1"),
    ],
)
async def test_an_answer_is_judged_by_the_channels_own_words(
    line: Line, content: Any, fault: type[HubError], said: str
) -> None:
    line.channel.answers(content)

    with pytest.raises(fault, match=said):
        await ask(line.caller())


@pytest.mark.parametrize(
    ("status", "fault"),
    [(500, GatewayBusy), (503, GatewayBusy), (429, GatewayBusy), (404, GatewayRefused)],
)
async def test_a_status_without_an_answer_tells_whether_to_ask_again(
    line: Line, status: int, fault: type[HubError]
) -> None:
    line.channel.answers("away", status)

    with pytest.raises(fault, match=str(status)):
        await ask(line.caller())


async def test_silence_is_busy(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.channel_caller.PATIENCE_S", 0.3)
    caller = line.caller()
    await ask(caller)
    line.channel.answer = asyncio.Event().wait  # type: ignore[assignment] # nobody ever answers

    with pytest.raises(GatewayBusy, match="ReadTimeout"):
        await ask(caller)


async def test_a_channel_that_is_not_there_is_busy(line: Line) -> None:
    with pytest.raises(GatewayBusy, match="ConnectError"):
        await ask(line.caller("http://127.0.0.1:9"))


@pytest.mark.parametrize("code", [101, 4101, 4203])
async def test_neither_token_nor_secret_reaches_a_message_or_a_log(
    line: Line, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    told = {"success": False, "code": code, "message": f"token-1 / {SECRET}"}
    line.channel.answers(told)

    with caplog.at_level(logging.DEBUG), pytest.raises(HubError) as fault:
        await ask(line.caller())

    seen = caplog.text + str(fault.value)
    assert "/api/youzan.trade.get/4.0.1" in caplog.text
    assert "*** / ***" in str(fault.value)
    assert not [secret for secret in ("token-1", SECRET) if secret in seen]


def test_credentials_show_no_secret() -> None:
    who = Credentials(account="client", secret=SECRET, shop="7", more={"key": SECRET})

    assert SECRET not in repr(who) + json.dumps(dict(who.facts()))
