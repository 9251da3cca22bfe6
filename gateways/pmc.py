"""Pinduoduo's messages: a websocket that we hold, and what is said on it (protocols 1.4).

A message is acknowledged once it is in the inbox, and not before. What could not be kept is
answered with a failure, and comes again. The server's silence for three minutes ends the session;
a new one begins after a growing pause, for ever.
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import md5, sha256
from typing import Any, Protocol

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from channels.credentials import Credentials
from domain.clock import utc_now
from domain.errors import GatewayBusy, Untranslatable
from domain.events import Door, Push
from gateways.channel_door import ChannelDoor
from gateways.channel_shops import credentials
from settings import Channel

HEARTBEAT_S = 5.0
SILENCE_S = 180.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
SETTLED_S = 30.0  # a session that lasted so long was a good one
LARGEST_FRAME_BYTES = 1024 * 1024
LONGEST_REASON = 1000
VERSION = "1.1.6"  # of the platform's own client, which the server is told
BROKEN = (OSError, TimeoutError, InvalidHandshake, ConnectionClosed)

log = structlog.get_logger()
Frame = dict[str, Any]


class Keeper(Protocol):
    """What this needs from the inbox: commit before it returns."""

    def keep(self, door: str, key: str, push: Push) -> bool: ...


def digest(account: str, ms: str, secret: str) -> str:
    """Prove who connects: Base64 of the text of the lower hex MD5 (protocols 1.4)."""
    text = md5(f"{account}{ms}{secret}".encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(text.encode()).decode()


class Shops(Protocol):
    """What this needs to know of the channels that are set up."""

    @property
    def settings(self) -> Mapping[str, Channel]: ...
    @property
    def doors(self) -> Mapping[str, ChannelDoor]: ...


def listeners(shops: Shops, inbox: Keeper, arrived: Callable[[], None]) -> Sequence["PmcListener"]:
    """Make a listener for each channel whose messages are fetched from a socket."""
    return [
        PmcListener(channel.socket_url, credentials(channel), shops.doors[name], inbox, arrived)
        for name, channel in shops.settings.items()
        if channel.socket_url
    ]


class PmcListener:
    """Holds one shop's socket.

    Args:
        url: ``wss://message-api.pinduoduo.com/message``; http and https stand for ws and wss.
        door: Reads the messages.
        arrived: Told after each message that was new.
    """

    def __init__(
        self,
        url: str,
        who: Credentials,
        door: Door,
        inbox: Keeper,
        arrived: Callable[[], None],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._url = url.replace("http", "ws", 1).rstrip("/")
        self._who = who
        self._door = door
        self._inbox = inbox
        self._arrived = arrived
        self._now = now

    async def run(self) -> None:
        """Listen until cancelled; whatever breaks is begun anew after a pause that grows."""
        clock, pause_s = asyncio.get_running_loop().time, FIRST_PAUSE_S
        while True:
            began = clock()
            try:
                await self._session()
            except BROKEN as fault:  # without the address in the log: it proves who we are
                log.warning("pmc_broken", channel=self._door.name, fault=type(fault).__name__)
            settled = clock() - began > SETTLED_S
            pause_s = FIRST_PAUSE_S if settled else min(pause_s * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)

    async def _session(self) -> None:
        """Live through one session, until something breaks."""
        async with connect(self._address(), max_size=LARGEST_FRAME_BYTES) as socket:
            log.info("pmc_connected", channel=self._door.name)
            beating = asyncio.create_task(self._beat(socket))
            try:
                await self._listen(socket)
            finally:
                beating.cancel()

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            async with asyncio.timeout(SILENCE_S):
                raw = await socket.recv()
            body = raw if isinstance(raw, bytes) else raw.encode()
            answer = await self.answer(body)
            if answer is not None:
                await socket.send(json.dumps(answer, ensure_ascii=False))

    async def answer(self, body: bytes) -> Frame | None:
        """Keep one frame, and say that it is kept; heartbeats need no answer."""
        frame = _frame(body)
        if frame.get("commandType") != "Common":
            return None
        try:
            await self._keep(body)
        except GatewayBusy as fault:
            return self._reply(frame, "Fail", failReason=str(fault)[:LONGEST_REASON])
        return self._reply(frame, "Ack")

    async def _keep(self, body: bytes) -> None:
        push = Push(path="pmc", headers={}, query={}, body=body, received_at=self._now())
        try:
            key = self._door.key(push)
        except Untranslatable:
            key = f"unreadable/{sha256(body).hexdigest()}"  # kept all the same, for a person
        if await asyncio.to_thread(self._inbox.keep, self._door.name, key, push):
            self._arrived()

    def _reply(self, frame: Frame, command: str, **more: str) -> Frame:
        message, now = _message(frame), self._ms()
        return {
            "id": frame.get("id"),
            "commandType": command,
            "time": now,
            "sendTime": now,
            "type": message.get("type"),
            "mallID": message.get("mallID"),
            **more,
        }

    async def _beat(self, socket: ClientConnection) -> None:
        number = 0
        with contextlib.suppress(ConnectionClosed):
            while True:
                number += 1
                beat = {
                    "id": number,
                    "commandType": "HeartBeat",
                    "time": self._ms(),
                    "version": VERSION,
                    "timeMetrics": {},
                }
                await socket.send(json.dumps(beat))
                await asyncio.sleep(HEARTBEAT_S)

    def _address(self) -> str:
        ms = str(self._ms())
        proof = digest(self._who.account, ms, self._who.secret)
        return f"{self._url}/{self._who.account}/{ms}/{proof}"

    def _ms(self) -> int:
        return int(self._now().timestamp() * 1000)


def _frame(body: bytes) -> Frame:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {"commandType": "Common"}  # it is nothing we know: kept, for a person
    return found if isinstance(found, dict) else {"commandType": "Common"}


def _message(frame: Frame) -> Frame:
    message = frame.get("message")
    return message if isinstance(message, dict) else {}
