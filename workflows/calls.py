"""Every call that a story makes to the world, with its patience. One policy for each kind.

Near calls are milliseconds against the hub's own databases: local activities, which cost no
round trip to the engine. Far calls go to partners: ordinary activities.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.alert import AlertActivities
from activities.channel import ChannelActivities
from activities.handover import HandOverActivities
from activities.invoice import InvoiceActivities
from activities.label import LabelActivities
from activities.logistics import LogisticsActivities
from activities.printer import PrinterActivities
from activities.risk import RiskActivities
from activities.routing import RoutingActivities
from activities.stock import StockActivities
from activities.voucher import VoucherActivities
from domain.words import STEPS

Argument = TypeVar("Argument")
Answer = TypeVar("Answer")

# A database answers in milliseconds; 5 s without an answer means it is gone. Up to a second of
# retries stays inside the workflow task; beyond it the wait is a timer, so that signals get in.
NEAR_ANSWER = timedelta(seconds=5)
NEAR_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=50), maximum_interval=timedelta(seconds=5)
)
NEAR_INSIDE_TASK = timedelta(seconds=1)
# A gateway gives up each call after 3 s and makes at most six in a row (Kingdee: sign in, ask,
# save, submit, audit): 20 s without an answer means that the worker died.
FAR_ANSWER = timedelta(seconds=20)
FAR_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=30)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Argument, Answer]):
    """One kind of call.

    Attributes:
        step: Its name on the wire and in the history.
        patient: Waits for the world as long as it takes; otherwise a person is told when it has
            failed for ``Pace.patience``.
    """

    step: str
    activity: Callable[[Any, Argument], Any]
    near: bool
    patient: bool = False

    def start(
        self, argument: Argument, subject: str, patience: timedelta
    ) -> "workflow.ActivityHandle[Answer]":
        """Set the call on its way; there is no attempt limit on what must happen."""
        limit = None if self.patient else patience
        summary = f"{STEPS[self.step].zh} {subject}"
        if self.near:
            return workflow.start_local_activity_method(
                self.activity,
                argument,
                start_to_close_timeout=NEAR_ANSWER,
                schedule_to_close_timeout=limit,
                retry_policy=NEAR_RETRY,
                local_retry_threshold=NEAR_INSIDE_TASK,
                summary=summary,
            )
        return workflow.start_activity_method(
            self.activity,
            argument,
            start_to_close_timeout=FAR_ANSWER,
            schedule_to_close_timeout=limit,
            retry_policy=FAR_RETRY,
            # An attempt that runs is let finish, so that its undo can not overtake it.
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=summary,
        )


def near(step: str, activity: Callable[[Any, Argument], Answer]) -> Call[Argument, Answer]:
    """Name a call to the hub's own databases."""
    return Call(step=step, activity=activity, near=True)


def far(
    step: str, activity: Callable[[Any, Argument], Awaitable[Answer]], *, patient: bool = False
) -> Call[Argument, Answer]:
    """Name a call to a partner."""
    return Call(step=step, activity=activity, near=False, patient=patient)


CHECK_BUYER = near("risk.check", RiskActivities.check)
PLAN_ROUTE = near("routing.plan", RoutingActivities.plan)
LOCK_STOCK = near("stock.lock", StockActivities.lock)
SHIP_STOCK = near("stock.ship", StockActivities.ship)
RELEASE_STOCK = near("stock.release", StockActivities.release)
CREATE_LABEL = far("label.create", LabelActivities.create)
VOID_LABEL = far("label.void", LabelActivities.void)
PRINT_LABEL = far("printer.print", PrinterActivities.print)
HAND_OVER = far("handover.create", HandOverActivities.create)
CALL_BACK = far("handover.cancel", HandOverActivities.cancel)
TELL_CHANNEL = far("channel.tell_shipped", ChannelActivities.tell_shipped)
FOLLOW = far("logistics.follow", LogisticsActivities.follow, patient=True)
ISSUE_INVOICE = far("invoice.issue", InvoiceActivities.issue, patient=True)
BOOK_VOUCHER = far("voucher.book", VoucherActivities.book)
RING_ALARM = far("alert.ring", AlertActivities.ring, patient=True)
