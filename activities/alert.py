"""Durable step: tell people that an order needs one of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temporalio import activity

from domain.order import OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a person must know: which order, since when, why, and what may be done."""

    order_id: OrderId
    subject: str
    reason: str
    remedies: tuple[str, ...]
    since: datetime


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
