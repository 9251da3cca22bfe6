"""Nuonuo: tokens, the signed service door, and a tax bureau that takes five minutes.

Ledger kinds: ``token`` by token {app_key, expires_at}; ``invoice`` by order number {serial,
number, amount_fen, tax_fen, status "issuing"|"issued", kind "blue"|"red", lines, buyer_masked,
requested_at, issued_at}. ``number`` and ``issued_at`` are null until the bureau has issued it.
``red_confirm`` by bill id: see ``nuonuo_red``.
"""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.ledger import Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.nuonuo_bureau import Bureau
from infra.sandbox.partners.nuonuo_words import Refusal

APP_KEY = "sandbox-nuonuo-app"
SECRET = "sandbox-nuonuo-secret"  # noqa: S105 - public, for the sandbox only
TAX_NO = "91330100MA27XYZ123"
TOKEN_LIFE = timedelta(hours=24)
CLOCK_DRIFT_S = 600


class NuonuoComplaints:
    """Nuonuo's own words: both are business codes at HTTP 200."""

    def too_many(self) -> Response:
        """Say that the calls are used up."""
        return _say("070306", "token调用次数已达上限")

    def session_lost(self) -> Response:
        """Say that the token is not known."""
        return _say("070304", "accessToken无效或已过期")


class Door:
    """Lets in who has a token and signed exactly these bytes."""

    def __init__(self, ledger: Ledger, bureau: Bureau, surroundings: Surroundings) -> None:
        self._ledger = ledger
        self._bureau = bureau
        self._clock = surroundings.world.clock

    async def grant(self, request: Request) -> Response:
        """Give a token to an application that knows its secret."""
        form = await request.form()
        known = str(form.get("client_id")) == APP_KEY and hmac.compare_digest(
            str(form.get("client_secret")).encode(), SECRET.encode()
        )
        if not known or form.get("grant_type") != "client_credentials":
            self._ledger.note("accessToken", "", "invalid_client")
            return JSONResponse({"error": "invalid_client", "error_description": "应用校验失败"})
        token = secrets.token_hex(16)
        expires_at = self._clock.now() + TOKEN_LIFE
        doc = {"app_key": APP_KEY, "expires_at": expires_at.isoformat()}
        self._ledger.put("token", token, doc)
        self._ledger.note("accessToken", "", "E0000")
        life_s = int(TOKEN_LIFE.total_seconds())
        return JSONResponse({"access_token": token, "expires_in": str(life_s)})

    async def serve(self, request: Request) -> Response:
        """Answer one service call."""
        body = await request.body()
        method = request.headers.get("method", "")
        try:
            self._check(request, body)
            content = _object(body)
            result = self._bureau.serve(method, content)
        except Refusal as refusal:
            self._ledger.note(method, "", refusal.code)
            return _say(refusal.code, refusal.describe)
        self._ledger.note(method, self._bureau.subject_of(content), "E0000")
        return JSONResponse({"code": "E0000", "describe": "成功", "result": result})

    def _check(self, request: Request, body: bytes) -> None:
        query = request.query_params
        if query.get("appkey") != APP_KEY:
            raise Refusal("070101", "获取app密钥失败或appkey无效")
        if not self._token_holds(request.headers.get("accesstoken", "")):
            raise Refusal("070304", "accessToken无效或已过期")
        if not _envelope_holds(query.get("senid", ""), query.get("nonce", "")):
            raise Refusal("070105", "senid须32位,nonce须8位数字")
        if not _is_now(query.get("timestamp", "")):
            raise Refusal("070106", "timestamp已过期")
        if not hmac.compare_digest(_sign(request, body), request.headers.get("x-nuonuo-sign", "")):
            raise Refusal("070201", "签名校验失败")
        if request.headers.get("usertax") != TAX_NO:
            raise Refusal("E4000", "userTax与授权税号不一致")

    def _token_holds(self, token: str) -> bool:
        doc = self._ledger.get("token", token)
        return doc is not None and datetime.fromisoformat(doc["expires_at"]) > self._clock.now()


def build(surroundings: Surroundings) -> Partner:
    """Set Nuonuo up."""
    ledger = surroundings.world.open_ledger("nuonuo")
    door = Door(ledger, Bureau(ledger, surroundings.world, TAX_NO), surroundings)
    routes = [
        Route("/accessToken", door.grant, methods=["POST"]),
        Route("/open/v1/services", door.serve, methods=["POST"]),
    ]
    return Partner(
        name="nuonuo",
        app=Starlette(routes=routes),
        credentials={"app_key": APP_KEY, "secret": SECRET, "seller_tax_no": TAX_NO},
        urls={"services": "/open/v1/services", "token": "/accessToken"},
        complaints=NuonuoComplaints(),
    )


def _sign(request: Request, body: bytes) -> str:
    query = request.query_params
    parts = {
        "a": "services",
        "l": "v1",
        "p": "open",
        "k": APP_KEY,
        "i": query["senid"],
        "n": query["nonce"],
        "t": query["timestamp"],
    }
    text = "&".join(f"{name}={value}" for name, value in parts.items()) + "&f="
    digest = hmac.new(SECRET.encode(), text.encode() + body, hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _envelope_holds(senid: str, nonce: str) -> bool:
    return len(senid) == 32 and len(nonce) == 8 and nonce.isdigit()  # noqa: PLR2004 - protocols 9.1


def _is_now(timestamp: str) -> bool:
    """Callers live in real time, whatever the speed of the world."""
    if not timestamp.isdigit():
        return False
    return abs(datetime.now(UTC).timestamp() - int(timestamp)) <= CLOCK_DRIFT_S


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError as e:
        raise Refusal("E4000", "请求体不是JSON") from e
    if not isinstance(content, dict):
        raise Refusal("E4000", "请求体不是JSON对象")
    return content


def _say(code: str, describe: str) -> JSONResponse:
    return JSONResponse({"code": code, "describe": describe, "result": None})
