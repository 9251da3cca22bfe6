"""The corner shop: a made-up partner whose pushes say what a test wants said.

A push is a JSON document, signed by the SHA-256 of a secret and the body. It says which order it
is about, and ``kind`` says what: the order as it stands, no more than its number, or a claim.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from domain.acceptance import Decision
from domain.errors import ForgedPush, Untranslatable
from domain.events import Answer, Event, OrderNamed, Push
from domain.order import Order, OrderId, order_id
from tests.fakes.orders import an_order
from tests.web.sightings import claimed, seen

SECRET = b"corner"
PATH = "/api/order/create"
A_ORDER = an_order()


def signature(body: bytes) -> str:
    return sha256(SECRET + body).hexdigest()


def said(number: str, kind: str = "order", **more: Any) -> bytes:
    """Write a push."""
    return json.dumps({"number": number, "kind": kind, **more}).encode()


def signed(body: bytes) -> Mapping[str, str]:
    return {"x-corner-sign": signature(body), "content-type": "application/json"}


def kept(body: bytes, received_at: datetime = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)) -> Push:
    """A push as the intake keeps it."""
    return Push(path=PATH, headers=signed(body), query={}, body=body, received_at=received_at)


def the_order(name: str, number: str) -> Order:
    """An order of this shop."""
    return replace(A_ORDER, id=order_id(name, number), channel=name, number=number)


class CornerDoor:
    """The shop's door; ``name`` makes several shops of one."""

    media_types = frozenset({"application/json"})

    def __init__(self, name: str = "corner") -> None:
        self.name = name

    def verify(self, push: Push) -> None:
        if push.headers.get("x-corner-sign") != signature(push.body):
            raise ForgedPush("签名不符")

    def key(self, push: Push) -> str:
        return f"{self._number(push)}/{sha256(push.body).hexdigest()[:16]}"

    def read(self, push: Push) -> tuple[Event, ...]:
        number = self._number(push)
        order = self._order(push)
        match self._document(push).get("kind"):
            case "order":
                return (seen(order),)
            case "named":
                return (OrderNamed(channel=self.name, number=number),)
            case "claim":
                return (claimed(order),)
            case kind:
                raise Untranslatable(self.name, "$.kind", kind)

    def accept(self) -> Answer:
        return _answer(200, {"code": 0})

    def refuse(self, reason: str) -> Answer:
        return _answer(401 if "签名" in reason else 400, {"code": 1, "msg": reason})

    def _order(self, push: Push) -> Order:
        return the_order(self.name, self._number(push))

    def _number(self, push: Push) -> str:
        number = self._document(push).get("number")
        if not isinstance(number, str):
            raise Untranslatable(self.name, "$.number", number)
        return number

    def _document(self, push: Push) -> dict[str, Any]:
        try:
            document = json.loads(push.body)
        except ValueError as e:
            raise Untranslatable(self.name, "$", "不是 JSON") from e
        if not isinstance(document, dict):
            raise Untranslatable(self.name, "$", "不是对象")
        return document


class AskingCorner(CornerDoor):
    """The same shop, when its buyers wait to hear whether their orders are taken."""

    def opening(self, push: Push) -> Order | None:
        match self._document(push).get("kind"):
            case "order":
                return self._order(push)
            case "claim":
                return None
            case kind:
                raise Untranslatable(self.name, "$.kind", kind)

    def decided(self, decision: Decision) -> Answer:
        return _answer(200, {"code": 0, "decision": decision.acceptance, "msg": decision.reason})


def _answer(status: int, document: Mapping[str, object]) -> Answer:
    body = json.dumps(document).encode()
    return Answer(body=body, media_type="application/json", status=status)


def corner_id(number: str, name: str = "corner") -> OrderId:
    return order_id(name, number)
