"""Pinduoduo's message socket, PMC: whom it lets in, and one session with a client (protocols 1.4).

A message that is not acknowledged comes again, under another id; its ``time`` is that of what
happened, and only ``sendTime`` is new. What a session leaves behind goes out in the next one. The
shop of the sandbox is authorised from the start, so messages do not wait for
``pdd.pmc.user.permit``.
"""

import asyncio
import contextlib
import json
import re
import time
from base64 import b64encode
from dataclasses import dataclass
from hashlib import md5

from starlette.websockets import WebSocket, WebSocketDisconnect

from infra.sandbox.faults import Fault, FaultPlan
from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.pinduoduo_gate import CLIENT_ID, CLIENT_SECRET, is_now, same
from infra.sandbox.partners.pinduoduo_outbox import Outbox
from infra.sandbox.partners.pinduoduo_words import MALL_ID
from infra.sandbox.shop import now_ms

PATH = "/message/{client_id}/{ms}/{digest}"
CLOCK_S = 300
MOST_IN_FLIGHT = 8
GOING_AWAY = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the platform waits for an "Ack", and how long after a "Fail" it tries again."""

    ack_s: float = 5.0
    fail_s: float = 2.0


def digest(client_id: str, ms: str, secret: str) -> str:
    """Sign a connection: Base64 of the lower hex text of an MD5."""
    return b64encode(md5(f"{client_id}{ms}{secret}".encode()).hexdigest().encode()).decode()


class MessageDoor:
    """Opens a session for whoever signed the address just now."""

    def __init__(self, outbox: Outbox, plan: FaultPlan, ledger: Ledger, patience: Patience) -> None:
        self._outbox = outbox
        self._plan = plan
        self._ledger = ledger
        self._patience = patience

    async def open(self, socket: WebSocket) -> None:
        """Serve a session, or refuse it before it begins."""
        fault = _fault_of(**socket.path_params)
        self._ledger.note("message.connect", "", fault or "ok")
        if fault:
            await socket.close(reason=fault)
            return
        await socket.accept()
        await Session(socket, self._outbox, self._plan, self._patience).run()


def _fault_of(client_id: str, ms: str, digest: str) -> str:
    if client_id != CLIENT_ID:
        return "client_id"
    if re.fullmatch(r"[0-9]{13}", ms) is None or not is_now(ms[:-3], CLOCK_S):
        return "timestamp"
    return "" if same(_digest_of(ms), digest) else "digest"


def _digest_of(ms: str) -> str:
    return digest(CLIENT_ID, ms, CLIENT_SECRET)


class Session:
    """One connection: a few messages in flight, each until it is acknowledged or given up."""

    def __init__(
        self, socket: WebSocket, outbox: Outbox, plan: FaultPlan, patience: Patience
    ) -> None:
        self._socket = socket
        self._outbox = outbox
        self._plan = plan
        self._patience = patience
        self._keys: dict[int, str] = {}  # of every id that was sent in this session
        self._in_flight: dict[str, asyncio.TimerHandle] = {}
        self._room = asyncio.Semaphore(MOST_IN_FLIGHT)

    async def run(self) -> None:
        """Send and listen until one side hangs up."""
        sending = asyncio.create_task(self._send())
        try:
            with contextlib.suppress(WebSocketDisconnect):  # of an answer to whoever hung up
                await self._listen()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            for key in tuple(self._in_flight):
                self._land(key, again_after_s=0)

    async def _listen(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await self._hear(message.get("text") or message.get("bytes") or "")

    async def _send(self) -> None:
        while True:
            await self._room.acquire()
            key, letter = await self._outbox.next()
            give_up = asyncio.get_running_loop().call_later
            self._in_flight[key] = give_up(self._patience.ack_s, self._land, key, 0)
            for _ in range(2 if self._plan.strikes(Fault.DUPLICATE_PUSH) else 1):
                await self._deliver(key, letter)
            if self._plan.strikes(Fault.SESSION_LOST):
                await self._socket.close(GOING_AWAY)
                return

    async def _deliver(self, key: str, letter: Doc) -> None:
        number = time.time_ns()  # never again, not even after a restart
        self._keys[number] = key
        said = {"type": letter["type"], "mallID": MALL_ID, "content": letter["content"]}
        await self._say({"id": number, "commandType": "Common", "message": said}, letter["at"])

    async def _say(self, frame: Doc, at_ms: int) -> None:
        told = {**frame, "time": at_ms, "sendTime": now_ms()}
        await self._socket.send_text(json.dumps(told, ensure_ascii=False))

    async def _hear(self, text: str | bytes) -> None:
        """Hear one frame; what is no frame is not answered."""
        frame = _frame(text)
        match frame.get("commandType"):
            case "HeartBeat":
                await self._say({"id": frame.get("id"), "commandType": "HeartBeat"}, now_ms())
            case "Ack":
                self._acknowledge(frame)
            case "Fail":
                self._land(self._key_of(frame), self._patience.fail_s)
            case _:
                pass

    def _acknowledge(self, frame: Doc) -> None:
        """Believe an "Ack" also when it comes after the message was given up."""
        key = self._key_of(frame)
        if key:
            self._outbox.done(key)
            self._land(key, None)

    def _key_of(self, frame: Doc) -> str:
        number = str(frame.get("id"))
        return self._keys.get(int(number), "") if re.fullmatch(r"[0-9]{1,19}", number) else ""

    def _land(self, key: str, again_after_s: float | None) -> None:
        """Take a message out of the air, once, and let it go out again if it has to."""
        timer = self._in_flight.pop(key, None)
        if timer is not None:
            timer.cancel()
            self._room.release()
            if again_after_s is not None:
                self._outbox.back(key, again_after_s)


def _frame(text: str | bytes) -> Doc:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}
