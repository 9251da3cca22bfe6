"""Durable steps: put an order that needs a person where people look, and take it away again."""

from datetime import datetime
from typing import Protocol

from temporalio import activity

from domain.trouble import Alert, Clearing


class Alarm(Protocol):
    """What these steps need from whoever keeps the exceptions and calls people."""

    async def ring(self, alert: Alert) -> datetime: ...

    async def clear(self, clearing: Clearing) -> None: ...


class AlertActivities:
    """Keeps the queue of exceptions in step with the orders."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm

    @activity.defn(name="alert.ring")
    async def ring(self, alert: Alert) -> datetime | None:
        """Open an exception; people are called within the minute. Tells until when it must close.

        ``None`` was the answer before there was a queue, and still stands in histories.
        """
        return await self._alarm.ring(alert)

    @activity.defn(name="alert.clear")
    async def clear(self, clearing: Clearing) -> None:
        """Close an exception; one that is closed, or was never opened, is fine."""
        await self._alarm.clear(clearing)
