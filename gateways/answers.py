"""How an HTTP answer becomes a shape or a fault, the same way for every gateway that asks here."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from domain.errors import GatewayBusy, GatewayRefused, Untranslatable

Shape = TypeVar("Shape", bound=BaseModel)


async def post(
    http: httpx.AsyncClient,
    partner: str,
    url: str,
    patience_s: float,
    **request: Any,  # noqa: ANN401 - httpx's own arguments
) -> httpx.Response:
    """Post a request and wait ``patience_s`` seconds for each part of its answer.

    Raises:
        GatewayBusy: no answer, 5xx or 429; the partner may or may not have done it.
        GatewayRefused: another 4xx; nothing was done.
    """
    try:
        answer = await http.post(url, timeout=patience_s, **request)
    except httpx.TransportError as e:
        raise GatewayBusy(partner, type(e).__name__) from e
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise GatewayBusy(partner, f"HTTP {answer.status_code}")
    if not answer.is_success:
        raise GatewayRefused(partner, f"HTTP {answer.status_code}", f"请核对设置 {partner}.url")
    return answer


@contextlib.asynccontextmanager
async def my_turn(partner: str, lock: asyncio.Lock, patience_s: float) -> AsyncIterator[None]:
    """Hold ``lock``, after waiting no longer than for an answer.

    Behind a partner that is down, each holder waits in vain; without the limit the callers would
    queue up, and the last would wait for all of them.
    """
    try:
        async with asyncio.timeout(patience_s):
            await lock.acquire()
    except TimeoutError as e:
        raise GatewayBusy(partner, "前一个请求还没有答复") from e
    try:
        yield
    finally:
        lock.release()


def content_of(partner: str, answer: httpx.Response) -> object:
    """Read an answer's JSON; ``Untranslatable`` when it is none."""
    try:
        return answer.json()
    except ValueError as e:
        raise Untranslatable(partner, "body", answer.headers.get("content-type", "")) from e


def shaped(partner: str, shape: type[Shape], content: object) -> Shape:
    """Read content as ``shape``; ``Untranslatable`` names the path that does not fit."""
    try:
        return shape.model_validate(content)
    except ValidationError as e:
        wrong = e.errors(include_input=False)[0]
        path = ".".join(str(step) for step in wrong["loc"]) or "body"
        raise Untranslatable(partner, path, wrong["type"]) from e


def without_query(record: logging.LogRecord) -> bool:
    """Take the query off every URL that httpx logs: keys and tokens are in it."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.copy_with(query=None) if isinstance(arg, httpx.URL) else arg for arg in record.args
        )
    return True
