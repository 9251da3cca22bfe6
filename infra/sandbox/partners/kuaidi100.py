"""kuaidi100 as the hub meets it: labels, subscriptions and queries, signed (protocols 8.1)."""

import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.carriage import Carriage
from infra.sandbox.partners.kuaidi100_desk import Kuaidi100Desk, Kuaidi100Says
from infra.sandbox.partners.kuaidi100_words import push_param, signed, waybill_number
from infra.sandbox.push import Push, Pusher

NAME = "kuaidi100"
CUSTOMER = "SANDBOXK100"
KEY = "sandbox-k100-key"
SECRET = "sandbox-k100-secret"  # noqa: S105 - the sandbox's public test credential
SALT = "sandbox-k100-salt"

Form = dict[str, str]
FORM_HEADERS = {"content-type": "application/x-www-form-urlencoded"}


class Kuaidi100Complaints:
    """Its own words for faults that are part of its protocol."""

    def too_many(self) -> JSONResponse:
        """Say "busy"."""
        return _refusal(Kuaidi100Says("502", "服务器繁忙,请稍后再试"))

    def session_lost(self) -> JSONResponse:
        """Say "the key ran out"."""
        return _refusal(Kuaidi100Says("601", "POLL:KEY 已过期"))


class Kuaidi100Counter:
    """Believes calls that are signed, and lets the desk answer them."""

    def __init__(self, desk: Kuaidi100Desk, ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger

    async def label(self, request: Request) -> JSONResponse:
        """``/label/order``: the method is a form field, or in the query."""
        form = {**dict(request.query_params), **await _form(request)}
        return self._answer(form.get("method", ""), form, self._labelled)

    async def subscribe(self, request: Request) -> JSONResponse:
        """``/poll``."""
        return self._answer("subscribe", await _form(request), self._subscribed)

    async def query(self, request: Request) -> JSONResponse:
        """``/poll/query.do``."""
        return self._answer("query", await _form(request), self._found)

    def _answer(self, operation: str, form: Form, act: Callable[[Form], Doc]) -> JSONResponse:
        try:
            answer = act(form)
        except Kuaidi100Says as said:
            self._ledger.note(operation, _subject(form), said.code)
            return _refusal(said)
        self._ledger.note(operation, _subject(form), "200")
        return JSONResponse(answer)

    def _labelled(self, form: Form) -> Doc:
        _believe(form, form.get("t", ""), KEY, SECRET)
        act = self._desk.label_methods.get(form.get("method", ""))
        if act is None:
            raise Kuaidi100Says("400", "未开通或不支持的 method")
        data = act(_json(form))
        code = {"code": 200, "returnCode": "200"}  # old and new clients read different ones
        return {"success": True, "result": True, **code, "message": "success", "data": data}

    def _subscribed(self, form: Form) -> Doc:
        """Subscriptions are not signed: the key inside is what is believed."""
        asked = _json(form)
        if not hmac.compare_digest(str(asked.get("key")).encode(), KEY.encode()):
            raise Kuaidi100Says("600", "您不是合法的订阅者(即授权 Key 出错)")
        self._desk.subscribe(asked)
        return {"result": True, "returnCode": "200", "message": "提交成功"}

    def _found(self, form: Form) -> Doc:
        _believe(form, KEY, CUSTOMER)
        return self._desk.query(_json(form))


async def _form(request: Request) -> Form:
    async with request.form() as sent:
        return {name: str(value) for name, value in sent.items()}


def _believe(form: Form, *secrets: str) -> None:
    wanted = signed(form.get("param", ""), *secrets)
    if not hmac.compare_digest(wanted.encode(), form.get("sign", "").encode()):
        raise Kuaidi100Says("503", "验证签名失败")


def _json(form: Form) -> Doc:
    try:
        asked = json.loads(form.get("param", ""))
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise Kuaidi100Says("400", "提交的数据不完整:param")
    return asked


def _subject(form: Form) -> str:
    """Tell for the call log what a call is about, believed or not."""
    try:
        asked = _json(form)
    except Kuaidi100Says:
        return ""
    return str(asked.get("orderId") or asked.get("number") or asked.get("num") or "")


def _refusal(said: Kuaidi100Says) -> JSONResponse:
    """Refuse in a shape that each of the interfaces' clients can read."""
    code: dict[str, Any] = {"code": int(said.code), "returnCode": said.code}
    return JSONResponse({"success": False, "result": False, "message": said.text, **code})


def _acknowledged(answer: httpx.Response) -> bool:
    return '"200"' in answer.text


class Subscribers:
    """Pushes every scan to whoever subscribed to its number."""

    def __init__(self, pusher: Pusher, ledger: Ledger) -> None:
        self._pusher = pusher
        self._ledger = ledger

    def tell(self, waybill: str, route: Doc) -> None:
        """Push the trace so far, once for each stop."""
        subscription = self._ledger.get("subscription", waybill)
        if subscription is not None:
            push = _push(subscription, push_param(waybill, route))
            self._pusher.send(f"{waybill}/{route['routes'][-1]['stop']}", push)


def build(surroundings: Surroundings) -> Partner:
    """Open kuaidi100."""
    world = surroundings.world
    ledger = world.open_ledger(NAME)
    pusher = Pusher(surroundings.http, ledger, world.plan_of(NAME), _acknowledged)
    carriage = Carriage(world, NAME, waybill_number, Subscribers(pusher, ledger).tell)
    counter = Kuaidi100Counter(Kuaidi100Desk(carriage, ledger), ledger)
    return Partner(
        name=NAME,
        app=_app(counter),
        credentials={"customer": CUSTOMER, "key": KEY, "secret": SECRET, "salt": SALT},
        urls={"query": "/poll/query.do", "subscribe": "/poll", "label": "/label/order"},
        complaints=Kuaidi100Complaints(),
        resume=pusher.resume,
    )


def _app(counter: Kuaidi100Counter) -> Starlette:
    doors = {
        "/poll/query.do": counter.query,
        "/poll": counter.subscribe,
        "/label/order": counter.label,
        "/eorderapi.do": counter.label,  # where the vendor's own SDK still cancels labels
    }
    return Starlette(
        routes=[Route(path, answer, methods=["POST"]) for path, answer in doors.items()]
    )


def _push(subscription: Doc, param: str) -> Push:
    form = {"param": param}
    if subscription["salt"] is not None:
        form["sign"] = signed(param, subscription["salt"])
    return Push(
        url=subscription["callback_url"], body=urlencode(form).encode(), headers=FORM_HEADERS
    )
