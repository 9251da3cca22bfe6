"""Qimen on the wire: the signature, the envelope, and what an answer means (protocols 10.1)."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import httpx

from domain.errors import GatewayBusy, GatewayRefused, Untranslatable
from gateways.qimen_xml import PARTNER, Node, Tree, document, write_time
from settings import Qimen

PATIENCE_S = 3.0
METHOD_PREFIX = "taobao.qimen."  # the caller writes it, the receiver gets the name without it


class Meaning(StrEnum):
    """What the hub can make of a WMS's answer."""

    DONE = "done"
    KNOWN = "known"  # this order code is there already
    CANNOT_SEND = "cannot_send"  # no stock, closed, or called back before it came
    TOO_LATE = "too_late"
    UNKNOWN_ORDER = "unknown_order"
    BUSY = "busy"
    BAD_SIGN = "bad_sign"
    WRONG = "wrong"  # our request is at fault


# Qimen fixes the form of an answer, not its codes: each WMS writes its own. The codes from 40001
# on are those of our sandbox; for another WMS this table is all that changes.
CODES: Mapping[str, Meaning] = {
    "10004": Meaning.BAD_SIGN,
    "40001": Meaning.KNOWN,
    "40002": Meaning.CANNOT_SEND,  # short of stock
    "40003": Meaning.CANNOT_SEND,  # warehouse closed
    "40004": Meaning.CANNOT_SEND,  # cancelled before it came
    "40005": Meaning.TOO_LATE,
    "40006": Meaning.UNKNOWN_ORDER,
    "50001": Meaning.BUSY,  # too many calls
    "50002": Meaning.BUSY,  # under maintenance
}


def sign(secret: str, query: Mapping[str, str], body: bytes) -> str:
    """Sign a call: MD5 over secret, sorted query, the raw body, secret; upper-case hex."""
    pairs = "".join(f"{name}{query[name]}" for name in sorted(query) if name != "sign")
    text = secret.encode() + pairs.encode() + body + secret.encode()
    return hashlib.md5(text).hexdigest().upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One call, signed and ready to be posted."""

    query: dict[str, str]
    body: bytes


def seal(settings: Qimen, method: str, request: Mapping[str, Tree], at: datetime) -> Envelope:
    """Write and sign one call; ``method`` without Qimen's prefix."""
    body = document("request", request)
    query = {
        "method": f"{METHOD_PREFIX}{method}",
        "timestamp": write_time(at),
        "format": "xml",
        "app_key": settings.app_key,
        "v": "2.0",
        "sign_method": "md5",
        "customerId": settings.customer_id,
    }
    query["sign"] = sign(settings.secret.get_secret_value(), query, body)
    return Envelope(query=query, body=body)


@contextlib.contextmanager
def silence_is_busy() -> Iterator[None]:
    """Turn "no answer" into a fault that is tried again; the order code makes that safe."""
    try:
        yield
    except httpx.RequestError as e:
        raise GatewayBusy(PARTNER, type(e).__name__) from e


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the WMS answered; ``words`` are its own, for people."""

    meaning: Meaning
    code: str
    words: str
    root: Node

    def refusal(self) -> GatewayRefused:
        """Say that a person must look, and where."""
        hint = ""
        if self.meaning is Meaning.BAD_SIGN:
            hint = "(请核对 lifeline.toml 中 qimen.app_key 与 qimen.secret)"
        return GatewayRefused(PARTNER, self.code, self.words + hint)


def read_reply(answer: httpx.Response, codes: Mapping[str, Meaning]) -> Reply:
    """Read an answer.

    Raises:
        GatewayBusy: not Qimen's own answer, or "come back later".
        GatewayRefused: nobody speaks Qimen at this address.
    """
    _check_status(answer.status_code)
    try:
        root = Node.parse(answer.content)
        done = root.text("flag") == "success"
    except Untranslatable as e:
        raise GatewayBusy(PARTNER, "答复不是奇门格式") from e
    code, words = root.maybe("code") or "", root.maybe("message") or ""
    meaning = Meaning.DONE if done else codes.get(code, Meaning.WRONG)
    if meaning is Meaning.BUSY:
        raise GatewayBusy(PARTNER, f"{code} {words}")
    return Reply(meaning=meaning, code=code, words=words, root=root)


def _check_status(status: int) -> None:
    """Qimen answers 200 whatever it says, so another status comes from something before it."""
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS:
        raise GatewayBusy(PARTNER, f"HTTP {status}")
    if status != httpx.codes.OK:
        raise GatewayRefused(
            PARTNER, f"HTTP {status}", "该地址不是奇门接口,请核对 lifeline.toml 中 qimen.url"
        )
