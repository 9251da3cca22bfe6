"""Our own mini program: its orders come in signed, and shipments go back signed the same way.

The signature is the lower hex HMAC-SHA256, under the shop's secret, of the timestamp (Unix
seconds), a nonce and the raw body, with a line feed between them.
"""

import hmac
import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import httpx

from channels.mapping import BuyerKey, ChannelMapping
from domain.clock import utc_now
from domain.errors import ForgedPush, GatewayBusy, GatewayRefused
from domain.events import Answer, OrderPaid, Push
from domain.parcel import ShipmentNews
from settings import MiniProgram

NAME = "miniprogram"
PATIENCE_S = 3.0
FRESH_S = 300  # how far a timestamp may be from our clock
BAD_SIGN = "签名不符,请核对密钥与签名原文"
STALE = "时间戳与服务器相差超过 300 秒,请校准时钟后重新签名"
CODES = {BAD_SIGN: (40001, 401), STALE: (40002, 401)}  # the protocol's code, the HTTP status
BAD_FIELD = (40003, 400)
UNIX_SECONDS = re.compile(r"[0-9]{1,12}")


def signature(secret: bytes, timestamp: str, nonce: str, body: bytes) -> str:
    """Sign exactly these bytes."""
    head = f"{timestamp}\n{nonce}\n".encode()
    return hmac.new(secret, head + body, sha256).hexdigest()


class MiniProgramDoor:
    """Where the shop's paid orders come in (``POST /api/order/create``)."""

    name = NAME

    def __init__(self, settings: MiniProgram, buyer_key: BuyerKey) -> None:
        self._secret = settings.secret.get_secret_value().encode()
        self._buyer_key = buyer_key
        self._mapping = ChannelMapping.load(NAME, 1)

    def verify(self, push: Push) -> None:
        """Raise ``ForgedPush`` unless the shop signed exactly these bytes, not long ago."""
        timestamp = push.headers.get("x-lifeline-timestamp", "")
        nonce = push.headers.get("x-lifeline-nonce", "")
        wanted = signature(self._secret, timestamp, nonce, push.body)
        given = push.headers.get("x-lifeline-sign", "")
        if not hmac.compare_digest(wanted.encode(), given.encode()):
            raise ForgedPush(BAD_SIGN)
        if not _fresh(timestamp, push.received_at):
            raise ForgedPush(STALE)

    def key(self, push: Push) -> str:
        """Name the push by its order and its bytes.

        A redelivery has the same bytes and so the same name. The same order with other bytes is
        news that must not be lost, and has a name of its own; whether it changes anything is
        decided where the order lives.
        """
        return f"{self._mapping.number(push.body)}/{sha256(push.body).hexdigest()[:16]}"

    def read(self, push: Push) -> tuple[OrderPaid, ...]:
        """Tell the order in our words; ``Untranslatable`` names the field that is wrong."""
        order = self._mapping.translate(push.body, push.received_at, self._buyer_key)
        return (OrderPaid(order=order),)

    def accept(self) -> Answer:
        """Say "got it"."""
        return _answer(200, 0, "ok")

    def refuse(self, reason: str) -> Answer:
        """Say which rule was broken: the signature, the time, or a field."""
        code, status = CODES.get(reason, BAD_FIELD)
        return _answer(status, code, reason)


class MiniProgramShop:
    """Tells the shop what became of its orders."""

    def __init__(
        self, settings: MiniProgram, http: httpx.AsyncClient, patience_s: float = PATIENCE_S
    ) -> None:
        self._secret = settings.secret.get_secret_value().encode()
        self._url = settings.callback_url
        self._http = http
        self._patience_s = patience_s
        self._mapping = ChannelMapping.load(NAME, 1)

    async def tell_shipped(self, news: ShipmentNews) -> None:
        """Tell the shop that a parcel is on its way.

        The parcel's key is the event's id, so a second telling is the shop's "duplicate".

        Raises:
            GatewayRefused: the shop does not know the order, or does not take the number.
            GatewayBusy: no answer within 3 s, or "later"; telling again is safe.
        """
        body = json.dumps(self._mapping.tell_shipped(news), ensure_ascii=False).encode()
        try:
            answer = await self._http.post(
                self._url, content=body, headers=self._signed(body), timeout=self._patience_s
            )
        except httpx.TransportError as e:
            raise GatewayBusy(NAME, type(e).__name__) from e
        _understood(answer)

    def _signed(self, body: bytes) -> Mapping[str, str]:
        timestamp, nonce = str(int(utc_now().timestamp())), secrets.token_hex(8)
        return {
            "content-type": "application/json",
            "x-lifeline-timestamp": timestamp,
            "x-lifeline-nonce": nonce,
            "x-lifeline-sign": signature(self._secret, timestamp, nonce, body),
        }


def _fresh(timestamp: str, now: datetime) -> bool:
    if UNIX_SECONDS.fullmatch(timestamp) is None:
        return False
    return abs(now.timestamp() - int(timestamp)) <= FRESH_S


def _answer(status: int, code: int, message: str) -> Answer:
    body = json.dumps({"code": code, "msg": message}, ensure_ascii=False).encode()
    return Answer(body=body, media_type="application/json", status=status)


def _understood(answer: httpx.Response) -> None:
    """Return when the shop knows it now; raise what it says otherwise."""
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise GatewayBusy(NAME, f"HTTP {answer.status_code}")
    try:
        said = answer.json()
        code, message = int(said["code"]), str(said["msg"])
    except (ValueError, TypeError, KeyError) as e:
        reason = "答复不是约定的格式,请核对设置 miniprogram.callback_url"
        raise GatewayRefused(NAME, f"HTTP {answer.status_code}", reason) from e
    if code != 0:
        raise GatewayRefused(NAME, str(code), message)
