"""What people are called about: beside the order, which never waits for them to be reached."""

import asyncio
import contextlib
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError

from domain.order import OrderId
from domain.pace import Pace
from domain.trouble import Alert, Clearing, Trouble
from workflows.calls import CLEAR_ALARM, RING_ALARM


class Alarms:
    """Puts an order's exceptions into the queue, and takes them out when they end."""

    def __init__(self, order_id: OrderId, pace: Pace) -> None:
        self._order_id = order_id
        self._pace = pace
        self._calls: dict[tuple[str, str], asyncio.Task[datetime | None]] = {}
        self._at_work: set[asyncio.Task[Any]] = set()

    def ring(self, trouble: Trouble) -> None:
        """Put an exception into the queue."""
        call = asyncio.create_task(self._ring(trouble))
        self._calls[trouble.step, trouble.subject] = call
        self._keep(call)

    def unring(self, trouble: Trouble) -> None:
        """Take an exception out of the queue, once it is there."""
        call = self._calls.pop((trouble.step, trouble.subject))
        self._keep(asyncio.create_task(self._unring(trouble, call)))

    async def rung(self) -> None:
        """Wait until the queue has heard everything."""
        await workflow.wait_condition(lambda: not self._at_work)

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _ring(self, trouble: Trouble) -> datetime | None:
        alert = Alert(
            order_id=self._order_id,
            step=trouble.step,
            subject=trouble.subject,
            reason=trouble.reason,
            remedies=trouble.remedies,
            since=trouble.since,
        )
        with contextlib.suppress(FailureError):  # a refused alarm must not stop the order
            return await RING_ALARM.make(alert, trouble.subject, self._pace.patience, _never)
        return None

    async def _unring(self, trouble: Trouble, call: asyncio.Task[datetime | None]) -> None:
        """Close what was opened.

        What the call was answered stands in the history: ``None`` in those from before there was
        a queue, and they replay as they were lived.
        """
        if await call is None:
            return
        clearing = Clearing(
            order_id=self._order_id,
            step=trouble.step,
            subject=trouble.subject,
            since=trouble.since,
        )
        with contextlib.suppress(FailureError):  # nor must a queue that takes nothing back
            await CLEAR_ALARM.make(clearing, trouble.subject, self._pace.patience, _never)


def _never() -> bool:
    """Nobody can change their mind about this."""
    return False
