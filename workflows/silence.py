"""Notices when nobody has said anything for too long, with one timer for a whole journey."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow


class Silence:
    """The silence around one parcel.

    News does not set the timer back, since each change of a timer costs the engine two events.
    When the timer fires, it is wound again for what is still missing since the last news.
    """

    def __init__(self, limit: timedelta, summary: str) -> None:
        self._limit = limit
        self._summary = summary
        self._since: datetime | None = None  # nobody has listened yet
        self._timer: asyncio.Task[None] | None = None

    async def outlasts(self, heard: Callable[[], bool]) -> bool:
        """Wait for news; ``True`` when the silence lasted too long before any came."""
        since = self._since or workflow.now()
        while not heard() and workflow.now() - since < self._limit:
            await self._news_or_timer(since, heard)
        self._since = workflow.now()
        return not heard()

    def end(self) -> None:
        """Stop listening."""
        if self._timer is not None:
            self._timer.cancel()

    async def _news_or_timer(self, since: datetime, heard: Callable[[], bool]) -> None:
        timer = self._wound(since)
        await workflow.wait_condition(lambda: heard() or timer.done())
        if timer.done():
            self._timer = None

    def _wound(self, since: datetime) -> asyncio.Task[None]:
        if self._timer is None:
            left = since + self._limit - workflow.now()
            self._timer = asyncio.create_task(workflow.sleep(left, summary=self._summary))
        return self._timer
