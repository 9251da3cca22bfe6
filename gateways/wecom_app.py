"""The WeCom app that sends cards to the risk officers, and changes them once (protocols 6).

WeCom answers HTTP 200 also when it refuses; ``errcode`` tells which. Token and secret travel in
the URL, so no URL of it may reach a log or a message.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel

from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused
from domain.freeze import FreezeNotice
from gateways.answers import content_of, my_turn, post, shaped, without_query
from gateways.wecom_card import card_of
from settings import WecomApp

PARTNER = "wecom_app"
PATIENCE_S = 3.0
TOO_MANY = 45009
DROPPED = frozenset({40014, 42001})  # a token that is no longer good; the next one may be
BAD_TOKEN = DROPPED | {40001, 41001}
BUSY = DROPPED | {-1, 45009, 45033}  # and busy, too many calls, too many at the same moment
MINUTE = timedelta(minutes=1)
RENEW_BEFORE = timedelta(minutes=5)
SAME_WITHIN_S = 14_400  # the longest that WeCom looks back for the same message: four hours


class Reply(BaseModel):
    """What every call answers, and what some of them add."""

    errcode: int
    errmsg: str = ""
    access_token: str = ""
    expires_in: int = 7200


class WecomCards:
    """Sends and changes cards.

    Args:
        patience_s: How long to wait for one answer.
    """

    def __init__(
        self,
        settings: WecomApp,
        http: httpx.AsyncClient,
        now: Callable[[], datetime] = utc_now,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._settings = settings
        self._http = http
        self._now = now
        self._patience_s = patience_s
        self._token = ""
        self._fresh_until = now()
        self._one_at_a_time = asyncio.Lock()  # many callers, one token
        logging.getLogger("httpx").addFilter(without_query)

    async def send(self, notice: FreezeNotice) -> None:
        """Send the card about a freeze; WeCom leaves out one that it has just had.

        Raises:
            GatewayBusy: no answer, or too many calls for now.
            GatewayRefused: WeCom does not know us, or none of the officers.
        """
        message = {
            "touser": "|".join(self._settings.officers),
            "msgtype": "template_card",
            "agentid": self._settings.agent_id,
            "template_card": card_of(notice),
            "enable_duplicate_check": 1,
            "duplicate_check_interval": SAME_WITHIN_S,
        }
        await self._call("message/send", message)

    async def change(self, ticket: str, card: Mapping[str, Any]) -> None:
        """Draw a card anew; a ticket serves once. The same faults as ``send``."""
        await self._update(ticket, {"template_card": card})

    async def close(self, ticket: str, words: str) -> None:
        """Put words where the buttons were, so that nobody presses them again."""
        await self._update(ticket, {"button": {"replace_name": words}})

    async def _update(self, ticket: str, change: Mapping[str, Any]) -> None:
        who = {"userids": list(self._settings.officers), "agentid": self._settings.agent_id}
        await self._call("message/update_template_card", {**who, "response_code": ticket, **change})

    async def _call(self, path: str, body: Mapping[str, Any]) -> None:
        """Call; a token that WeCom has dropped is fetched anew once, before anything was done."""
        reply = await self._post(path, body)
        if reply.errcode in BAD_TOKEN:
            self._token = ""
            reply = await self._post(path, body)
        _check(reply, self._token)

    async def _post(self, path: str, body: Mapping[str, Any]) -> Reply:
        url, token = f"{self._settings.url}/cgi-bin/{path}", await self._fresh_token()
        query = {"access_token": token}
        answer = await post(self._http, PARTNER, url, self._patience_s, params=query, json=body)
        return shaped(PARTNER, Reply, content_of(PARTNER, answer))

    async def _fresh_token(self) -> str:
        async with my_turn(PARTNER, self._one_at_a_time, self._patience_s):
            if not self._token or self._now() >= self._fresh_until:
                await self._fetch_token()
            return self._token

    async def _fetch_token(self) -> None:
        secret = self._settings.secret.get_secret_value()
        query = {"corpid": self._settings.corp_id, "corpsecret": secret}
        url = f"{self._settings.url}/cgi-bin/gettoken"
        try:
            answer = await self._http.get(url, params=query, timeout=self._patience_s)
        except httpx.TransportError as e:
            raise GatewayBusy(PARTNER, type(e).__name__) from e
        if not answer.is_success:
            raise GatewayBusy(PARTNER, f"HTTP {answer.status_code}")
        reply = shaped(PARTNER, Reply, content_of(PARTNER, answer))
        _check(reply, secret)
        self._token = reply.access_token
        self._fresh_until = self._now() + timedelta(seconds=reply.expires_in) - RENEW_BEFORE


def _check(reply: Reply, secret: str) -> None:
    if reply.errcode == 0:
        return
    words = reply.errmsg.replace(secret, "***") if secret else reply.errmsg
    if reply.errcode in BUSY:
        wait = MINUTE if reply.errcode == TOO_MANY else None
        raise GatewayBusy(PARTNER, f"{reply.errcode} {words}", wait=wait)
    hint = "(请核对 lifeline.toml 中 [wecom_app] 的 corp_id、agent_id、secret 与 officers)"
    raise GatewayRefused(PARTNER, str(reply.errcode), words + hint)
