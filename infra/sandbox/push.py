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
            if not doc["acknowledged"] and not doc.get("lost"):
                push = Push(url=doc["url"], body=doc["body"].encode(), headers=doc["headers"])
                self._set_off(key, push)

    def _set_off(self, key: str, push: Push) -> None:
        task = asyncio.create_task(self._until_acknowledged(key, push))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _until_acknowledged(self, key: str, push: Push) -> None:
        if self._plan.strikes(Fault.LOST_PUSH):
            self._ledger.amend("push", key, lost=True)
            return
        if self._plan.strikes(Fault.OUT_OF_ORDER_PUSH):
            await asyncio.sleep(HELD_BACK_S)
        wait_s = FIRST_WAIT_S
        while not await self._once(key, push):
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)
        self._ledger.amend("push", key, acknowledged=True)
        if self._plan.strikes(Fault.DUPLICATE_PUSH):
            await self._once(key, push)

    async def _once(self, key: str, push: Push) -> bool:
        # An answer that can not be read (ValueError) is no "got it".
        with contextlib.suppress(httpx.TransportError, ValueError):
            going = self.draft(key, push)
            headers = {**going.headers, **self._seal(going)}
            answer = await self._http.post(
                going.url, content=going.body, headers=headers, timeout=5.0
            )
            return self.understood(key, answer)
        return False

    def draft(self, key: str, push: Push) -> Push:  # noqa: ARG002 - for partners that look it up
        """Write what goes out now; some partners count in the body how often they sent it."""
        return push

    def understood(self, key: str, answer: httpx.Response) -> bool:  # noqa: ARG002 - the same
        """Tell whether the push is settled; some partners learn from what the hub answers."""
        return answer.is_success and self._acknowledged(answer)
