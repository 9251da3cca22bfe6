"""Our own mini program's shop: it pushes signed orders to the hub, and is told of shipments.

The signature, both ways, is the lower hex HMAC-SHA256 of timestamp, nonce and raw body, with a
line feed between them. A timestamp 300 s off is refused.

Ledger ``miniprogram``: ``order`` by order number, the document as it was sent and ``due``;
``shipment`` by event id, ``{order_no, carrier, tracking_no, lines, told}``, where ``told`` counts
how often the hub said it.
"""

import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.push import Push, Pusher
from infra.sandbox.world import World

NAME = "miniprogram"
PATH = "/api/order/status"
SECRET = "sandbox-miniprogram-secret"  # noqa: S105 - the sandbox's public test credential
FRESH_S = 300
BUYER_ORDERED = "buyer_ordered"  # told in the world: an order without ``paid_at``
WORDS: Mapping[str, re.Pattern[str]] = {
    "event_id": re.compile(r"\S{1,128}"),
    "order_no": re.compile(r"\S{1,64}"),
    "status": re.compile(r"shipped"),
    "carrier": re.compile(r"[a-z0-9]{2,32}"),
    "tracking_no": re.compile(r"[0-9A-Z]{8,32}"),
}


class Declined(Exception):
    """The shop says no: its code, its words, the HTTP status."""

    def __init__(self, code: int, words: str, status: int) -> None:
        super().__init__(words)
        self.code, self.words, self.status = code, words, status


def build(surroundings: Surroundings) -> Partner:
    """Make the shop."""
    world = surroundings.world
    ledger = world.open_ledger(NAME)
    pusher = Pusher(surroundings.http, ledger, world.plan_of(NAME), acknowledged, sealed)
    shop = Shop(world, ledger, pusher)
    world.listen(BUYER_ORDERED, shop.sell)
    return Partner(
        name=NAME,
        app=Starlette(routes=[Route(PATH, shop.serve, methods=["POST"])]),
        credentials={"secret": SECRET},
        urls={"order_status": PATH},
        resume=shop.resume,
    )


@dataclass(frozen=True, slots=True)
class Shop:
    """Sells, and keeps what it was told."""

    world: World
    ledger: Ledger
    pusher: Pusher

    async def sell(self, order: Doc) -> None:
        """Take a buyer's order and push it to the hub; a number is sold once."""
        paid_at = int(datetime.now(UTC).timestamp() * 1000)
        self.ledger.put("order", order["order_no"], {**order, "paid_at": paid_at, "due": True})
        self._push(order["order_no"])

    def resume(self) -> None:
        """After a restart: push what is still owed, also what was sold and never pushed."""
        self.pusher.resume()
        for number, _ in self.ledger.each("order"):
            self._push(number)

    def _push(self, number: str) -> None:
        order = self.ledger.get("order", number) or {}
        sent = {name: value for name, value in order.items() if name != "due"}
        body = json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()
        url = f"{self.world.hub_url}/api/order/create"
        headers = {"content-type": "application/json"}
        self.pusher.send(number, Push(url=url, body=body, headers=headers))

    async def serve(self, request: Request) -> Response:
        """Hear of a shipment; an event that is known is a yes, and counts once."""
        body, subject = await request.body(), ""
        try:
            check_sign(request.headers, body)
            news = read(body)
            subject = news["event_id"]
            words = self._keep(subject, news)
        except Declined as no:
            self.ledger.note("order.status", subject, f"{no.code} {no.words}")
            return JSONResponse({"code": no.code, "msg": no.words}, no.status)
        self.ledger.note("order.status", subject, words)
        return JSONResponse({"code": 0, "msg": words})

    def _keep(self, event_id: str, news: Doc) -> str:
        order = self.ledger.get("order", news["order_no"])
        if order is None:
            raise Declined(40401, f"订单 {news['order_no']} 不存在", 404)
        if not set(news["lines"]) <= set(range(1, len(order["items"]) + 1)):
            raise Declined(40003, "字段 lines 含有订单没有的行号", 400)
        shipment = {name: news[name] for name in ("order_no", "carrier", "tracking_no", "lines")}
        if self.ledger.put("shipment", event_id, {**shipment, "told": 1}):
            return "ok"
        known = self.ledger.get("shipment", event_id) or {}
        if shipment != {name: known[name] for name in shipment}:
            raise Declined(40901, f"事件 {event_id} 已登记为另一次发货", 409)
        self.ledger.amend("shipment", event_id, told=known["told"] + 1)
        return "duplicate"


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


def read(body: bytes) -> Doc:
    """Read a shipment's news strictly."""
    try:
        news = json.loads(body)
    except ValueError as e:
        raise Declined(40003, "请求体不是 JSON", 400) from e
    if not isinstance(news, dict):
        raise Declined(40003, "请求体不是 JSON 对象", 400)
    for name, pattern in WORDS.items():
        if not isinstance(news.get(name), str) or pattern.fullmatch(news[name]) is None:
            raise Declined(40003, f"字段 {name} 缺失或格式不对", 400)
    lines = news.get("lines")
    if not isinstance(lines, list) or not lines or any(type(no) is not int for no in lines):
        raise Declined(40003, "字段 lines 缺失或格式不对", 400)
    return news
