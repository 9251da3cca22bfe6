"""How a call to Kingdee K3 Cloud is sent and understood (protocols 5.1)."""

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict

from domain.errors import GatewayBusy, GatewayRefused
from gateways.answers import content_of, post, shaped
from gateways.kingdee_session import PARTNER, way_in
from settings import Kingdee

SERVICES = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService"
SESSION_LOST = 1
LOCKED_BY_ANOTHER = 13
TOO_MANY = 14


class FieldError(BaseModel):
    """One thing that Kingdee does not like."""

    FieldName: str | None = None
    Message: str | None = None


class Entity(BaseModel):
    """A document that Kingdee has worked on."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    Id: str
    Number: str


class ResponseStatus(BaseModel):
    """What became of a call."""

    IsSuccess: bool = False
    MsgCode: int = 0
    Errors: tuple[FieldError, ...] = ()
    SuccessEntitys: tuple[Entity, ...] = ()


class KingdeeCalls:
    """Calls business services by name."""

    def __init__(self, settings: Kingdee, http: httpx.AsyncClient, patience_s: float) -> None:
        self._base = f"{settings.url}/K3Cloud/{SERVICES}"
        self._http = http
        self._patience_s = patience_s
        self._way_in = way_in(settings, http, patience_s)

    async def act(self, service: str, form: str, data: Mapping[str, Any]) -> ResponseStatus:
        """Do something to a document.

        Raises:
            GatewayBusy: no answer, or "later"; the deed may be done.
            GatewayRefused: Kingdee names the field that is wrong.
        """
        content = await self._call(service, {"formid": form, "data": data})
        status = status_of(content) or ResponseStatus()
        if not status.IsSuccess:
            raise _refusal(status)
        return status

    async def query(self, data: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
        """Ask for rows, each with the fields of ``FieldKeys`` in their order."""
        content = await self._call("ExecuteBillQuery", {"data": data})
        status = status_of(content)
        if status is not None:
            raise _refusal(status)
        return shaped(PARTNER, Rows, {"rows": content}).rows

    async def _call(self, service: str, body: Mapping[str, Any]) -> object:
        """Call a service; a lost session is opened anew once, and the call repeated.

        Kingdee looks at the session before it looks at the call, so the repeat is safe.
        """
        content = await self._send(service, body)
        if _code(content) == SESSION_LOST:
            content = await self._send(service, body)
        code = _code(content)
        if code in (SESSION_LOST, LOCKED_BY_ANOTHER, TOO_MANY):
            raise GatewayBusy(PARTNER, f"{service} MsgCode {code}")
        return content

    async def _send(self, service: str, body: Mapping[str, Any]) -> object:
        url = f"{self._base}.{service}.common.kdsvc"
        headers = await self._way_in.headers(httpx.URL(url).path)
        answer = await post(self._http, PARTNER, url, self._patience_s, json=body, headers=headers)
        content = content_of(PARTNER, answer)
        if _code(content) == SESSION_LOST:
            self._way_in.forget(headers)
        else:
            self._way_in.notice(answer)
        return content


class Rows(BaseModel):
    """What a query answers."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    rows: tuple[tuple[str, ...], ...]


def status_of(content: object) -> ResponseStatus | None:
    """Find what Kingdee says of a call; it wraps that for a query, whose good rows say nothing."""
    match content:
        case {"Result": {"ResponseStatus": status}}:
            return shaped(PARTNER, ResponseStatus, status)
        case [[{"Result": {"ResponseStatus": status}}, *_], *_]:
            return shaped(PARTNER, ResponseStatus, status)
        case _:
            return None


def _code(content: object) -> int:
    status = status_of(content)
    return 0 if status is None else status.MsgCode


def _refusal(status: ResponseStatus) -> GatewayRefused:
    found = "；".join(
        f"字段 {error.FieldName or '-'}:{error.Message or '未说明'}" for error in status.Errors
    )
    reason = f"{found or '金蝶未说明原因'}。请在金蝶核对科目、账簿与期间后重试"
    return GatewayRefused(PARTNER, f"MsgCode {status.MsgCode}", reason)
