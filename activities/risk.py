"""Durable step: may this buyer order now?"""

from typing import Protocol

from temporalio import activity

from domain.risk import Standing


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
