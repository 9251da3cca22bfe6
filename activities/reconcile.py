"""Durable step: ask a channel what changed, and let the hub catch up with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.reconciliation import Reconciliation


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """Which channel to look at."""

    channel: str


class Reconciler(Protocol):
    """What this step needs: everything from the last look until now, each stretch recorded."""

    async def catch_up(self, channel: str, alive: Callable[[], None]) -> Reconciliation: ...


class ReconcileActivities:
    """Looks for what the pushes missed."""

    def __init__(self, reconciler: Reconciler) -> None:
        self._reconciler = reconciler

    @activity.defn(name="reconcile.catch_up")
    async def catch_up(self, question: CatchUp) -> Reconciliation:
        """Start what is missing, and mend what has drifted; safe to repeat.

        Each stretch of time is recorded as it is done, so a second try goes on where the first
        one stopped.

        Raises:
            GatewayBusy: the channel does not answer; try again.
            GatewayRefused: the channel says that our question is wrong, or it can not be asked.
        """
        return await self._reconciler.catch_up(question.channel, activity.heartbeat)
