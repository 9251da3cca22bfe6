"""Which versions of a channel's mapping are in force: every act of a person, kept for ever."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, insert, select

from domain.clock import utc_now
from gateways.database import READING
from gateways.tables import CHANNEL_ACTS
from gateways.transaction import patient


class Act(StrEnum):
    """What a person did with a version."""

    ACTIVATED = "activated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAct:
    """One act, with who did it and why; ``digest`` names the mapping as it was then."""

    channel: str
    version: str
    act: Act
    digest: str
    by: str
    reason: str
    at: datetime


class ChannelActs:
    """The record of acts. What is in force follows from it, newest activation first."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now

    @patient("hub")
    def record(self, *acts: ChannelAct) -> None:
        """Write acts down, all of them or none."""
        rows = [
            {
                "channel": act.channel,
                "version": act.version,
                "act": act.act.value,
                "digest": act.digest,
                "by": act.by,
                "reason": act.reason,
                "at": act.at,
            }
            for act in acts
        ]
        with self._engine.begin() as connection:
            connection.execute(insert(CHANNEL_ACTS), rows)

    @patient("hub")
    def all(self) -> Sequence[ChannelAct]:
        """Tell every act, oldest first."""
        query = select(CHANNEL_ACTS).order_by(CHANNEL_ACTS.c.id)
        with self._reading.begin() as connection:
            return [
                ChannelAct(
                    channel=row.channel,
                    version=row.version,
                    act=Act(row.act),
                    digest=row.digest,
                    by=row.by,
                    reason=row.reason,
                    at=row.at,
                )
                for row in connection.execute(query)
            ]


def in_force(acts: Sequence[ChannelAct]) -> tuple[str, ...]:
    """Tell which versions one channel's acts leave in force, newest activation first."""
    versions: list[str] = []
    for act in acts:
        versions = [version for version in versions if version != act.version]
        if act.act is Act.ACTIVATED:
            versions.insert(0, act.version)
    return tuple(versions)
