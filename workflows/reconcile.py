"""The story of one reconciliation: a channel is asked what changed, and the hub catches up.

A Temporal Schedule starts one for each channel every few minutes; the one before must have ended.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.reconcile import CatchUp, ReconcileActivities
from domain.reconciliation import Reconciliation

# A day's backlog of a busy channel takes minutes; a heartbeat comes with every order.
LONGEST = timedelta(hours=2)
SILENCE = timedelta(minutes=2)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


@workflow.defn(name="reconcile")
class ReconcileWorkflow:
    """Asks one channel for what its pushes may have missed."""

    @workflow.run
    async def run(self, question: CatchUp) -> Reconciliation:
        return await workflow.execute_activity_method(
            ReconcileActivities.catch_up,
            question,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENCE,
            retry_policy=RETRY,
            summary=f"对账 {question.channel}",
        )
