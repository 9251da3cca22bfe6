"""What the guard of a buyer has done in the world, each effect until it is done.

One that is refused holds nothing else up: it is visible, and tried again ever more rarely.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.guard import GuardActivities, Release
from domain.freeze import FreezeNotice, FreezeState
from domain.guard import Action, RiskRule
from domain.words import STEPS

# As for an order's far calls: a gateway makes few calls in a row, each of 3 s at most.
ANSWER = timedelta(seconds=20)
RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=30)
)
# What was refused waits for somebody to mend a setting.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
# The engine's lists lag: an order that was held a moment ago is found by a second look.
LOOK_AGAIN = timedelta(seconds=10)


class GuardErrands:
    """The errands of one guard, side by side."""

    def __init__(self, rule: RiskRule) -> None:
        self._actions = rule.actions
        self._running: list[asyncio.Task[None]] = []
        self._freezing: asyncio.Task[None] | None = None
        self._marking: asyncio.Task[None] | None = None
        self._troubles: dict[str, str] = {}

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is refused just now, and why, for a person."""
        return tuple(self._troubles.values())

    @property
    def are_run(self) -> bool:
        """Whether none is under way."""
        return not self._running

    def one_is_run(self) -> bool:
        """Tell whether one has come to its end and waits to be welcomed."""
        return any(errand.done() for errand in self._running)

    async def welcome(self) -> None:
        """Forget those that are run; a fault of ours in one stops the guard's story too."""
        for errand in [errand for errand in self._running if errand.done()]:
            self._running.remove(errand)
            await errand

    def freeze(self, notice: FreezeNotice) -> None:
        """Freeze the buyer, and tell whom the rule names; a dry run tells nobody."""
        self._freezing = self._begin("guard.freeze", GuardActivities.freeze, notice)
        if notice.freeze.state is FreezeState.WATCHED:
            return
        if Action.CARD in self._actions:
            self._begin("guard.card", GuardActivities.card, notice)
        if Action.KINGDEE in self._actions:
            self._marking = self._begin("guard.mark", GuardActivities.mark, notice)

    def confirm(self, release: Release) -> None:
        """Write down who stands by the freeze."""
        self._running.append(asyncio.create_task(self._confirm(release)))

    def let_go(self, release: Release) -> None:
        """Let the buyer order again, and wake the orders that wait for that."""
        self._running.append(asyncio.create_task(self._let_go(release)))

    async def _confirm(self, release: Release) -> None:
        await self._frozen()
        await self._insist("guard.confirm", GuardActivities.confirm, release)

    async def _frozen(self) -> None:
        """Wait for the freeze itself: it may still be under way, and must not come after."""
        if self._freezing is not None:
            await self._freezing

    async def _let_go(self, release: Release) -> None:
        await self._frozen()
        buyer_key = release.notice.buyer_key
        await self._insist("guard.unfreeze", GuardActivities.unfreeze, release)
        await self._insist("guard.wake", GuardActivities.wake, buyer_key)
        await workflow.sleep(LOOK_AGAIN, summary="再找一次挂起的订单")
        await self._insist("guard.wake", GuardActivities.wake, buyer_key)
        if Action.KINGDEE in self._actions:
            if self._marking is not None:
                await self._marking
            await self._insist("guard.mark", GuardActivities.mark, release.notice)

    def _begin(
        self, step: str, activity: Callable[..., Any], argument: object
    ) -> asyncio.Task[None]:
        errand = asyncio.create_task(self._insist(step, activity, argument))
        self._running.append(errand)
        return errand

    async def _insist(self, step: str, activity: Callable[..., Any], argument: object) -> None:
        """Do it until it is done."""
        pause = FIRST_PAUSE
        while True:
            try:
                await workflow.execute_activity_method(
                    activity,
                    argument,
                    start_to_close_timeout=ANSWER,
                    retry_policy=RETRY,
                    summary=STEPS[step].zh,
                )
            except ActivityError as fault:
                self._troubles[step] = f"{STEPS[step].zh}:{_reason(fault)}"
            else:
                self._troubles.pop(step, None)
                return
            await workflow.sleep(pause, summary=f"再试一次 {STEPS[step].zh}")
            pause = min(2 * pause, LONGEST_PAUSE)


def _reason(fault: ActivityError) -> str:
    cause = fault.cause
    return cause.message if isinstance(cause, ApplicationError) else "没有答复"
