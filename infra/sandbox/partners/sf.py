"""SF Express as the hub meets it: ``/std/service``, signed, two envelopes (protocols 4.1)."""

import hmac
import json
from base64 import b64encode
from hashlib import md5
from urllib.parse import quote_plus

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.carriage import Carriage
from infra.sandbox.partners.sf_desk import SfDesk, SfSays
from infra.sandbox.partners.sf_words import push_body, pushed_row
from infra.sandbox.push import Push, Pusher

NAME = "sf"
PARTNER_ID = "SANDBOXSF"
CHECK_WORD = "sandbox-sf-check-word"
PUSH_PATH = "/hooks/sf/sandbox-sf-path"

JSON_HEADERS = {"content-type": "application/json"}
SUBJECTS = ("orderId", "trackingNumber", "waybillNo")  # what a call is about
NEEDED = ("partnerID", "requestID", "serviceCode", "timestamp", "msgDigest", "msgData")


class SfComplaints:
    """The platform's words for faults that are part of its protocol."""

    def too_many(self) -> JSONResponse:
        """Say "throttled"."""
        return outer("A1005", "API 调用频率超限")

    def session_lost(self) -> JSONResponse:
        """Say "the access token ran out"."""
        return outer("A1002", "accessToken 已过期")


class SfCounter:
    """Believes calls that are signed, and lets the desk answer them."""

    def __init__(self, desk: SfDesk, ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger

    async def answer(self, request: Request) -> JSONResponse:
        """Answer one call."""
        async with request.form() as sent:
            form = {name: str(value) for name, value in sent.items()}
        fault = fault_of(form) or self._not_granted(form)
        if fault is not None:
            self._ledger.note(form.get("serviceCode", ""), "", fault[0])
            return outer(*fault)
        return outer("A1000", "", self._served(form))

    def _not_granted(self, form: dict[str, str]) -> tuple[str, str] | None:
        granted = form["serviceCode"] in self._desk.services
        return None if granted else ("A1004", "无对应服务权限")

    def _served(self, form: dict[str, str]) -> Doc:
        service, subject = form["serviceCode"], ""
        try:
            asked = _message(form["msgData"])
            subject = str(next((asked[name] for name in SUBJECTS if asked.get(name)), ""))
            data = self._desk.services[service](asked)
        except SfSays as said:
            self._ledger.note(service, subject, said.code)
            return {"success": False, "errorCode": said.code, "errorMsg": said.text}
        self._ledger.note(service, subject, "S0000")
        return {"success": True, "errorCode": "S0000", "errorMsg": None, "msgData": data}


def fault_of(form: dict[str, str]) -> tuple[str, str] | None:
    """Tell why the platform does not believe a call, or nothing."""
    missing = [name for name in NEEDED if not form.get(name)]
    if missing:
        return "A1001", f"必传参数不可为空:{missing[0]}"
    if form["partnerID"] != PARTNER_ID:
        return "A1004", "无对应服务权限"
    if not form["timestamp"].isdigit():
        return "A1001", "timestamp 格式错误"
    wanted = signed(form["msgData"], form["timestamp"])
    if not hmac.compare_digest(wanted.encode(), form["msgDigest"].encode()):
        return "A1006", "数字签名无效"
    return None


def signed(message: str, timestamp: str) -> str:
    """Sign as the documents say: MD5 over the text in Java's URL encoding, in Base64."""
    text = quote_plus(message + timestamp + CHECK_WORD, safe="*").replace("~", "%7E")
    return b64encode(md5(text.encode()).digest()).decode()


def outer(code: str, text: str, inner: Doc | None = None) -> JSONResponse:
    """Wrap an answer in the platform's envelope, the inner one as a string."""
    data = "" if inner is None else json.dumps(inner, ensure_ascii=False)
    return JSONResponse(
        {
            "apiErrorMsg": text,
            "apiResponseID": md5(data.encode()).hexdigest(),
            "apiResultCode": code,
            "apiResultData": data,
        }
    )


def waybill_number(_: str, count: int) -> str:
    """Make a number as SF prints it: SF and 13 digits."""
    return f"SF{1_424_600_000_000 + count:013d}"


def _message(text: str) -> Doc:
    try:
        asked = json.loads(text)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise SfSays("S0001", "非法的 JSON 格式")
    return asked


def _acknowledged(answer: httpx.Response) -> bool:
    return '"0000"' in answer.text


class RoutePushes:
    """Pushes every scan to the hub; SF signs nothing, so the address holds a secret."""

    def __init__(self, pusher: Pusher, hub_url: str) -> None:
        self._pusher = pusher
        self._url = hub_url + PUSH_PATH

    def tell(self, waybill: str, route: Doc) -> None:
        """Push each scan once, by its id."""
        for scan in route["routes"]:
            row = pushed_row(waybill, route, scan)
            push = Push(url=self._url, body=push_body(row), headers=JSON_HEADERS)
            self._pusher.send(row["id"], push)


def build(surroundings: Surroundings) -> Partner:
    """Open SF."""
    world = surroundings.world
    ledger = world.open_ledger(NAME)
    pusher = Pusher(surroundings.http, ledger, world.plan_of(NAME), _acknowledged)
    pushes = RoutePushes(pusher, world.hub_url)
    counter = SfCounter(SfDesk(Carriage(world, NAME, waybill_number, pushes.tell)), ledger)
    return Partner(
        name=NAME,
        app=Starlette(routes=[Route("/std/service", counter.answer, methods=["POST"])]),
        credentials={"partnerID": PARTNER_ID, "checkWord": CHECK_WORD, "pushPath": PUSH_PATH},
        urls={"service": "/std/service"},
        complaints=SfComplaints(),
        resume=pusher.resume,
    )
