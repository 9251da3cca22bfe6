"""Kingdee K3 Cloud: its web door under ``/K3Cloud``, with login sessions and signed calls.

Ledger kinds: ``voucher`` by id {number, group_no, reference, book, date, status Z|A|B|C|D,
entries: [{account, debit_fen, credit_fen, explanation, reference}]}, where ``reference`` is the
caller's own business number (FBUSNO); ``reference`` by that number {ids}, an index; ``session``
by id {username, mode}; ``customer_mark`` as in ``kingdee_marks``.
"""

import json
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.ledger import Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.kingdee_books import Books
from infra.sandbox.partners.kingdee_gate import (
    ACCOUNT,
    APP_ID,
    APP_SECRET,
    PASSWORD,
    SESSION,
    USERNAME,
    Gate,
)
from infra.sandbox.partners.kingdee_marks import FORM as MARKS
from infra.sandbox.partners.kingdee_marks import Marks
from infra.sandbox.partners.kingdee_query import execute, read_filter
from infra.sandbox.partners.kingdee_words import Complaint, Doc, MsgCode, refused

STUB = "Kingdee.BOS.WebApi.ServicesStub"
LOGINS = ("ValidateUser", "LoginByAppSecret", "LoginBySign")


class KingdeeComplaints:
    """Kingdee's own words, at HTTP 200."""

    def too_many(self) -> Response:
        """Say that the limit of calls is reached."""
        return JSONResponse(refused(Complaint(MsgCode.TOO_MANY, "接口调用次数超出限制")))

    def session_lost(self) -> Response:
        """Say that the session is gone."""
        lost = Complaint(MsgCode.SESSION_LOST, "会话信息已丢失,请重新登录")
        return JSONResponse(refused(lost))


class Door:
    """Takes every call, by the service's name in its path."""

    def __init__(self, ledger: Ledger) -> None:
        books = Books(ledger)
        self._ledger = ledger
        self._marks = Marks(ledger)
        self._gate = Gate(ledger)
        self._services: dict[str, Callable[[Doc], Doc]] = {
            "Save": books.save,
            "Draft": books.draft,
            "Submit": books.submit,
            "Audit": books.audit,
            "View": books.view,
        }

    async def serve(self, request: Request) -> Response:
        """Answer one call."""
        folder, _, service = request.path_params["service"].rpartition(".")
        body = _object(await request.body())
        if folder == f"{STUB}.AuthService" and service in LOGINS:
            return self._log_in(service, body)
        if folder != f"{STUB}.DynamicFormService":
            return JSONResponse(refused(Complaint(MsgCode.EXCEPTION, f"服务不存在:{service}")))
        return self._work(service, body, request)

    def _log_in(self, service: str, body: Doc) -> Response:
        welcome = self._gate.log_in(service, body)
        self._ledger.note(service, "", str(welcome["LoginResultType"]))
        answer = JSONResponse(welcome)
        if welcome["KDSVCSessionId"]:
            answer.set_cookie(SESSION, welcome["KDSVCSessionId"], httponly=True)
            answer.set_cookie("ASP.NET_SessionId", welcome["KDSVCSessionId"][:24], httponly=True)
        return answer

    def _work(self, service: str, body: Doc, request: Request) -> Response:
        """Do what a caller who may come in asks for; a query wraps its complaints in a row."""
        opened: str | None = None
        outcome = MsgCode.NONE
        try:
            opened = self._gate.admit(request)
            content = self._do(service, body)
        except Complaint as complaint:
            outcome = complaint.code
            said = refused(complaint)
            content = [[said]] if service == "ExecuteBillQuery" else said
        self._ledger.note(service, "", f"MsgCode {int(outcome)}")
        answer = JSONResponse(content)
        if opened is not None:
            answer.set_cookie(SESSION, opened, httponly=True)
        return answer

    def _do(self, service: str, body: Doc) -> object:
        if service == "ExecuteBillQuery":
            return self._query(_data(body, 0))
        if service not in self._services:
            raise Complaint(MsgCode.EXCEPTION, f"服务不存在:{service}")
        form = body.get("formid") or next(iter(body.get("parameters") or []), None)
        if form == MARKS and service == "Save":
            return self._marks.save(_data(body, 1))
        if form != "GL_VOUCHER":
            raise Complaint(MsgCode.NO_FORM, f"表单不存在:{form}", "formid")
        return self._services[service](_data(body, 1))

    def _query(self, data: Doc) -> object:
        if data.get("FormId") != MARKS:
            return execute(self._ledger, data)
        fields = [key.strip() for key in str(data.get("FieldKeys") or "").split(",")]
        return self._marks.query(fields, read_filter(str(data.get("FilterString") or "")))


def build(surroundings: Surroundings) -> Partner:
    """Set Kingdee up."""
    door = Door(surroundings.world.open_ledger("kingdee"))
    route = Route("/K3Cloud/{service}.common.kdsvc", door.serve, methods=["POST"])
    return Partner(
        name="kingdee",
        app=Starlette(routes=[route]),
        credentials={
            "account_id": ACCOUNT,
            "username": USERNAME,
            "password": PASSWORD,
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
        },
        urls={"server": "/K3Cloud/"},
        complaints=KingdeeComplaints(),
    )


def _data(body: Doc, place: int) -> Doc:
    """Find a call's data: by name or by place, as an object or as JSON in a string."""
    parameters = body.get("parameters") or []
    data = body.get("data") or (parameters[place] if len(parameters) > place else None)
    return _object(data.encode()) if isinstance(data, str) else dict(data or {})


def _object(text: bytes) -> Doc:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
