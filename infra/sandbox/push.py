"""How partners push: kept first, sent until the hub says "got it", sometimes twice or late."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from infra.sandbox.faults import Fault, FaultPlan
from infra.sandbox.ledger import Ledger

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0
HELD_BACK_S = 1.5  # how late an out-of-order push comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push: where to, and the exact bytes."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Acknowledged = Callable[[httpx.Response], bool]
Seal = Callable[[Push], Mapping[str, str]]


def _unsealed(_: Push) -> Mapping[str, str]:
    return {}


class Pusher:
    """Sends one partner's pushes. Every push has a key; the same key is pushed once.

    Args:
        acknowledged: Reads the partner's own form of "got it" out of the hub's answer.
        seal: Makes the headers that must be new each time it is sent, such as a signed timestamp.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        ledger: Ledger,
        plan: FaultPlan,
        acknowledged: Acknowledged,
        seal: Seal = _unsealed,
    ) -> None:
        self._http = http
        self._ledger = ledger
        self._plan = plan
        self._acknowledged = acknowledged
        self._seal = seal
        self._running: set[asyncio.Task[None]] = set()

    def send(self, key: str, push: Push) -> None:
        """Keep a push and set it on its way."""
        doc = {
            "url": push.url,
            "body": push.body.decode(),
            "headers": dict(push.headers),
            "acknowledged": False,
        }
        if self._ledger.put("push", key, doc):
            self._set_off(key, push)

    def resume(self) -> None:
        """After a restart: send again what nobody has acknowledged."""
        for key, doc in self._ledger.each("push"):
            if not doc["acknowledged"]:
                push = Push(url=doc["url"], body=doc["body"].encode(), headers=doc["headers"])
                self._set_off(key, push)

    def _set_off(self, key: str, push: Push) -> None:
        task = asyncio.create_task(self._until_acknowledged(key, push))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _until_acknowledged(self, key: str, push: Push) -> None:
        if self._plan.strikes(Fault.OUT_OF_ORDER_PUSH):
            await asyncio.sleep(HELD_BACK_S)
        wait_s = FIRST_WAIT_S
        while not await self._once(push):
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)
        self._ledger.amend("push", key, acknowledged=True)
        if self._plan.strikes(Fault.DUPLICATE_PUSH):
            await self._once(push)

    async def _once(self, push: Push) -> bool:
        # An answer that can not be read (ValueError) is no "got it".
        with contextlib.suppress(httpx.TransportError, ValueError):
            headers = {**push.headers, **self._seal(push)}
            answer = await self._http.post(
                push.url, content=push.body, headers=headers, timeout=5.0
            )
            return answer.is_success and self._acknowledged(answer)
        return False
