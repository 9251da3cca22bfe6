"""The WeCom group robot (protocols 6): HTTP 200 whatever it says, ``errcode`` tells."""

import hmac
import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.world import World

KEY = "sandbox-wecom-key"
PATH = "/cgi-bin/webhook/send"
LONGEST_BYTES = {"text": 2048, "markdown": 4096}
PER_MINUTE = 20
MINUTE = timedelta(minutes=1)  # of the world, as everything here

BAD_KEY = (93000, "invalid webhook url")
TOO_MANY = (45009, "api freq out of limit")
BUSY = (-1, "system busy")
BAD_JSON = (40035, "invalid parameter")
BAD_TYPE = (40008, "invalid message type")
TOO_LONG = (40058, "content exceed max length")
EMPTY = (44004, "empty content")


class WecomComplaints:
    """The robot's own words for faults."""

    def too_many(self) -> Response:
        """Say that the minute's messages are used up."""
        return _answer(*TOO_MANY)

    def session_lost(self) -> Response:
        """Say "later": a robot has no session, so its server is busy instead."""
        return _answer(*BUSY)


def build(surroundings: Surroundings) -> Partner:
    """Make the robot."""
    robot = Robot(surroundings.world)
    return Partner(
        name="wecom",
        app=Starlette(routes=[Route(PATH, robot.serve, methods=["POST"])]),
        credentials={"key": KEY},
        urls={"send": PATH},
        complaints=WecomComplaints(),
    )


@dataclass(frozen=True, slots=True)
class Robot:
    """Keeps each message in the ledger: kind ``message``, key = its number, ``{type, content}``."""

    world: World
    spoken: deque[datetime] = field(default_factory=deque)  # the last minute's messages

    async def serve(self, request: Request) -> Response:
        """Take one message, or say why not."""
        key = request.query_params.get("key", "")
        body = await request.body()
        code, words = self._take(key, body)
        self.world.open_ledger("wecom").note("webhook/send", "", f"{code} {words}")
        return _answer(code, words)

    def _take(self, key: str, body: bytes) -> tuple[int, str]:
        if not hmac.compare_digest(key.encode(), KEY.encode()):
            return BAD_KEY
        kind, content, wrong = _read(body)
        if wrong is not None:
            return wrong
        if not self._may_speak():
            return TOO_MANY
        ledger = self.world.open_ledger("wecom")
        ledger.put("message", str(ledger.count("message") + 1), {"type": kind, "content": content})
        return 0, "ok"

    def _may_speak(self) -> bool:
        now = self.world.clock.now()
        while self.spoken and now - self.spoken[0] >= MINUTE:
            self.spoken.popleft()
        if len(self.spoken) >= PER_MINUTE:
            return False
        self.spoken.append(now)
        return True


def _read(body: bytes) -> tuple[str, str, tuple[int, str] | None]:
    """Tell a message's type and content, and what is wrong with it, if anything."""
    try:
        message: dict[str, Any] = json.loads(body)
        kind = str(message["msgtype"])
        content = str(message.get(kind, {}).get("content", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", "", BAD_JSON
    if kind not in LONGEST_BYTES:
        return kind, "", BAD_TYPE
    if not content:
        return kind, "", EMPTY
    return kind, content, TOO_LONG if len(content.encode()) > LONGEST_BYTES[kind] else None


def _answer(code: int, words: str) -> Response:
    return JSONResponse({"errcode": code, "errmsg": words})
