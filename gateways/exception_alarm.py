"""Opens and closes the exceptions of the orders; calling people is the front's business."""

import asyncio
from dataclasses import replace
from datetime import datetime

from domain.trouble import Alert, Clearing
from domain.words import STEPS
from gateways.exceptions import ExceptionBook
from rulebook.alerts import AlertRules


class ExceptionAlarm:
    """Writes what the orders say into the queue, so that no order waits for a chat group."""

    def __init__(self, book: ExceptionBook, rules: AlertRules) -> None:
        self._book = book
        self._rules = rules

    async def ring(self, alert: Alert) -> datetime:
        """Open an exception, and tell until when it must be closed.

        Raises:
            GatewayBusy: the database does not answer.
        """
        named = alert if alert.step else _with_step(alert)
        deadline = named.since + self._rules.of(named.step).within
        await asyncio.to_thread(self._book.opened, named, deadline)
        return deadline

    async def clear(self, clearing: Clearing) -> None:
        """Close an exception; the same faults as ``ring``."""
        await asyncio.to_thread(self._book.cleared, clearing)


def _with_step(alert: Alert) -> Alert:
    """Read an alert from before there was a queue: its step stands in its subject, in Chinese."""
    said, _, subject = alert.subject.rpartition(" ")
    steps = [step for step, word in STEPS.items() if word.zh == said]
    return replace(alert, step=steps[0], subject=subject) if steps else alert
