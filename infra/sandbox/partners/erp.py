"""The merchant's ERP: takes orders as JSON, and an accountant audits each some hours later.

``POST /api/orders`` takes an order, and takes it again without doubling it; ``GET
/api/orders/{key}`` tells one. Both want ``X-Auth-Token``. Answers are ``{code, msg, data}``.

Ledger ``erp``: ``order`` by ``externalOrderNo``: ``{orderNo, status, auditor, auditTime, platform,
platformOrderNo, consignee, payAmount_fen, details, posts}``; ``status`` is WAIT_AUDIT, AUDITED or
CANCELLED, ``posts`` counts how often it was posted. ``number`` by ``orderNo``, so that two orders
never share one.
"""

import hmac
import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.world import World

NAME = "erp"
PATH = "/api/orders"
TOKEN = "sandbox-erp-token"  # noqa: S105 - the sandbox's public test credential
ERP_RECEIVED = "erp_received"  # told in the world: {order_id, details} of an order that is new
AUDIT, PASS_ON = "erp_audit", "erp_pass_on"  # on the agenda
AUDITORS = ("财务一号", "财务二号", "财务三号")
LEAST, MOST = 1.0, 4.0  # world hours until somebody audits
TEXTS: Mapping[str, re.Pattern[str]] = {
    "externalOrderNo": re.compile(r"\S{1,128}"),
    "platform": re.compile(r"[a-z0-9_]{1,32}"),
    "platformOrderNo": re.compile(r"\S{1,64}"),
    "status": re.compile(r"paid|cancelled"),
    "payTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00"),
    "salesman": re.compile(r".{0,64}"),
    "consignee": re.compile(r".{0,8}\*\*?"),  # masked: the ERP has no use for a buyer's name
    "region": re.compile(r"[^/]*/[^/]*/[^/]*"),
    "goodsAmount": re.compile(r"\d+\.\d\d"),
    "freight": re.compile(r"\d+\.\d\d"),
    "payAmount": re.compile(r"\d+\.\d\d"),
}
DETAIL = {"lineNo": int, "skuCode": str, "skuName": str, "qty": int, "amount": str}


