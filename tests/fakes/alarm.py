"""A queue of exceptions in memory."""

from datetime import datetime, timedelta

from domain.trouble import Alert, Clearing

WITHIN = timedelta(minutes=30)


class FakeAlarm:
    """Keeps every alert that was rung, and everything that was cleared."""

    def __init__(self) -> None:
        self.rung: list[Alert] = []
        self.cleared: list[Clearing] = []

    async def ring(self, alert: Alert) -> datetime:
        self.rung.append(alert)
        return alert.since + WITHIN

    async def clear(self, clearing: Clearing) -> None:
        self.cleared.append(clearing)
