"""What Youzan pushes, and the envelope in which it does (protocols 3.2)."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote_plus

import httpx

from infra.sandbox.faults import FaultPlan
from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.youzan_book import lines_of
from infra.sandbox.partners.youzan_tokens import CLIENT_ID, CLIENT_SECRET
from infra.sandbox.partners.youzan_wire import body_sign, event_sign
from infra.sandbox.partners.youzan_words import KDT_ID, KDT_NAME, TRADE_PAID, clock, oid, yuan
from infra.sandbox.push import Push, Pusher

PATH = "/hooks/youzan"
PROBE = "probe"
DEMANDS: Mapping[str, str] = {
    "refund_only": "REFUND_ONLY",
    "return": "REFUND_AND_RETURN",
    "exchange": "EXCHANGE_GOODS_FLOW",
}


class YouzanPusher(Pusher):
    """Counts in each delivery how often it was sent before, and signs what then goes out."""

    def __init__(self, http: httpx.AsyncClient, ledger: Ledger, plan: FaultPlan) -> None:
        super().__init__(http, ledger, plan, acknowledged)
        self._record = ledger

    def draft(self, key: str, push: Push) -> Push:
        """Write the count into the body, and the signature over it beside it."""
        sent = (self._record.get("push", key) or {}).get("sent", 0)
        self._record.amend("push", key, sent=sent + 1)
        body = _bytes({**json.loads(push.body), "sendCount": sent})
        sign = event_sign(CLIENT_ID, body, CLIENT_SECRET)
        return replace(push, body=body, headers={**push.headers, "Event-Sign": sign})


def acknowledged(answer: httpx.Response) -> bool:
    """Read the hub's "got it"; receivers in the wild say it in either way."""
    said = answer.json()
    return isinstance(said, dict) and said.get("code") in (0, "200")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing that happened.

    Attributes:
        kind: Youzan's name for it, such as ``trade_TradePaid``.
        version: In Unix milliseconds; a higher one overrides a lower one.
    """

    kind: str
    tid: str
    content: Doc
    version: int
    status: str | None = None


@dataclass(frozen=True, slots=True)
class News:
    """Tells the hub."""

    pusher: Pusher
    hub_url: str

    def tell(self, message: Message) -> None:
        """Push what happened, once for each kind and version."""
        self._send(f"{message.tid}/{message.kind}/{message.version}", message, _envelope(message))

    def tell_claim(self, kind: str, order: Doc, refund_id: str, claim: Doc) -> None:
        """Push what became of a claim."""
        tid, version = order["order_no"], claim["updated_at"]
        content = {
            "tid": tid,
            "oids": ",".join(oid(tid, line) for line in lines_of(order, claim)),
            "refund_id": refund_id,
            "refund_type": DEMANDS[claim["kind"]],
            "refunded_fee": yuan(claim["amount_fen"]),
            "refund_reason": "RETURNSNOT_OTHER",
            "refund_reason_desc": claim["reason"],
            "update_time": clock(version),
            "version": version,
        }
        name = f"trade_refund_{kind}"
        message = Message(kind=name, tid=tid, content=content, version=version)
        self._send(f"{tid}/{refund_id}/{kind}/{version}", message, _envelope(message))

    def probe(self, at_ms: int) -> None:
        """Try the hub's address, once in the life of the shop: nothing was sold."""
        message = Message(
            kind="trade_TradePaid",
            tid="E00000000000000000000000",
            content={"tid": "E00000000000000000000000"},
            version=at_ms,
            status=TRADE_PAID,
        )
        self._send(PROBE, message, {**_envelope(message), "test": True})

    def _send(self, key: str, message: Message, envelope: Doc) -> None:
        headers = {
            "content-type": "application/json; charset=utf-8",
            "Event-Type": message.kind,
            "Client-Id": CLIENT_ID,
        }
        body = _bytes(
            {**envelope, "msg_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{KDT_ID}/{key}"))}
        )
        self.pusher.send(key, Push(url=self.hub_url + PATH, body=body, headers=headers))


def encoded(content: Doc) -> str:
    """Write ``msg`` as Java's encoder does: a space is a plus sign."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return quote_plus(text, safe="*").replace("~", "%7E")


def _envelope(message: Message) -> Doc:
    text = encoded(message.content)
    return {
        "client_id": CLIENT_ID,
        "id": message.tid,
        "kdt_id": int(KDT_ID),
        "kdt_name": KDT_NAME,
        "root_kdt_id": int(KDT_ID),
        "type": message.kind,
        "status": message.status,
        "mode": 1,
        "msg": text,
        "sendCount": 0,
        "sign": body_sign(CLIENT_ID, text, CLIENT_SECRET),
        "version": message.version,
        "test": False,
    }


def _bytes(doc: Doc) -> bytes:
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":")).encode()
