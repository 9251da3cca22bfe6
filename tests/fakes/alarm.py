"""A chat group in memory."""

from domain.trouble import Alert


class FakeAlarm:
    """Keeps every alert that was rung."""

    def __init__(self) -> None:
        self.rung: list[Alert] = []

    async def ring(self, alert: Alert) -> None:
        self.rung.append(alert)
