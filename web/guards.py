"""Tells the guards of buyers what they claim, and what risk officers say; one guard per buyer."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.claim import Refund
from domain.errors import GatewayBusy
from domain.freeze import GuardState
from domain.guard import Claim, GuardPace, RiskRule
from domain.hands import Hand
from workflows.attributes import BUYER
from workflows.guard import CustomerGuardWorkflow, GuardOpening

PATIENCE = timedelta(seconds=10)  # a guard answers at once; longer means that no worker is there
SILENT = "工作进程没有答复,请确认 lifeline up 正在运行"
# What the engine says to a question for which no worker comes.
NO_WORKER = frozenset(
    {RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}
)


class NotFrozen(Exception):
    """The guard does not do what a person asks; the message says why, in Chinese."""


class BuyerGuards(Protocol):
    """What whoever hears of claims needs of the guards."""

    def watches(self, refund: Refund) -> bool:
        """Tell whether a claim is a guard's business."""

    async def claimed(self, buyer_key: str, claim: Claim) -> None:
        """Tell the buyer's guard."""


class Unguarded:
    """Nobody is watched."""

    def watches(self, refund: Refund) -> bool:  # noqa: ARG002 - the protocol's signature
        """Say no."""
        return False

    async def claimed(self, buyer_key: str, claim: Claim) -> None:
        """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """The guards of all buyers.

    Attributes:
        speed: Divides the rule's durations, as all of the business's.
    """

    client: Client
    task_queue: str
    rule: RiskRule
    speed: float

    def watches(self, refund: Refund) -> bool:
        """Tell whether a claim is a guard's business."""
        return self.rule.watches(refund)

    async def claimed(self, buyer_key: str, claim: Claim) -> None:
        """Tell the buyer's guard, and begin one when none is there."""
        pace = GuardPace.of(self.rule, self.speed)
        await self.client.start_workflow(
            CustomerGuardWorkflow.run,
            GuardOpening(buyer_key=buyer_key, rule=self.rule, pace=pace),
            id=guard_id(buyer_key),
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(BUYER, buyer_key)]),
            static_summary="买家守卫",
            start_signal="claimed",
            start_signal_args=[claim],
        )

    async def state(self, buyer_key: str) -> GuardState | None:
        """Tell where a buyer's guard stands; ``None`` when the engine knows of none.

        Raises:
            GatewayBusy: no worker answers.
        """
        try:
            return await self._guard(buyer_key).query(
                CustomerGuardWorkflow.state, rpc_timeout=PATIENCE
            )
        except RPCError as fault:
            if fault.status is RPCStatusCode.NOT_FOUND:
                return None
            if fault.status in NO_WORKER:
                raise GatewayBusy("engine", SILENT) from fault
            raise

    async def unfreeze(self, buyer_key: str, hand: Hand) -> str:
        """Let a buyer order again; the answer is a sentence.

        Raises:
            NotFrozen: the guard has not frozen the buyer, or no guard is there.
            GatewayBusy: no worker answers.
        """
        guard = self._guard(buyer_key)
        return await _answer(
            guard.execute_update(CustomerGuardWorkflow.unfreeze, hand, rpc_timeout=PATIENCE)
        )

    async def confirm(self, buyer_key: str, hand: Hand) -> str:
        """Stand by a freeze; the same faults as ``unfreeze``."""
        guard = self._guard(buyer_key)
        return await _answer(
            guard.execute_update(CustomerGuardWorkflow.confirm, hand, rpc_timeout=PATIENCE)
        )

    def _guard(self, buyer_key: str) -> WorkflowHandle[CustomerGuardWorkflow, GuardState]:
        return self.client.get_workflow_handle_for(CustomerGuardWorkflow.run, guard_id(buyer_key))


def guard_id(buyer_key: str) -> str:
    """Name a buyer's guard."""
    return f"guard/{buyer_key}"


async def _answer(update: Awaitable[str]) -> str:
    try:
        return await update
    except WorkflowUpdateFailedError as refused:
        cause = refused.cause
        words = cause.message if isinstance(cause, ApplicationError) else str(refused)
        raise NotFrozen(words) from refused
    except WorkflowUpdateRPCTimeoutOrCancelledError as late:
        raise GatewayBusy("engine", SILENT) from late
    except RPCError as fault:
        if fault.status is RPCStatusCode.NOT_FOUND:
            raise NotFrozen("买家没有被守卫冻结") from fault
        raise
