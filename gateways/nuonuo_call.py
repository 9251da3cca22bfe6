"""How a call to Nuonuo is signed, sent and understood (protocols 9.1)."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict

from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused
from gateways.answers import content_of, my_turn, post, shaped
from settings import Nuonuo

PARTNER = "nuonuo"
DONE = "E0000"
TOKEN_LOST = frozenset({"070101", "070304", "070305", "070307"})
TOO_MANY = "070306"


class Reply(BaseModel):
    """What every service answers; ``result`` is the service's own."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    code: str
    describe: str | None = None
    result: Any = None


class Grant(BaseModel):
    """What the token service answers: a token, what is wrong with us, or a complaint."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    access_token: str = ""
    error: str = ""
    code: str = ""


def sign(secret: str, app_key: str, envelope: Mapping[str, str], body: bytes) -> str:
    """Sign exactly the bytes that are sent; ``envelope`` has senid, nonce and timestamp."""
    text = (
        f"a=services&l=v1&p=open&k={app_key}&i={envelope['senid']}"
        f"&n={envelope['nonce']}&t={envelope['timestamp']}&f="
    )
    digest = hmac.new(secret.encode(), text.encode() + body, hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class NuonuoCalls:
    """Calls services by name, with a token that is fetched once and kept until it is refused."""

    def __init__(self, settings: Nuonuo, http: httpx.AsyncClient, patience_s: float) -> None:
        self._settings = settings
        self._http = http
        self._patience_s = patience_s
        self._token = ""
        self._one_at_a_time = asyncio.Lock()  # tokens are rationed: many callers, one fetch

    async def call(self, method: str, content: Mapping[str, Any]) -> Reply:
        """Call one service; a lost token is fetched anew once, and the call repeated.

        The gateway refuses a token before it looks at the call, so the repeat is safe.

        Raises:
            GatewayBusy: no answer in time, too many calls, or the new token was refused too.
        """
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        token = await self._a_token(refused="")
        reply = await self._send(method, body, token)
        if reply.code in TOKEN_LOST:
            reply = await self._send(method, body, await self._a_token(refused=token))
        if reply.code in TOKEN_LOST or reply.code == TOO_MANY:
            raise GatewayBusy(PARTNER, f"{reply.code} {reply.describe or '请稍后'}")
        return reply

    async def _send(self, method: str, body: bytes, token: str) -> Reply:
        envelope = _envelope()
        key = self._settings.app_key
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "X-Nuonuo-Sign": sign(self._settings.secret.get_secret_value(), key, envelope, body),
            "accessToken": token,
            "userTax": self._settings.seller_tax_no,
            "method": method,
        }
        query = {**envelope, "appkey": key}
        content = await self._post(self._settings.url, params=query, headers=headers, content=body)
        return shaped(PARTNER, Reply, content)

    async def _a_token(self, *, refused: str) -> str:
        """Tell the token in use; one that was ``refused`` is replaced, by the first who says so."""
        async with my_turn(PARTNER, self._one_at_a_time, self._patience_s):
            if self._token == refused:
                self._token = await self._fetch_token()
            return self._token

    async def _fetch_token(self) -> str:
        form = {
            "client_id": self._settings.app_key,
            "client_secret": self._settings.secret.get_secret_value(),
            "grant_type": "client_credentials",
        }
        content = await self._post(self._settings.token_url, data=form)
        grant = shaped(PARTNER, Grant, content)
        if grant.error:
            raise GatewayRefused(PARTNER, grant.error, "请核对 nuonuo.app_key 与 nuonuo.secret")
        if not grant.access_token:  # the platform's complaint, not about our credentials
            raise GatewayBusy(PARTNER, f"未取到令牌 {grant.code}")
        return grant.access_token

    async def _post(self, url: str, **request: Any) -> object:  # noqa: ANN401 - httpx's own
        answer = await post(self._http, PARTNER, url, self._patience_s, **request)
        return content_of(PARTNER, answer)


def _envelope() -> dict[str, str]:
    """Make a call unlike any other; here the same call twice is two calls."""
    return {
        "senid": secrets.token_hex(16),
        "nonce": str(10_000_000 + secrets.randbelow(90_000_000)),
        "timestamp": str(int(utc_now().timestamp())),
    }


def must_agree(reply: Reply) -> None:
    """Raise ``GatewayRefused`` with Nuonuo's own words unless the service did what was asked."""
    if reply.code != DONE:
        raise GatewayRefused(PARTNER, reply.code, reply.describe or "请在诺诺后台查看原因")
