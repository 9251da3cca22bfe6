"""Examines this machine: what Lifeline needs, whether it is there, and what to do about it.

Nothing is changed: no database is made, no port stays open, no partner is asked to do anything.
"""

from infra.doctor import databases, engine, machine, partners, rules, secrets
from infra.doctor.finding import Finding
from settings import Settings

__all__ = ["Finding", "examine"]


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything, near things first."""
    return [
        machine.python(),
        engine.binary(),
        engine.place(settings),
        machine.room(settings.var),
        *machine.ports(settings),
        databases.hub(settings),
        databases.stock(settings),
        machine.font(settings),
        rules.routing(),
        secrets.keys(settings),
        secrets.sandbox(settings),
        rules.carriers(),
        rules.statuses(),
        rules.erp(),
        rules.alerts(),
        rules.claims(),
        rules.risk(),
        *await partners.reach(settings),
    ]
