"""The one way from a story to the world: raced against a change of mind, parked when refused.

A step that is refused, or fails for longer than its patience, becomes an exception that a person
sees. It never fails the workflow: the step is tried again by itself after a while, at once when a
person says so, or left out when a person did it by hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from domain.hands import Hand
from domain.order import OrderId
from domain.pace import Pace
from domain.trouble import Remedy, Trouble, remedies
from domain.words import STEPS
from workflows.alarms import Alarms
from workflows.calls import Answer, Argument, Call, TurnedBack


class DoneByHand(Exception):
    """A person did the step outside; the story goes on without its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided about an exception, and who it was."""

    remedy: Remedy
    hand: Hand


def never() -> bool:
    """Say that nobody can change their mind about this."""
    return False


class Doorway:
    """Makes an order's calls, and keeps its open exceptions."""

    def __init__(self, order_id: OrderId, pace: Pace, changed: Callable[[], None]) -> None:
        self._pace = pace
        self._changed = changed
        self._troubles: dict[tuple[str, str], Trouble] = {}
        self._decided: dict[tuple[str, str], Decision] = {}
        self._alarms = Alarms(order_id, pace)

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """The exceptions that are open, oldest first."""
        return tuple(self._troubles.values())

    async def do(
        self,
        call: Call[Argument, Answer],
        argument: Argument,
        *,
        subject: str,
        stop: Callable[[], bool] = never,
    ) -> Answer:
        """Make the call until it is answered.

        Raises:
            TurnedBack: ``stop`` turned true; the outcome is unknown and must be undone.
            DoneByHand: a person said that it is done.
        """
        try:
            return await call.make(argument, subject, self._pace.patience, stop)
        except FailureError as fault:
            reason = _reason(fault)
        answer = await self._insist(call, argument, subject, stop, reason)
        self.clear(call.step, subject)
        return answer

    async def _insist(
        self,
        call: Call[Argument, Answer],
        argument: Argument,
        subject: str,
        stop: Callable[[], bool],
        reason: str,
    ) -> Answer:
        """Park a refused call and make it again, until it is answered or nobody wants it."""
        for tries in count():
            try:
                await self._park(call.step, subject, reason, stop, self._pace.next_try(tries))
                return await call.make(argument, subject, self._pace.patience, stop)
            except FailureError as fault:
                reason = _reason(fault)
            except TurnedBack:
                self.clear(call.step, subject)
                raise
        raise AssertionError("counting never ends")

    async def _park(
        self, step: str, subject: str, reason: str, stop: Callable[[], bool], at_most: timedelta
    ) -> None:
        self.report(step, subject, reason)
        place = (step, subject)
        try:
            await workflow.wait_condition(
                lambda: place in self._decided or stop(),
                timeout=at_most,
                timeout_summary=f"再试一次 {STEPS[step].zh}",
            )
        except TimeoutError:
            return  # try again by itself; the exception stays visible until the step succeeds
        decided = self._decided.pop(place, None)
        if decided is not None and decided.remedy is Remedy.DONE_BY_HAND:
            self.clear(step, subject)
            raise DoneByHand

    async def ask(self, step: str, subject: str, question: str) -> Hand:
        """Wait until a person has seen something that no step can mend; tell who it was."""
        self.report(step, subject, question)
        await workflow.wait_condition(lambda: (step, subject) in self._decided)
        decided = self._decided.pop((step, subject))
        self.clear(step, subject)
        return decided.hand

    def report(self, step: str, subject: str, reason: str) -> None:
        """Open an exception, and call people the first time it is seen."""
        is_news = (step, subject) not in self._troubles
        trouble = Trouble(
            step=step,
            subject=subject,
            reason=reason,
            since=workflow.now(),
            remedies=remedies(step),
        )
        if is_news:
            self._troubles[step, subject] = trouble
            self._changed()
            self._alarms.ring(trouble)

    def clear(self, step: str, subject: str) -> None:
        """Close an exception, if it is open."""
        self._decided.pop((step, subject), None)
        if (trouble := self._troubles.pop((step, subject), None)) is not None:
            self._changed()
            self._alarms.unring(trouble)

    def decide(self, subject: str, decision: Decision) -> None:
        """Keep what a person decided about each exception of ``subject`` that allows it."""
        for place, trouble in self._troubles.items():
            if subject in {"", trouble.subject} and decision.remedy in trouble.remedies:
                self._decided[place] = decision

    def open_to(self, subject: str) -> tuple[Remedy, ...]:
        """Tell which remedies are open for ``subject``, or for any; none without an exception."""
        return tuple(
            remedy
            for (_, of), trouble in self._troubles.items()
            if subject in {"", of}
            for remedy in trouble.remedies
        )

    def is_open(self, step: str, subject: str) -> bool:
        """Tell whether an exception is open."""
        return (step, subject) in self._troubles

    def retry_all(self, hand: Hand) -> None:
        """Let every step that is parked try again now."""
        for place in self._troubles:
            self._decided[place] = Decision(remedy=Remedy.RETRY, hand=hand)

    async def alarms_rung(self) -> None:
        """Wait until every alarm has been heard."""
        await self._alarms.rung()


def _reason(fault: FailureError) -> str:
    """Tell a person why: the partner's own words, or what kept failing until patience ended.

    The fault of a far call is wrapped in an ``ActivityError``; that of a near call is not.
    """
    cause: BaseException | None = fault
    while cause is not None and not isinstance(cause, ApplicationError):
        cause = cause.__cause__
    return (
        cause.message if isinstance(cause, ApplicationError) else "多次重试仍无结果,请检查对方系统"
    )
