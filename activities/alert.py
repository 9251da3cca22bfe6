"""Durable step: tell people that an order needs one of them."""

from typing import Protocol

from temporalio import activity

from domain.trouble import Alert


class Alarm(Protocol):
    """What this step needs from whoever calls people."""

    async def ring(self, alert: Alert) -> None: ...


class AlertActivities:
    """Calls people."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm

    @activity.defn(name="alert.ring")
    async def ring(self, alert: Alert) -> None:
        """Put the alert where people look. At least once: a second card does no harm."""
        await self._alarm.ring(alert)
