"""WeCom's apps: cards with buttons, and what is called back when one is pressed (protocols 6).

Ledger ``wecom_app``: ``card`` by its task id: ``{to, card, sent, changes}``, where ``sent`` counts
how often the same message came within its duplicate check, and ``changes`` lists what the card was
changed to. ``ticket`` by response code: ``{task_id, used}``; each serves once. ``click`` by its
number: ``{task_id, button, by}``.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.wecom_seal import seal, signature
from infra.sandbox.push import Push, Pusher
from infra.sandbox.world import World

NAME = "wecom_app"
CORP_ID = "ww-sandbox-corp"
AGENT_ID = 1000002
SECRET = "sandbox-wecom-app-secret"  # noqa: S105 - public, for the sandbox only
TOKEN = "sandboxWecomToken"  # noqa: S105 - the same
AES_KEY = "c2FuZGJveC13ZWNvbS1hcHAtYWVzLWtleS0zMmJ5dGU"
OFFICER = "fengkong"
ACCESS_TOKEN = "sandbox-wecom-access-token"  # noqa: S105 - the same
LASTS_S = 7200
CARD_CLICKED = "card_clicked"  # told in the world: {task_id, button, by}

OK = (0, "ok")
BAD_SECRET = (40001, "invalid credential")
BAD_TOKEN = (40014, "invalid access_token")
BAD_JSON = (40035, "invalid parameter")
BAD_USER = (81013, "user & party & tag all invalid")
BAD_TASK = (41100, "task_id is missing or taken")  # its real number is not in our sources
BAD_TICKET = (41101, "response_code is invalid or used")  # the same
TOO_MANY = (45009, "api freq out of limit")


class AppComplaints:
    """WeCom's own words for faults."""

    def too_many(self) -> Response:
        """Say that there were too many calls."""
        return _answer(TOO_MANY)

    def session_lost(self) -> Response:
        """Say that the token is no longer good."""
        return _answer(BAD_TOKEN)


def build(surroundings: Surroundings) -> Partner:
    """Set the app up."""
    world = surroundings.world
    ledger = world.open_ledger(NAME)
    pusher = Pusher(surroundings.http, ledger, world.plan_of(NAME), _is_empty)
    app = App(world, ledger, pusher)
    world.listen(CARD_CLICKED, app.click)
    routes = [
        Route("/cgi-bin/gettoken", app.token),
        Route("/cgi-bin/message/send", app.send, methods=["POST"]),
        Route("/cgi-bin/message/update_template_card", app.change, methods=["POST"]),
    ]
    return Partner(
        name=NAME,
        app=Starlette(routes=routes),
        credentials={"corp_id": CORP_ID, "secret": SECRET, "token": TOKEN, "aes_key": AES_KEY},
        urls={"gettoken": "/cgi-bin/gettoken", "send": "/cgi-bin/message/send"},
        complaints=AppComplaints(),
        resume=pusher.resume,
    )


class Refusal(Exception):
    """WeCom says no, with a number and words."""

    def __init__(self, said: tuple[int, str]) -> None:
        super().__init__(said[1])
        self.said = said


