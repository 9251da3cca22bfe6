"""Reads a push off the wire, and turns away what can be no push, before much of it was read."""

from fastapi import Request
from starlette.requests import ClientDisconnect

from domain.clock import utc_now
from domain.events import Door, Push

BODY_LIMIT_BYTES = 1024 * 1024  # the largest push known is a 40-line order, under 64 KiB
HEAD_LIMIT_BYTES = 8 * 1024  # what servers before us let through, too
TOO_LARGE = 413


class TurnedAway(Exception):
    """It is no push, whoever sent it; nothing of it is kept.

    Attributes:
        status: The HTTP status that says so.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


async def read_push(request: Request, door: Door) -> Push:
    """Read one push.

    Raises:
        TurnedAway: the wrong media type, too much of it, or it broke off.
    """
    _check_type(request, door)
    _check_head(request)
    return Push(
        path=request.scope["path"],
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params),
        body=await _body(request),
        received_at=utc_now(),
    )


def _check_type(request: Request, door: Door) -> None:
    """Refuse a media type that the partner never sends; some platforms name none at all."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given and given not in door.media_types:
        wanted = "、".join(sorted(door.media_types))
        raise TurnedAway(415, f"内容类型应为 {wanted},未保存")


def _check_head(request: Request) -> None:
    if len(request.scope["query_string"]) + len(request.scope["path"]) > HEAD_LIMIT_BYTES:
        raise TurnedAway(414, "地址过长,未保存")
    if sum(len(name) + len(value) for name, value in request.headers.raw) > HEAD_LIMIT_BYTES:
        raise TurnedAway(431, "请求头过大,未保存")
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise TurnedAway(400, "Content-Length 不是数字,未保存")
    if int(length) > BODY_LIMIT_BYTES:
        raise _too_large()


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT_BYTES:
                raise _too_large()
    except ClientDisconnect as gone:
        raise TurnedAway(400, "报文没有传完,未保存") from gone
    return bytes(body)


def _too_large() -> TurnedAway:
    return TurnedAway(TOO_LARGE, "报文超过 1 MB,未保存")
