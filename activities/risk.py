"""Durable step: may this buyer order now?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temporalio import activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A buyer's standing; ``frozen_until`` is ``None`` for everyone who may order."""

    frozen_until: datetime | None
    reason: str = ""


class Buyers(Protocol):
    """What this step needs from the hub's record of buyers."""

    def standing(self, buyer_key: str) -> Standing: ...


class RiskActivities:
    """Looks up buyers."""

    def __init__(self, buyers: Buyers) -> None:
        self._buyers = buyers

    @activity.defn(name="risk.check")
    def check(self, buyer_key: str) -> Standing:
        """Look up the buyer; a buyer nobody knows may order."""
        return self._buyers.standing(buyer_key)
