"""A bare workflow: as many activities, local activities and signals as a plain order, no more.

Its steps stand in the same order as an order's, because their order decides how often the engine
has to come back. They carry the order's number and nothing else.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import activity, workflow

NEWS = ("packed", "collected", "delivered")
ANSWER = timedelta(seconds=20)


class BareActivities:
    """Steps that do nothing, near and far."""

    def __init__(self, handed_over: Callable[[str], None]) -> None:
        self._handed_over = handed_over

    @activity.defn(name="bare.near")
    def near(self, number: str) -> str:
        """Stand for a step against the hub's own database."""
        return number

    @activity.defn(name="bare.far")
    async def far(self, number: str) -> str:
        """Stand for a step against a partner."""
        return number

    @activity.defn(name="bare.hand_over")
    async def hand_over(self, number: str) -> str:
        """Stand for the step that the news follows."""
        self._handed_over(number)
        return number


@workflow.defn(name="bare")
class BareWorkflow:
    """Takes a number through an order's steps."""

    def __init__(self) -> None:
        self._heard: set[str] = set()

    @workflow.run
    async def run(self, number: str) -> str:
        """Make every step once, and wait for the news."""
        await _near(number), await _near(number)
        beside = asyncio.create_task(_far(number))  # as the ERP is told
        await _near(number)
        await _far(number), await _far(number)
        await _hand_over(number)
        await asyncio.gather(_far(number), self._told("collected"))
        await _near(number)
        await self._told("delivered")
        await _far(number), await _far(number)
        await beside
        return number

    async def _told(self, news: str) -> None:
        await workflow.wait_condition(lambda: news in self._heard)

    @workflow.signal
    def told(self, news: str) -> None:
        """Keep the news."""
        self._heard.add(news)


async def _near(number: str) -> str:
    return await workflow.execute_local_activity_method(
        BareActivities.near, number, start_to_close_timeout=ANSWER
    )


async def _far(number: str) -> str:
    return await workflow.execute_activity_method(
        BareActivities.far, number, start_to_close_timeout=ANSWER
    )


async def _hand_over(number: str) -> str:
    return await workflow.execute_activity_method(
        BareActivities.hand_over, number, start_to_close_timeout=ANSWER
    )
