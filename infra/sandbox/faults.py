"""What can go wrong at a partner, as switches: a kind of fault and how often it strikes.

One wrapper in front of each partner plays the faults, so that no partner knows of them.
"""

import asyncio
import random
from collections.abc import Callable, MutableMapping
from enum import StrEnum
from typing import Any, Protocol

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SLOW_S = 1.0  # below every client's patience of 3 s: slow, not lost


class Fault(StrEnum):
    """How a partner can misbehave."""

    SLOW = "slow"
    FAIL_BEFORE = "fail_before"  # says 503, did nothing
    FAIL_AFTER = "fail_after"  # says 503, did it
    LOST_ANSWER = "lost_answer"  # did it, and never answers
    RATE_LIMIT = "rate_limit"
    SESSION_LOST = "session_lost"
    DUPLICATE_PUSH = "duplicate_push"
    OUT_OF_ORDER_PUSH = "out_of_order_push"
    LOST_PUSH = "lost_push"  # never sent, and never again


ON_CALLS = (
    Fault.RATE_LIMIT,
    Fault.SESSION_LOST,
    Fault.FAIL_BEFORE,
    Fault.FAIL_AFTER,
    Fault.LOST_ANSWER,
    Fault.SLOW,
)


class FaultPlan:
    """The switches of one partner; its own seeded generator decides when each strikes."""

    def __init__(self, seed: str) -> None:
        self._rates: MutableMapping[Fault, float] = {}
        self._chance = random.Random(seed)

    def switch(self, fault: Fault, rate: float) -> None:
        """Let ``fault`` strike this share of calls (0 to 1); 0 switches it off."""
        if not 0 <= rate <= 1:
            raise ValueError(f"故障率必须在 0 与 1 之间:{rate}")
        self._rates[fault] = rate

    def rates(self) -> dict[str, float]:
        """Tell the switches that are on."""
        return {fault.value: rate for fault, rate in self._rates.items() if rate}

    def strikes(self, fault: Fault) -> bool:
        """Decide whether this fault strikes now."""
        rate = self._rates.get(fault, 0.0)
        return rate > 0 and self._chance.random() < rate

    def on_call(self) -> Fault | None:
        """Decide which fault, if any, strikes this call."""
        return next((fault for fault in ON_CALLS if self.strikes(fault)), None)


class Complaints(Protocol):
    """The partner's own words for faults that are part of its protocol."""

    def too_many(self) -> Response: ...
    def session_lost(self) -> Response: ...


class PlainComplaints:
    """For partners whose documents name no such error: plain HTTP statuses."""

    def too_many(self) -> Response:
        """Say 429."""
        return PlainTextResponse("too many requests", 429)

    def session_lost(self) -> Response:
        """Say 401."""
        return PlainTextResponse("session lost", 401)


class FaultyDoor:
    """Stands before a partner's application and plays its faults."""

    def __init__(
        self,
        app: ASGIApp,
        plan: FaultPlan,
        complaints: Complaints,
        struck: Callable[[str, str], None],
    ) -> None:
        self._app = app
        self._plan = plan
        self._complaints = complaints
        self._struck = struck  # told the path and the fault, for the partner's call log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or misbehave."""
        fault = self._plan.on_call() if scope["type"] == "http" else None
        if fault is not None:
            self._struck(str(scope["path"]), fault.value)
        match fault:
            case Fault.FAIL_BEFORE:
                await _unavailable(scope, receive, send)
            case Fault.RATE_LIMIT:
                await self._complaints.too_many()(scope, receive, send)
            case Fault.SESSION_LOST:
                await self._complaints.session_lost()(scope, receive, send)
            case Fault.FAIL_AFTER:
                await self._app(scope, receive, _nowhere)
                await _unavailable(scope, receive, send)
            case Fault.LOST_ANSWER:
                await self._app(scope, receive, _nowhere)
                await _until_gone(receive)
            case Fault.SLOW:
                await asyncio.sleep(SLOW_S)
                await self._app(scope, receive, send)
            case _:
                await self._app(scope, receive, send)


async def _unavailable(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("service unavailable", 503)(scope, receive, send)


async def _nowhere(_: Message) -> None:
    """Swallow the partner's answer."""


async def _until_gone(receive: Receive) -> None:
    """Keep the caller waiting until it hangs up."""
    message: MutableMapping[str, Any] = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()
