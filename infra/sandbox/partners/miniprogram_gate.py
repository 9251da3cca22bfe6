"""Who may speak to the mini program's shop, and how it signs what it says itself.

The signature, both ways, is the lower hex HMAC-SHA256 of timestamp, nonce and raw body, with a
line feed between them. A timestamp 300 s off is refused.
"""

import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.push import Push

SECRET = "sandbox-miniprogram-secret"  # noqa: S105 - the sandbox's public test credential
FRESH_S = 300


class Declined(Exception):
    """The shop says no: its code, its words, the HTTP status, and what it was about."""

    def __init__(self, code: int, words: str, status: int, subject: str = "") -> None:
        super().__init__(words)
        self.code, self.words, self.status, self.subject = code, words, status, subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The shop says yes: what it was about, its words, and what else it tells."""

    subject: str
    words: str = "ok"
    told: Doc = field(default_factory=dict)


Act = Callable[[Doc], Answer]


def answering(ledger: Ledger, name: str, act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Serve one door: believe the call, read it, do it, and log it."""

    async def serve(request: Request) -> Response:
        body = await request.body()
        try:
            check_sign(request.headers, body)
            answer = act(_object(body))
        except Declined as no:
            ledger.note(name, no.subject, f"{no.code} {no.words}")
            return JSONResponse({"code": no.code, "msg": no.words}, no.status)
        ledger.note(name, answer.subject, answer.words)
        return JSONResponse({"code": 0, "msg": answer.words, **answer.told})

    return serve


def signature(timestamp: str, nonce: str, body: bytes) -> str:
    """Sign exactly these bytes."""
    text = b"\n".join((timestamp.encode(), nonce.encode(), body))
    return hmac.new(SECRET.encode(), text, sha256).hexdigest()


def sealed(push: Push) -> Mapping[str, str]:
    """Make the headers of one delivery; the timestamp must be of this minute."""
    timestamp, nonce = str(int(datetime.now(UTC).timestamp())), secrets.token_hex(8)
    return {
        "X-Lifeline-Timestamp": timestamp,
        "X-Lifeline-Nonce": nonce,
        "X-Lifeline-Sign": signature(timestamp, nonce, push.body),
    }


def acknowledged(answer: httpx.Response) -> bool:
    """Read the hub's "got it"."""
    said = answer.json()
    return isinstance(said, dict) and said.get("code") == 0


def check_sign(headers: Mapping[str, str], body: bytes) -> None:
    """Decline what the hub did not sign, or signed too long ago."""
    timestamp = headers.get("x-lifeline-timestamp", "")
    wanted = signature(timestamp, headers.get("x-lifeline-nonce", ""), body)
    if not hmac.compare_digest(wanted.encode(), headers.get("x-lifeline-sign", "").encode()):
        raise Declined(40001, "签名不符", 401)
    now = datetime.now(UTC).timestamp()
    if re.fullmatch(r"[0-9]{1,12}", timestamp) is None or abs(now - int(timestamp)) > FRESH_S:
        raise Declined(40002, "时间戳过期", 401)


def _object(body: bytes) -> Doc:
    try:
        asked = json.loads(body)
        json.dumps(asked, ensure_ascii=False).encode()  # half a character is no text
    except (ValueError, RecursionError) as e:
        raise Declined(40003, "请求体不是 JSON", 400) from e
    if not isinstance(asked, dict):
        raise Declined(40003, "请求体不是 JSON 对象", 400)
    return asked
