"""What Pinduoduo has to say to its client, kept until somebody says "got it" (protocols 1.4).

Ledger: ``push`` by type, business key and time: ``{type, at, content, acknowledged}``, where ``at``
are the Unix milliseconds of what happened, and ``lost`` for one that is never sent.
"""

import asyncio
import contextlib
import heapq
import json
import time

from infra.sandbox.faults import Fault, FaultPlan
from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.push import HELD_BACK_S

LONGEST_NAP_S = 60.0


class Outbox:
    """Hands messages out one after the other, each until it is acknowledged."""

    def __init__(self, ledger: Ledger, plan: FaultPlan) -> None:
        self._ledger = ledger
        self._plan = plan
        self._changed = asyncio.Event()
        self._waiting: list[tuple[float, str]] = []
        for key, doc in ledger.each("push"):
            if not doc["acknowledged"] and not doc.get("lost"):
                self.back(key, 0)

    def post(self, kind: str, subject: str, at_ms: int, content: Doc) -> None:
        """Keep a message, once for each kind, subject and time, and set it on its way."""
        key = f"{kind}/{subject}/{at_ms}"
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        doc: Doc = {"type": kind, "at": at_ms, "content": text, "acknowledged": False}
        if self._plan.strikes(Fault.LOST_PUSH):
            self._ledger.put("push", key, {**doc, "lost": True})
        elif self._ledger.put("push", key, doc):
            self.back(key, HELD_BACK_S if self._plan.strikes(Fault.OUT_OF_ORDER_PUSH) else 0)

    def back(self, key: str, after_s: float) -> None:
        """Take a message back that nobody acknowledged; hand it out again after a while."""
        heapq.heappush(self._waiting, (time.monotonic() + after_s, key))
        self._changed.set()

    async def next(self) -> tuple[str, Doc]:
        """Wait for the next message that is due: its key, and the document."""
        while True:
            self._changed.clear()
            while self._waiting and self._nap_s() == 0:
                _, key = heapq.heappop(self._waiting)
                doc = self._ledger.get("push", key)
                if doc is not None and not doc["acknowledged"]:
                    return key, doc
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._nap_s()):
                    await self._changed.wait()

    def done(self, key: str) -> None:
        """Note that the client has a message."""
        self._ledger.amend("push", key, acknowledged=True)

    def _nap_s(self) -> float:
        """Tell how long until a message is due."""
        if not self._waiting:
            return LONGEST_NAP_S
        return max(0.0, self._waiting[0][0] - time.monotonic())
