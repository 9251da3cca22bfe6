"""A reconciler in memory: what it was asked, and what it shall answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.errors import GatewayBusy, GatewayRefused
from domain.reconciliation import Reconciliation

AT = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)


@dataclass
class FakeReconciler:
    """Catches up with a channel at once.

    While it is ``away`` the channel does not answer; one that is ``unknown`` can not be asked.
    """

    asked: list[str] = field(default_factory=list)
    away: bool = False
    unknown: bool = False

    async def catch_up(self, channel: str, alive: Callable[[], None]) -> Reconciliation:
        """Tell that nothing was missing."""
        self.asked.append(channel)
        if self.away:
            raise GatewayBusy(channel, "HTTP 503")
        if self.unknown:
            raise GatewayRefused(channel, "unknown_channel", f"没有接入渠道 {channel}")
        alive()
        return Reconciliation(
            channel=channel, since=AT, until=AT, found=2, started=1, mended=0, parked=0
        )
