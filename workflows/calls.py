"""Every call that a story makes to the world, with its patience. One policy for each kind.

Near calls are milliseconds against the hub's own databases: local activities, which cost no
round trip to the engine. Far calls go to partners: ordinary activities.
"""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from activities.alert import AlertActivities
from activities.channel import ChannelActivities
from activities.claim import ClaimActivities
from activities.erp import ErpActivities
from activities.handover import HandOverActivities
from activities.invoice import InvoiceActivities
from activities.label import LabelActivities
from activities.logistics import LogisticsActivities
from activities.printer import PrinterActivities
from activities.returns import ReturnActivities
from activities.risk import RiskActivities
from activities.routing import RoutingActivities
from activities.stock import StockActivities
from activities.voucher import VoucherActivities
from domain.words import STEPS

Argument = TypeVar("Argument")
Answer = TypeVar("Answer")

# A database answers in milliseconds; 5 s without an answer means it is gone. A handful of tries
# takes less than a second; then the order looks up, so that signals and hands get in.
NEAR_ANSWER = timedelta(seconds=5)
NEAR_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=5)
NEAR_PAUSE = timedelta(seconds=5)
# A gateway gives up each call after 3 s and makes at most six in a row (Kingdee: sign in, ask,
# save, submit, audit): 20 s without an answer means that the worker died.
FAR_ANSWER = timedelta(seconds=20)
FAR_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=30)
)
# A printer without paper needs a hand at once: packers stand beside it and wait.
PRINTER_PATIENCE = timedelta(minutes=1)


class TurnedBack(Exception):
    """Somebody changed their mind while the step was under way; its outcome is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Argument, Answer]):
    """One kind of call.

    Attributes:
        step: Its name on the wire and in the history.
        patient: Waits for the world as long as it takes; otherwise a person is told when it has
            failed for ``Pace.patience``, or for ``most`` where that is shorter.
    """

    step: str
    activity: Callable[[Any, Argument], Any]
    near: bool
    patient: bool = False
    most: timedelta = timedelta.max

    async def make(
        self, argument: Argument, subject: str, patience: timedelta, stop: Callable[[], bool]
    ) -> Answer:
        """Make the call until it is answered or refused, or patience ends.

        Raises:
            TurnedBack: ``stop`` turned true; the outcome is unknown.
            FailureError: It was refused, or patience ended.
        """
        if stop():
            raise TurnedBack
        summary = f"{STEPS[self.step].zh} {subject}"
        patience = min(patience, self.most)
        if self.near:
            return await self._make_near(argument, summary, patience, stop)
        return await self._make_far(argument, summary, None if self.patient else patience, stop)

    async def _make_far(
        self,
        argument: Argument,
        summary: str,
        patience: timedelta | None,
        stop: Callable[[], bool],
    ) -> Answer:
        """Let the engine try it; there is no attempt limit on what must happen."""
        handle = workflow.start_activity_method(
            self.activity,
            argument,
            start_to_close_timeout=FAR_ANSWER,
            schedule_to_close_timeout=patience,
            retry_policy=FAR_RETRY,
            # An attempt that runs is let finish, so that its undo can not overtake it.
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=summary,
        )
        await workflow.wait_condition(lambda: handle.done() or stop())
        if not handle.done():
            handle.cancel()
            with contextlib.suppress(ActivityError):
                await handle
            raise TurnedBack
        answer: Answer = handle.result()
        return answer

    async def _make_near(
        self, argument: Argument, summary: str, patience: timedelta, stop: Callable[[], bool]
    ) -> Answer:
        """Try it in short rounds. A round is never cancelled: that could not be replayed."""
        until = workflow.now() + patience
        while True:
            try:
                answer: Answer = await workflow.execute_local_activity_method(
                    self.activity,
                    argument,
                    schedule_to_close_timeout=NEAR_ANSWER,
                    retry_policy=NEAR_RETRY,
                    summary=summary,
                )
            except FailureError as fault:
                if _refused(fault) or workflow.now() >= until:
                    raise
            else:
                return answer
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(stop, timeout=NEAR_PAUSE)
            if stop():
                raise TurnedBack


def _refused(fault: FailureError) -> bool:
    """Tell whether trying again can not help. A near call's fault comes as it was raised."""
    return isinstance(fault, ApplicationError) and fault.non_retryable


def near(step: str, activity: Callable[[Any, Argument], Answer]) -> Call[Argument, Answer]:
    """Name a call to the hub's own databases."""
    return Call(step=step, activity=activity, near=True)


def far(
    step: str,
    activity: Callable[[Any, Argument], Awaitable[Answer]],
    *,
    patient: bool = False,
    most: timedelta = timedelta.max,
) -> Call[Argument, Answer]:
    """Name a call to a partner."""
    return Call(step=step, activity=activity, near=False, patient=patient, most=most)


CHECK_BUYER = near("risk.check", RiskActivities.check)
PLAN_ROUTE = near("routing.plan", RoutingActivities.plan)
LOCK_STOCK = near("stock.lock", StockActivities.lock)
SHIP_STOCK = near("stock.ship", StockActivities.ship)
RELEASE_STOCK = near("stock.release", StockActivities.release)
PUT_BACK = near("stock.put_back", StockActivities.put_back)
JUDGE_CLAIM = near("claim.judge", ClaimActivities.judge)
WRITE_OFF = near("claim.write_off", ClaimActivities.write_off)
CREATE_LABEL = far("label.create", LabelActivities.create)
VOID_LABEL = far("label.void", LabelActivities.void)
PRINT_LABEL = far("printer.print", PrinterActivities.print, most=PRINTER_PATIENCE)
HAND_OVER = far("handover.create", HandOverActivities.create)
CALL_BACK = far("handover.cancel", HandOverActivities.cancel)
TELL_CHANNEL = far("channel.tell_shipped", ChannelActivities.tell_shipped)
ANSWER_CLAIM = far("channel.answer_claim", ChannelActivities.answer_claim)
FOLLOW = far("logistics.follow", LogisticsActivities.follow, patient=True)
INTERCEPT = far("logistics.intercept", LogisticsActivities.intercept)
ANNOUNCE_RETURN = far("returns.announce", ReturnActivities.announce)
ISSUE_INVOICE = far("invoice.issue", InvoiceActivities.issue, patient=True)
FIND_INVOICE = far("invoice.find", InvoiceActivities.find, patient=True)
REDDEN_INVOICE = far("invoice.redden", InvoiceActivities.redden, patient=True)
BOOK_VOUCHER = far("voucher.book", VoucherActivities.book)
REVERSE_VOUCHER = far("voucher.reverse", VoucherActivities.reverse)
RELAY_TO_ERP = far("erp.relay", ErpActivities.relay, patient=True)
WITHDRAW_FROM_ERP = far("erp.withdraw", ErpActivities.withdraw)
RING_ALARM = far("alert.ring", AlertActivities.ring, patient=True)
CLEAR_ALARM = far("alert.clear", AlertActivities.clear, patient=True)
