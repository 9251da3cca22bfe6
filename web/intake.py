"""Takes pushes in: prove, keep, answer. Nothing here waits for the engine.

Verify over the raw bytes → keep the raw push under its key → commit → answer in the partner's own
form. What becomes of it is the drain's business.
"""

import asyncio
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Protocol

import structlog
from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from domain.clock import utc_now
from domain.errors import ForgedPush, Untranslatable
from domain.events import Answer, Door, Push

BODY_LIMIT_BYTES = 1024 * 1024  # the largest push known is a 40-line order, under 64 KiB
TOO_LARGE = 413

log = structlog.get_logger()


class Keeper(Protocol):
    """What intake needs from the inbox: commit before it returns."""

    def keep(self, door: str, key: str, push: Push) -> bool: ...


class Intake:
    """Serves every door.

    Args:
        doors: Each door by its path.
        inbox: Where pushes are kept.
        arrived: Told after each push that was new.
    """

    def __init__(
        self, doors: Mapping[str, Door], inbox: Keeper, arrived: Callable[[], None]
    ) -> None:
        self._doors = doors
        self._inbox = inbox
        self._arrived = arrived

    def router(self) -> APIRouter:
        """Tell the routes: one POST for each door."""
        router = APIRouter()
        for path in self._doors:
            router.add_api_route(path, self.take, methods=["POST"], include_in_schema=False)
        return router

    async def take(self, request: Request) -> Response:
        """Take one push in."""
        door = self._doors[request.scope["route"].path]
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response("报文超过 1 MB,未保存", TOO_LARGE)
        return _respond(await self._keep(door, _push(request, body)))

    async def _keep(self, door: Door, push: Push) -> Answer:
        try:
            door.verify(push)
        except ForgedPush as fault:
            log.warning("push_forged", door=door.name)
            return door.refuse(str(fault))
        try:
            key, answer = door.key(push), door.accept()
        except Untranslatable as fault:
            # It is genuine, so it is kept for a person although its sender is told what is wrong.
            key, answer = f"unreadable/{sha256(push.body).hexdigest()}", door.refuse(str(fault))
        if await asyncio.to_thread(self._inbox.keep, door.name, key, push):
            self._arrived()
        return answer


async def _read(request: Request) -> bytes | None:
    """Read the body, or ``None`` when it is larger than anything a partner sends."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            return None
    return bytes(body)


def _push(request: Request, body: bytes) -> Push:
    return Push(
        path=request.url.path,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params),
        body=body,
        received_at=utc_now(),
    )


def _respond(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type=answer.media_type)
