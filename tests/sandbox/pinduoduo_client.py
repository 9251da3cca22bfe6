"""A plain client of Pinduoduo's, written from protocols 1 without a look at the hub's."""

import base64
import contextlib
import hashlib
import itertools
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners import pinduoduo
from infra.sandbox.partners.pinduoduo_socket import Patience
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.world import World
from tests.sandbox.rig import Rig, rigged

CLIENT_ID, SECRET, TOKEN = "sandbox-pdd-client", "sandbox-pdd-secret", "sandbox-pdd-token"
FOREVER_S = 60.0
ORDER = "260101-000007000000001"


def signed(params: dict[str, Any], secret: str = SECRET) -> dict[str, Any]:
    """Sign as the documents say; objects are sent as the JSON text that is signed."""
    texts = {}
    for name, value in params.items():
        if isinstance(value, dict | list):
            texts[name] = json.dumps(value, ensure_ascii=False)
        elif isinstance(value, bool):
            texts[name] = str(value).lower()
        elif value is not None:
            texts[name] = str(value)
    said = secret + "".join(f"{name}{texts[name]}" for name in sorted(texts)) + secret
    return {**texts, "sign": hashlib.md5(said.encode()).hexdigest().upper()}  # noqa: S324 - theirs


def common(kind: str, **params: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "client_id": CLIENT_ID,
        "access_token": TOKEN,
        "timestamp": int(time.time()),
        "data_type": "JSON",
        "version": "V1",
        **params,
    }


@dataclass(frozen=True, slots=True)
class Pinduoduo:
    """The platform, and a signed client before it."""

    rig: Rig

    @property
    def world(self) -> World:
        return self.rig.world

    @property
    def ledger(self) -> Ledger:
        return self.rig.world.open_ledger("pinduoduo")

    @property
    def http(self) -> httpx.AsyncClient:
        return self.rig.surroundings.http

    async def post(self, params: dict[str, Any], path: str = "/api/router") -> Doc:
        answer = await self.http.post(self.rig.url + path, json=params)
        assert answer.status_code == 200
        told: Doc = answer.json()
        return told

    async def ask(self, kind: str, **params: Any) -> Doc:
        return await self.post(signed(common(kind, **params)))

    async def tell(self, event: str, **payload: Any) -> None:
        await self.world.tell(event, {"channel": "pinduoduo", **payload})

    async def sell(self, n: int = 1) -> Doc:
        """Sell the n-th sample; tell the sample."""
        order = SampleOrders(7).order(n, "pinduoduo")
        await self.world.tell("buyer_ordered", order)
        return order

    async def claim(self, claim: str, **changes: Any) -> None:
        asked = {"order_no": ORDER, "kind": "refund_only", "amount_fen": 1990, "lines": [1]}
        await self.tell("buyer_claimed", claim=claim, reason="不想要了", **{**asked, **changes})

    async def document(self, number: str = ORDER) -> Doc:
        answer = await self.ask("pdd.order.information.get", order_sn=number)
        info: Doc = answer["order_info_get_response"]["order_info"]
        return info

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator["Listener"]:
        """Connect to the message socket."""
        async with connect(self.address(), proxy=None) as socket:
            yield Listener(socket)

    def address(self, **wrong: str) -> str:
        ms = wrong.get("ms", str(int(time.time() * 1000)))
        client = wrong.get("client", CLIENT_ID)
        text = hashlib.md5(f"{client}{ms}{SECRET}".encode()).hexdigest()  # noqa: S324 - theirs
        digest = wrong.get("digest", base64.b64encode(text.encode()).decode())
        base = self.rig.url.replace("http://", "ws://")
        return f"{base}/message/{client}/{ms}/{digest}"


@dataclass(frozen=True, slots=True)
class Listener:
    """One session, by hand."""

    socket: ClientConnection

    async def hear(self) -> Doc:
        frame: Doc = json.loads(await self.socket.recv())
        return frame

    async def say(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def acknowledge(self, frame: Doc) -> None:
        """Acknowledge a message, and wait until the platform has heard it."""
        await self.say(id=frame["id"], commandType="Ack", time=1, sendTime=frame["sendTime"])
        await self.beat()

    async def beat(self) -> list[Doc]:
        """Wait for the answer to a heartbeat; tell what came before it."""
        await self.say(id=None, commandType="HeartBeat", time=1, version="1.1.6")
        before = []
        for _ in itertools.count():
            frame = await self.hear()
            if frame["commandType"] == "HeartBeat":
                break
            before.append(frame)
        return before


def error_of(answer: Doc) -> tuple[int, str]:
    """Tell the code of a refusal, and what is wrong: the second words where there are some."""
    said = answer["error_response"]
    assert said.keys() == {"error_code", "error_msg", "sub_code", "sub_msg", "request_id"}
    return said["error_code"], said["sub_msg"] or said["error_msg"]


@contextlib.asynccontextmanager
async def opened(
    var: Path, *, ack_s: float = FOREVER_S, fail_s: float = 0.0
) -> AsyncIterator[Pinduoduo]:
    """Open Pinduoduo over a folder; by default it waits for an "Ack" as long as a test lasts."""
    patience = Patience(ack_s=ack_s, fail_s=fail_s)
    async with rigged(var, lambda around: pinduoduo.build(around, patience)) as rig:
        yield Pinduoduo(rig)
