"""Looks at one order's life without moving it."""

import asyncio

from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.lifecycle import OrderStage
from domain.order import OrderId
from domain.view import OrderView
from web.after_sales import after_sale_id, workflow_id
from workflows.order import OrderWorkflow

LifeHandle = WorkflowHandle[OrderWorkflow, OrderStage]
GLANCE_S = 0.002
THOUGHT_WITHIN_S = 5
# What becomes of an order's tasks; as long as the last has another end than this, it is thinking.
THOUGHT = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
THINKING = frozenset(
    {
        THOUGHT,
        EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    }
)


class LifeBroken(Exception):
    """A life ended as none may: it failed, or time ran out on it."""


class Sight:
    """One order, in its first life or taken up again after its end."""

    def __init__(self, client: Client, order_id: OrderId) -> None:
        self._client = client
        self._names = workflow_id(order_id), after_sale_id(order_id)

    async def life(self) -> LifeHandle | None:
        """Find the life that is under way; ``None`` when the order is over.

        Raises:
            LifeBroken: it ended, but not by itself.
        """
        for name in self._names:
            life: LifeHandle = self._client.get_workflow_handle_for(OrderWorkflow.run, name)
            try:
                seen = await life.describe()
            except RPCError as fault:
                if fault.status is not RPCStatusCode.NOT_FOUND:
                    raise
                continue
            if seen.status is WorkflowExecutionStatus.RUNNING:
                return life
            if seen.status is not WorkflowExecutionStatus.COMPLETED:
                raise LifeBroken(str(seen.status))
        return None

    async def view(self) -> OrderView | None:
        """Look at the order as people see it; ``None`` when it is over."""
        life = await self.life()
        try:
            return await life.query(OrderWorkflow.view) if life else None
        except (WorkflowQueryFailedError, RPCError):
            return None

    async def is_thinking(self) -> bool:
        """Tell whether the order is about to do something about what it has been told."""
        if (life := await self.life()) is None:
            return False
        tasks = [
            event.event_type
            async for event in life.fetch_history_events()
            if event.event_type in THINKING
        ]
        return tasks[-1] != THOUGHT or await self._begins_a_step(life)

    async def thought(self) -> None:
        """Wait until the order has thought over what it has been told."""
        async with asyncio.timeout(THOUGHT_WITHIN_S):
            while await self.is_thinking():  # noqa: ASYNC110 - only the server knows
                await asyncio.sleep(GLANCE_S)

    async def _begins_a_step(self, life: LifeHandle) -> bool:
        """Tell whether a step is given out that no worker has taken up; a later try is not."""
        seen = await life.describe()
        return any(
            step.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
            and step.attempt == 1
            for step in seen.raw_description.pending_activities
        )

    async def told(self) -> str:
        """Tell where the order stands, for whoever has to find out why it stands there."""
        try:
            view = await self.view()
        except LifeBroken as broken:
            return str(broken)
        if view is None:
            return "?"
        stages = [f"{parcel.no}:{parcel.stage}" for parcel in view.parcels]
        claims = [f"{claim.id}:{claim.stage}" for claim in view.refunds]
        troubles = [f"{trouble.step}({trouble.reason})" for trouble in view.troubles]
        return f"{view.stage} {stages} {claims} {troubles} {view.notes[-3:]}"
