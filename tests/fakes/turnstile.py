"""Where every call of the crew passes: it counts, and a test can let calls stand still or fail."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import temporalio.client
import temporalio.worker
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.faults import as_application_error
from domain.errors import HubError


class Moment(StrEnum):
    """Before the call reaches its partner, or after it: done there, unknown here."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Gate:
    """A place where the next calls stand until it is opened."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def pass_through(self) -> None:
        self.reached.set()
        await self.opened.wait()


class Turnstile(temporalio.client.Interceptor, temporalio.worker.Interceptor):
    """Counts calls by step; the client that carries it lends it to the worker."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.done: defaultdict[str, list[Any]] = defaultdict(list)
        self._passed = asyncio.Condition()
        self._faults: dict[str, HubError] = {}
        self._gates: dict[tuple[str, Moment], Gate] = {}

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - Temporal's name
        return _Arm(next, self)

    def gate(self, step: str, moment: Moment = Moment.BEFORE) -> Gate:
        """Let every call of ``step`` stand still here until the gate is opened."""
        return self._gates.setdefault((step, moment), Gate())

    def fail(self, step: str, fault: HubError) -> None:
        """Let every call of ``step`` fail, before it reaches its partner."""
        self._faults[step] = fault

    def mend(self, step: str) -> None:
        """Let calls of ``step`` through again."""
        del self._faults[step]

    def times(self, step: str) -> int:
        """Tell how often ``step`` was tried."""
        return sum(1 for name, _ in self.calls if name == step)

    async def let_in(self, step: str, argument: Any) -> None:
        self.calls.append((step, argument))
        await self._stand(step, Moment.BEFORE)
        if fault := self._faults.get(step):
            raise as_application_error(fault)

    async def let_out(self, step: str, argument: Any) -> None:
        await self._stand(step, Moment.AFTER)
        async with self._passed:
            self.done[step].append(argument)
            self._passed.notify_all()

    async def passed(self, step: str, times: int) -> None:
        """Wait until so many calls of ``step`` are over."""
        async with self._passed:
            await self._passed.wait_for(lambda: len(self.done[step]) >= times)

    async def _stand(self, step: str, moment: Moment) -> None:
        if gate := self._gates.get((step, moment)):
            await gate.pass_through()


class _Arm(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, turnstile: Turnstile) -> None:  # noqa: A002 - Temporal's name
        super().__init__(next)
        self._turnstile = turnstile

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - Temporal's name
        step = activity.info().activity_type
        await self._turnstile.let_in(step, input.args[0])
        answer = await super().execute_activity(input)
        await self._turnstile.let_out(step, input.args[0])
        return answer
