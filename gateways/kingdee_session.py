"""The two ways into Kingdee K3 Cloud: a session from a login, or a signature on every call.

Both are of protocols 5.1; the signed way does what Kingdee's own Python client 8.2 does.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict

from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused
from gateways.answers import content_of, my_turn, post, shaped
from settings import Kingdee

PARTNER = "kingdee"
SESSION = "kdservice-sessionid"
CHINESE = 2052
LOGGED_IN = 1
# What the second half of an app id is mixed with to make the client secret; public knowledge.
MIX = b"0054f397c6234378b09ca7d3e5debce7"

Headers = Mapping[str, str]


class WayIn(Protocol):
    """What makes a call ours."""

    async def headers(self, path: str) -> Headers:
        """Tell the headers for a call to ``path``."""

    def forget(self, used: Headers) -> None:
        """Give up the session that these headers showed: Kingdee has lost it."""

    def notice(self, answer: httpx.Response) -> None:
        """Look at an answer that was understood."""


class Welcome(BaseModel):
    """What the login answers; a complaint of the platform has no result type."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    LoginResultType: int | None = None
    KDSVCSessionId: str = ""
    Message: str | None = None


class LoginWay:
    """Signs in with a password once, and shows the session's cookies until Kingdee loses it."""

    def __init__(self, settings: Kingdee, http: httpx.AsyncClient, patience_s: float) -> None:
        self._settings = settings
        self._http = http
        self._patience_s = patience_s
        self._headers: Headers = {}
        self._one_at_a_time = asyncio.Lock()  # many callers, one login

    async def headers(self, path: str) -> Headers:  # noqa: ARG002 - the login does not sign paths
        """Tell the session's headers, after a login when there is none."""
        async with my_turn(PARTNER, self._one_at_a_time, self._patience_s):
            if not self._headers:
                self._headers = await self._sign_in()
            return self._headers

    def forget(self, used: Headers) -> None:
        """Sign in again next time, unless another caller already has."""
        if self._headers == used:
            self._headers = {}

    def notice(self, answer: httpx.Response) -> None:
        """Nothing to learn: the login told it all."""

    async def _sign_in(self) -> Headers:
        url = f"{self._settings.url}/K3Cloud/Kingdee.BOS.WebApi.ServicesStub.AuthService"
        form = {
            "acctid": self._settings.account_id,
            "username": self._settings.username,
            "password": self._settings.password.get_secret_value(),
            "lcid": CHINESE,
        }
        answer = await post(
            self._http, PARTNER, f"{url}.ValidateUser.common.kdsvc", self._patience_s, json=form
        )
        welcome = shaped(PARTNER, Welcome, content_of(PARTNER, answer))
        if welcome.LoginResultType is None:
            raise GatewayBusy(PARTNER, "登录未被受理")
        if welcome.LoginResultType != LOGGED_IN:
            reason = f"登录失败:{welcome.Message};请核对 kingdee.username 与 kingdee.password"
            raise GatewayRefused(PARTNER, str(welcome.LoginResultType), reason)
        return _session_headers({**answer.cookies, SESSION: welcome.KDSVCSessionId})


class SignedWay:
    """Signs every call with the app's secret, and shows the session it was given, if any."""

    def __init__(self, settings: Kingdee) -> None:
        self._settings = settings
        self._session: Headers = {}

    async def headers(self, path: str) -> Headers:
        """Tell the nine headers, and the session's."""
        signed = signed_headers(self._settings, path, at=utc_now(), nonce=secrets.token_hex(8))
        return {**signed, **self._session}

    def forget(self, used: Headers) -> None:
        """Show no session next time; the signature alone opens a new one."""
        if used.get(SESSION) == self._session.get(SESSION):
            self._session = {}

    def notice(self, answer: httpx.Response) -> None:
        """Keep the session that a first answer gives."""
        if SESSION in answer.cookies:
            self._session = _session_headers({**answer.cookies})


def way_in(settings: Kingdee, http: httpx.AsyncClient, patience_s: float) -> WayIn:
    """Choose the way that the settings name."""
    if settings.mode == "signed":
        return SignedWay(settings)
    return LoginWay(settings, http, patience_s)


def signed_headers(settings: Kingdee, path: str, *, at: datetime, nonce: str) -> Headers:
    """Sign a POST to ``path`` (unquoted, from the first slash): two signatures, nine headers."""
    client_id, _, mixed = settings.app_id.partition("_")
    timestamp = str(int(at.timestamp()))
    secret = settings.app_secret.get_secret_value()
    who = (settings.account_id, settings.username, str(CHINESE), settings.org_number)
    app_data = ",".join(who)
    text = f"POST\n{quote(path, safe='')}\n\nx-api-nonce:{nonce}\nx-api-timestamp:{timestamp}\n"
    return {
        "X-Api-ClientID": client_id,
        "X-Api-Auth-Version": "2.0",
        "x-api-timestamp": timestamp,
        "x-api-nonce": nonce,
        "x-api-signheaders": "x-api-timestamp,x-api-nonce",
        "X-Api-Signature": _signature(client_secret(mixed), text),
        "X-Kd-Appkey": settings.app_id,
        "X-Kd-Appdata": base64.b64encode(app_data.encode()).decode(),
        "X-Kd-Signature": _signature(secret, settings.app_id + app_data),
    }


def client_secret(mixed: str) -> str:
    """Undo the mix of an app id's second half."""
    pairs = zip(base64.b64decode(mixed), MIX, strict=False)  # the mix is as long or longer
    return base64.b64encode(bytes(one ^ other for one, other in pairs)).decode()


def _signature(secret: str, text: str) -> str:
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def _session_headers(cookies: Mapping[str, str]) -> Headers:
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {SESSION: cookies[SESSION], "Cookie": cookie}