class Declined(Exception):
    """The ERP says no: its code, its words, the HTTP status."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def build(surroundings: Surroundings) -> Partner:
    """Set the ERP up."""
    world = surroundings.world
    erp = Erp(world, world.open_ledger(NAME))
    world.on_agenda(AUDIT, erp.audit)
    world.on_agenda(PASS_ON, erp.pass_on)
    return Partner(
        name=NAME,
        app=Starlette(
            routes=[
                Route(PATH, erp.take, methods=["POST"]),
                Route(PATH + "/{key:path}", erp.tell, methods=["GET"]),
            ]
        ),
        credentials={"X-Auth-Token": TOKEN},
        urls={"orders": PATH},
        resume=erp.resume,
    )


@dataclass(frozen=True, slots=True)
class Erp:
    """Keeps orders, each once."""

    world: World
    ledger: Ledger

    async def take(self, request: Request) -> Response:
        """Take an order in; one that is there keeps its number."""
        subject = ""
        try:
            admit(request)
            order = read(await request.body())
            subject = order["externalOrderNo"]
            new, kept = self._keep(subject, order)
        except Declined as no:
            return self._decline("orders.post", subject, no)
        if new:
            self._set_to_work(subject, kept)
        self.ledger.note("orders.post", subject, kept["status"])
        return _answer(kept, 201 if new else 200)

    async def tell(self, request: Request) -> Response:
        """Tell where an order stands."""
        key = request.path_params["key"]
        try:
            admit(request)
            kept = self._find(key)
        except Declined as no:
            return self._decline("orders.get", key, no)
        self.ledger.note("orders.get", key, kept["status"])
        return _answer(kept, 200)

    async def audit(self, payload: Doc) -> None:
        """Audit ``{key, auditor}``; what is cancelled meanwhile is left alone."""
        key = payload["key"]
        kept = self.ledger.get("order", key) or {}
        if kept.get("status") == "WAIT_AUDIT":
            now = self.world.clock.now().isoformat()
            self.ledger.amend(
                "order", key, status="AUDITED", auditor=payload["auditor"], auditTime=now
            )

    def _find(self, key: str) -> Doc:
        kept = self.ledger.get("order", key)
        if kept is None:
            raise Declined(404, f"单据 {key} 不存在")
        return kept

    async def pass_on(self, payload: Doc) -> None:
        """Tell the shop floor what it may have to make."""
        await self.world.tell(ERP_RECEIVED, payload)

    def resume(self) -> None:
        """After a restart: have audited what a kill left waiting for nobody."""
        for key, kept in self.ledger.each("order"):
            self._set_to_work(key, kept)

    def _keep(self, key: str, order: Doc) -> tuple[bool, Doc]:
        """Keep an order, and tell whether it is new and what is kept."""
        with self.ledger.together():
            known = self.ledger.get("order", key)
            if known is None:
                return True, self._enter(key, order)
            if _essence(order) != {name: known[name] for name in _essence(order)}:
                raise Declined(409, f"单据 {key} 已登记为另一张订单")
            changes: Doc = {"posts": known["posts"] + 1}
            if order["status"] == "cancelled":
                changes["status"] = "CANCELLED"
            return False, self.ledger.amend("order", key, **changes)

    def _enter(self, key: str, order: Doc) -> Doc:
        number = f"XSDD{self.ledger.count('number') + 1:08d}"
        self.ledger.put("number", number, {"key": key})
        kept = {
            "orderNo": number,
            "status": "CANCELLED" if order["status"] == "cancelled" else "WAIT_AUDIT",
            "auditor": "",
            "auditTime": "",
            **_essence(order),
            "posts": 1,
        }
        self.ledger.put("order", key, kept)
        return kept

    def _set_to_work(self, key: str, kept: Doc) -> None:
        """Have it audited, and passed on to the shop floor; what is on the agenda stays there."""
        if kept["status"] != "WAIT_AUDIT":
            return
        chance = random.Random(f"{self.world.seed}/audit/{key}")
        after = timedelta(hours=chance.uniform(LEAST, MOST))
        self.world.later(after, AUDIT, key, {"key": key, "auditor": chance.choice(AUDITORS)})
        order_id = f"{kept['platform']}/{kept['platformOrderNo']}"
        told = {"order_id": order_id, "details": kept["details"]}
        self.world.later(timedelta(0), PASS_ON, key, told)

    def _decline(self, operation: str, subject: str, no: Declined) -> Response:
        self.ledger.note(operation, subject, f"{no.status} {no.words}")
        return JSONResponse({"code": no.status, "msg": no.words, "data": None}, no.status)


def admit(request: Request) -> None:
    """Decline whoever has no token."""
    given = request.headers.get("x-auth-token", "")
    if not hmac.compare_digest(given.encode(), TOKEN.encode()):
        raise Declined(401, "X-Auth-Token 无效")


def read(body: bytes) -> Doc:
    """Read an order strictly: every field, and none that the ERP does not know."""
    try:
        order = json.loads(body)
    except ValueError as e:
        raise Declined(400, "请求体不是 JSON") from e
    if not isinstance(order, dict):
        raise Declined(400, "请求体不是 JSON 对象")
    if unknown := order.keys() - TEXTS.keys() - {"details"}:
        raise Declined(422, f"不认识的字段 {'、'.join(sorted(unknown))}")
    for name, pattern in TEXTS.items():
        if not isinstance(order.get(name), str) or pattern.fullmatch(order[name]) is None:
            raise Declined(422, f"字段 {name} 缺失或格式不对")
    _check_details(order)
    return order


def _check_details(order: Doc) -> None:
    details = order.get("details")
    if not isinstance(details, list) or not details:
        raise Declined(422, "字段 details 缺失或为空")
    for detail in details:
        if not isinstance(detail, dict) or detail.keys() != DETAIL.keys():
            raise Declined(422, f"details 的字段应为 {'、'.join(DETAIL)}")
        if wrong := [name for name, kind in DETAIL.items() if type(detail[name]) is not kind]:
            raise Declined(422, f"details.{wrong[0]} 类型不对")
    if sum(_fen(detail["amount"]) for detail in details) != _fen(order["goodsAmount"]):
        raise Declined(422, "各行金额之和与 goodsAmount 不符")


def _fen(amount: str) -> int:
    try:
        return int(Decimal(amount).scaleb(2))
    except InvalidOperation as e:
        raise Declined(422, f"金额 {amount} 格式不对") from e


def _essence(order: Doc) -> Doc:
    """Tell what makes an order this order."""
    return {
        "platform": order["platform"],
        "platformOrderNo": order["platformOrderNo"],
        "consignee": order["consignee"],
        "payAmount_fen": _fen(order["payAmount"]),
        "details": order["details"],
    }


def _answer(kept: Doc, status: int) -> Response:
    shown = ("orderNo", "status", "auditor", "auditTime")
    data = {name: kept[name] for name in shown}
    return JSONResponse({"code": 0, "msg": "ok", "data": data}, status)