@dataclass(frozen=True, slots=True)
class App:
    """One app of one company, with its officers' phones."""

    world: World
    ledger: Ledger
    pusher: Pusher

    async def token(self, request: Request) -> Response:
        """Give out the access token."""
        query = request.query_params
        known = query.get("corpid") == CORP_ID
        if not known or not hmac.compare_digest(query.get("corpsecret", ""), SECRET):
            return _answer(BAD_SECRET)
        return _answer(OK, access_token=ACCESS_TOKEN, expires_in=LASTS_S)

    async def send(self, request: Request) -> Response:
        """Take a card; the same one again within its duplicate check is taken, and not shown."""
        return await self._take(request, self._send)

    async def change(self, request: Request) -> Response:
        """Change a card once for each response code."""
        return await self._take(request, self._change)

    async def _take(self, request: Request, work: Any) -> Response:  # noqa: ANN401 - one of two
        try:
            _admit(request)
            subject, more = work(_read(await request.body()))
        except Refusal as no:
            self.ledger.note(request.url.path, "", f"{no.said[0]} {no.said[1]}")
            return _answer(no.said)
        self.ledger.note(request.url.path, subject, "0 ok")
        return _answer(OK, **more)

    def _send(self, message: Doc) -> tuple[str, Doc]:
        card = message.get("template_card") or {}
        task_id = str(card.get("task_id") or "")
        buttons = card.get("button_list") or []
        if message.get("msgtype") != "template_card" or not buttons:
            raise Refusal(BAD_JSON)
        if message.get("agentid") != AGENT_ID or OFFICER not in str(message["touser"]).split("|"):
            raise Refusal(BAD_USER)
        known = self.ledger.get("card", task_id)
        if not task_id or (known is not None and not _same(message, known)):
            raise Refusal(BAD_TASK)
        if known is None:
            shown = {"to": message["touser"], "card": card, "sent": 1, "changes": []}
            self.ledger.put("card", task_id, shown)
        else:
            self.ledger.amend("card", task_id, sent=known["sent"] + 1)
        return task_id, {"msgid": task_id, "response_code": self._ticket(task_id)}

    def _change(self, message: Doc) -> tuple[str, Doc]:
        code = str(message.get("response_code") or "")
        ticket = self.ledger.get("ticket", code)
        if ticket is None or ticket["used"]:
            raise Refusal(BAD_TICKET)
        change = message.get("template_card") or message.get("button")
        if not change or not message.get("userids"):
            raise Refusal(BAD_JSON)
        with self.ledger.together():
            self.ledger.amend("ticket", code, used=True)
            card = self.ledger.get("card", ticket["task_id"]) or {"changes": []}
            self.ledger.amend("card", ticket["task_id"], changes=[*card["changes"], change])
        return ticket["task_id"], {}

    def _ticket(self, task_id: str) -> str:
        code = f"code-{self.ledger.count('ticket') + 1}"
        self.ledger.put("ticket", code, {"task_id": task_id, "used": False})
        return code

    async def click(self, asked: Doc) -> None:
        """Press a button as somebody, and call the hub back."""
        number = str(self.ledger.count("click") + 1)
        with self.ledger.together():
            self.ledger.put("click", number, asked)
            ticket = self._ticket(asked["task_id"])
        self.pusher.send(number, self._callback(asked, ticket))

    def _callback(self, asked: Doc, ticket: str) -> Push:
        at = str(int(datetime.now(UTC).timestamp()))
        said = {
            "ToUserName": CORP_ID,
            "FromUserName": asked["by"],
            "CreateTime": at,
            "MsgType": "event",
            "Event": "template_card_event",
            "EventKey": asked["button"],
            "TaskId": asked["task_id"],
            "CardType": "button_interaction",
            "ResponseCode": ticket,
            "AgentID": str(AGENT_ID),
        }
        encrypted = seal(_xml(said), AES_KEY, CORP_ID)
        envelope = {"ToUserName": CORP_ID, "AgentID": str(AGENT_ID), "Encrypt": encrypted}
        proof = signature(TOKEN, at, ticket, encrypted)
        query = urlencode({"msg_signature": proof, "timestamp": at, "nonce": ticket})
        return Push(
            url=f"{self.world.hub_url}/hooks/wecom?{query}",
            body=_xml(envelope),
            headers={"content-type": "text/xml"},
        )


def _admit(request: Request) -> None:
    if request.query_params.get("access_token") != ACCESS_TOKEN:
        raise Refusal(BAD_TOKEN)


def _same(message: Doc, known: Doc) -> bool:
    return bool(message.get("enable_duplicate_check")) and message["template_card"] == known["card"]


def _xml(fields: dict[str, str]) -> bytes:
    root = Element("xml")
    for name, value in fields.items():
        SubElement(root, name).text = value
    written: bytes = tostring(root, encoding="utf-8")
    return written


def _read(body: bytes) -> Doc:
    try:
        message = json.loads(body)
    except ValueError as e:
        raise Refusal(BAD_JSON) from e
    if not isinstance(message, dict):
        raise Refusal(BAD_JSON)
    return message


def _is_empty(answer: httpx.Response) -> bool:
    return not answer.content


def _answer(said: tuple[int, str], **more: Any) -> Response:  # noqa: ANN401 - JSON values
    return JSONResponse({"errcode": said[0], "errmsg": said[1], **more})
