"""What people and tools hear when the hub can not do what they ask: one sentence, in Chinese."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from domain.errors import GatewayBusy, HubError
from gateways.database import writable
from gateways.exception_rows import NoSuchException, TakenByAnother
from gateways.inbox_desk import NoSuchPush, NotNow
from web.bulk import TooWide
from web.handled import NoSuchOrder

STATUS: Mapping[type[HubError], int] = {
    NoSuchPush: 404,
    NotNow: 409,
    NoSuchOrder: 404,
    TooWide: 400,
    NoSuchException: 404,
    TakenByAnother: 409,
    GatewayBusy: 503,
}
# The framework's own sentences are English.
PLAIN: Mapping[int, str] = {
    400: "请求正文无法解析:请发送 UTF-8 的 JSON",
    404: "没有这个地址:请核对路径",
    405: "这个地址不支持该请求方法",
}
FRAMEWORKS = frozenset({"There was an error parsing the body", "Not Found", "Method Not Allowed"})


def explain_refusals(app: FastAPI) -> None:
    """Turn our faults, and questions that are asked wrongly, into answers."""
    for fault in STATUS:
        app.add_exception_handler(fault, _fault)
    app.add_exception_handler(RequestValidationError, _ill_formed)
    app.add_exception_handler(HTTPException, _in_chinese)


async def _fault(_: Request, fault: Exception) -> Response:
    return JSONResponse({"detail": str(fault)}, STATUS[type(fault)])  # type: ignore[index] # those alone are registered


async def _in_chinese(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101 - it is registered for this alone
    ours = fault.detail not in FRAMEWORKS
    words = fault.detail if ours else PLAIN.get(fault.status_code, fault.detail)
    return JSONResponse({"detail": words}, fault.status_code, fault.headers)


async def _ill_formed(_: Request, fault: Exception) -> Response:
    """Name the fields; what was sent is not repeated, since it may not even be text."""
    assert isinstance(fault, RequestValidationError)  # noqa: S101 - it is registered for this alone
    wrong = [
        {"loc": place, "msg": _sentence(place, error["type"]), "type": error["type"]}
        for error in fault.errors()
        for place in [_place(error["loc"])]
    ]
    return JSONResponse({"detail": wrong}, 422)


def _place(path: tuple[str | int, ...]) -> list[str | int]:
    return [writable(step) if isinstance(step, str) else step for step in path]


def _sentence(place: list[str | int], kind: str) -> str:
    field = ".".join(str(step) for step in place[1:])
    return f"字段 {field or '正文'} 不正确({kind}):请按接口说明填写"
