"""Stands at every step of the crew: plays one fault, and lets something happen at one point."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import temporalio.client
import temporalio.worker
from temporalio import activity
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.faults import as_application_error
from domain.errors import GatewayBusy, GatewayRefused
from tests.fakes.turnstile import Moment


class Strike(StrEnum):
    """How a partner fails once, or for long."""

    BUSY = "busy"  # before the effect
    LOST = "lost"  # the effect is there, the answer is not
    LONG = "long"  # busy for an hour
    REFUSED = "refused"  # until a person has it tried again


LONG_TRIES = 14  # half a minute apart at the end: past every patience


@dataclass(frozen=True, slots=True)
class Fault:
    """One step that fails in one way."""

    step: str
    strike: Strike


class Injector(temporalio.client.Interceptor, temporalio.worker.Interceptor):
    """Counts what passes; ``point`` is where ``happens`` is called, once.

    ``holds_far`` holds each other far step until the order has heard what it is told.
    """

    def __init__(self) -> None:
        self.passed: list[str] = []  # each step as it was done, in order
        self.begun = 0  # steps, also those that are tried again
        self.at_work = 0  # steps under way, without those that are held
        self.fault: Fault | None = None
        self.point: tuple[str, Moment] | None = None
        self.happens: Callable[[], Awaitable[None]] | None = None
        self.holds_far: Callable[[], Awaitable[None]] | None = None
        self._tries: Counter[str] = Counter()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - Temporal's name
        return _Arm(next, self)

    async def reach(self, step: str, moment: Moment) -> None:
        if self.point == (step, moment) and self.happens is not None:
            happens, self.happens = self.happens, None
            await happens()
        elif self.holds_far and not activity.info().is_local:
            self.at_work -= 1
            await self.holds_far()
            self.at_work += 1

    def strike(self, step: str, moment: Moment) -> None:
        """Fail here if the fault says so."""
        if self.fault is None or self.fault.step != step:
            return
        self._tries[step] += moment is Moment.BEFORE
        tries, strike = self._tries[step], self.fault.strike
        if moment is Moment.AFTER and strike is Strike.LOST and tries == 1:
            raise as_application_error(GatewayBusy("fake", "没有答复"))
        if moment is Moment.BEFORE and _is_busy(strike, tries):
            raise as_application_error(GatewayBusy("fake", "请稍后"))
        if moment is Moment.BEFORE and strike is Strike.REFUSED and tries == 1:
            raise as_application_error(GatewayRefused("fake", "1", "不行"))


def _is_busy(strike: Strike, tries: int) -> bool:
    return (strike is Strike.BUSY and tries == 1) or (strike is Strike.LONG and tries <= LONG_TRIES)


class _Arm(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, injector: Injector) -> None:  # noqa: A002 - Temporal's name
        super().__init__(next)
        self._injector = injector

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - Temporal's name
        step, injector = activity.info().activity_type, self._injector
        injector.begun += 1
        injector.at_work += 1
        try:
            return await self._try(step, input)
        except ApplicationError as fault:
            if not await _is_given_up():
                raise
            raise ApplicationError(fault.message, type=fault.type, non_retryable=True) from fault
        finally:
            injector.at_work -= 1

    async def _try(self, step: str, input: ExecuteActivityInput) -> Any:  # noqa: A002 - Temporal's name
        injector = self._injector
        await injector.reach(step, Moment.BEFORE)
        injector.strike(step, Moment.BEFORE)
        answer = await super().execute_activity(input)
        await injector.reach(step, Moment.AFTER)
        injector.strike(step, Moment.AFTER)
        injector.passed.append(step)
        return answer


async def _is_given_up() -> bool:
    """Tell whether the order has given this step up: the engine does not try it again then.

    The server that skips time knows no better than to do neither: such a step would never end.
    """
    info = activity.info()
    if info.is_local or info.workflow_id is None:
        return False
    life = activity.client().get_workflow_handle(info.workflow_id, run_id=info.workflow_run_id)
    seen = await life.describe()
    return any(
        step.activity_id == info.activity_id
        and step.state == PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
        for step in seen.raw_description.pending_activities
    )
