"""Asks one channel's API: signed by its scheme, with a fresh token, judged by its mapping."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from channels.api import TokenGrant
from channels.asking import Ask, Verdict
from channels.credentials import Credentials
from channels.document import Document
from channels.mapping import ChannelMapping
from channels.requests import SCHEMES, Call, Json
from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused, Untranslatable
from gateways.answers import content_of, my_turn, post, without_query
from gateways.channel_tokens import ChannelTokens, Token

PATIENCE_S = 3.0
AHEAD = timedelta(minutes=5)  # a token that lapses so soon is fetched anew before it is used


class TokenLapsed(GatewayBusy):
    """The channel does not take our token any more; asking again brings another one."""


class ChannelCaller:
    """One channel's line. No token and no secret of it reaches a log or a message.

    Args:
        url: Its API, without the call's own path.
        who: Who we are there.
        fixed_token: The token that was got by hand; empty where the mapping fetches one.
        tokens: Where fetched tokens are kept.
    """

    def __init__(
        self,
        *,
        url: str,
        who: Credentials,
        fixed_token: str,
        tokens: ChannelTokens,
        http: httpx.AsyncClient,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._url = url.rstrip("/")
        self._who = who
        self._fixed_token = fixed_token
        self._tokens = tokens
        self._http = http
        self._now = now
        self._token: Token | None = None
        self._one_at_a_time = asyncio.Lock()
        logging.getLogger("httpx").addFilter(without_query)

    @property
    def account(self) -> Mapping[str, object]:
        """Tell the mapping's cells who we are."""
        return self._who.facts()

    async def ask(self, mapping: ChannelMapping, ask: Ask, facts: Mapping[str, object]) -> object:
        """Ask, and tell the answer as it came.

        Raises:
            GatewayBusy: no answer within 3 s, or "later", or our token has just lapsed.
            GatewayRefused: the channel says that our question is wrong.
            Untranslatable: the answer does not say whether it was done.
        """
        assert mapping.api is not None  # noqa: S101 - nobody asks a channel that has no API
        body = ask.body({"account": self.account, **facts})
        token = await self._fresh_token(mapping)
        answer = await self._post(mapping, ask.call, body, token)
        try:
            return self._judged(mapping, mapping.api.verdict, answer, token)
        except TokenLapsed:
            await self._forget(mapping.channel, token)
            raise

    async def _post(self, mapping: ChannelMapping, name: str, body: Json, token: str) -> object:
        assert mapping.api is not None  # noqa: S101 - as above
        call = Call(name=name, body=body, token=token, at=self._now(), nonce=secrets.token_hex(8))
        request = SCHEMES[mapping.api.scheme](call, self._who)
        answer = await post(
            self._http,
            mapping.channel,
            self._url + request.path,
            PATIENCE_S,
            content=request.content,
            params=request.query,
            headers=request.headers,
        )
        return content_of(mapping.channel, answer)

    def _judged(
        self, mapping: ChannelMapping, verdict: Verdict, answer: object, token: str
    ) -> object:
        channel = mapping.channel
        document = Document(channel, "answer", answer)
        if document.read(verdict.done, bool):
            return answer
        code, message = document.read(verdict.code, str), document.read(verdict.message, str)
        for secret in (token, self._who.secret):
            message = message.replace(secret, "***") if secret else message
        if code in verdict.expired:
            raise TokenLapsed(channel, f"{code} {message}")
        if code in verdict.busy:
            raise GatewayBusy(channel, f"{code} {message}")
        raise GatewayRefused(channel, code, message)

    async def _fresh_token(self, mapping: ChannelMapping) -> str:
        grant = mapping.api.token if mapping.api else None
        if grant is None:
            return self._fixed_token
        async with my_turn(mapping.channel, self._one_at_a_time, PATIENCE_S):
            known = self._token
            if not self._lasts(known):  # another process may have kept a newer one
                known = await asyncio.to_thread(self._tokens.get, mapping.channel)
            if known is None or not self._lasts(known):
                known = await self._new_token(mapping, grant, known)
            self._token = known
        return known.access

    def _lasts(self, token: Token | None) -> bool:
        return token is not None and token.expires_at - self._now() >= AHEAD

    async def _new_token(
        self, mapping: ChannelMapping, grant: TokenGrant, old: Token | None
    ) -> Token:
        """Refresh the token that lapses; ask for another where that is refused."""
        facts: Mapping[str, object] = {"account": self.account, "secret": self._who.secret}
        if old is not None and old.refresh and grant.refreshed is not None:
            with contextlib.suppress(GatewayRefused, TokenLapsed, Untranslatable):
                with_old = {**facts, "refresh_token": old.refresh}
                return await self._granted(mapping, grant, grant.refreshed, with_old)
        return await self._granted(mapping, grant, grant.granted, facts)

    async def _granted(
        self, mapping: ChannelMapping, grant: TokenGrant, ask: Ask, facts: Mapping[str, object]
    ) -> Token:
        assert mapping.api is not None  # noqa: S101 - it has a grant
        channel = mapping.channel
        answer = await self._post(mapping, ask.call, ask.body(facts), "")
        self._judged(mapping, mapping.api.verdict, answer, str(facts.get("refresh_token", "")))
        document = Document(channel, "answer", answer)
        document.fact("now_s", int(self._now().timestamp()))
        token = Token(
            access=document.read(grant.token, str),
            refresh=document.read(grant.refresh_token, str) if grant.refresh_token else "",
            expires_at=document.read(grant.expires_at, datetime),
        )
        await asyncio.to_thread(self._tokens.put, channel, token)
        return token

    async def _forget(self, channel: str, token: str) -> None:
        """Let the next call bring another token: one that was kept meanwhile, or a new one."""
        async with my_turn(channel, self._one_at_a_time, PATIENCE_S):
            if self._token is None or self._token.access != token:
                return  # somebody has brought another one since
            kept = await asyncio.to_thread(self._tokens.get, channel)
            if kept is not None and kept.access == token:
                kept = replace(kept, access="", expires_at=self._now())
                await asyncio.to_thread(self._tokens.put, channel, kept)
            self._token = kept
