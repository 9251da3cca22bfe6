"""How much work a life was, as the engine wrote it down."""

from collections import Counter
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The steps of one life that both sides must share."""

    activities: int
    local_activities: int
    signals: int

    def __str__(self) -> str:
        """Tell it in words."""
        return (
            f"{self.activities} activities, {self.local_activities} local activities"
            f" and {self.signals} signals"
        )


async def work_of(client: Client, workflow_id: str) -> Work:
    """Count the steps of a life that is over."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    counts = Counter(event.event_type for event in history.events)
    return Work(
        activities=counts[EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED],
        local_activities=counts[EventType.EVENT_TYPE_MARKER_RECORDED],
        signals=counts[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED],
    )
