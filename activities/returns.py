"""Durable step: tell the warehouse what comes back, so that it knows what it opens."""

from typing import Protocol

from temporalio import activity

from domain.comeback import ReturnOrder


class Returns(Protocol):
    """What this step needs from the warehouse systems; the return order's key is its code."""

    async def announce(self, order: ReturnOrder) -> None: ...


class ReturnActivities:
    """Announces what comes back."""

    def __init__(self, returns: Returns) -> None:
        self._returns = returns

    @activity.defn(name="returns.announce")
    async def announce(self, order: ReturnOrder) -> None:
        """Announce a return; one that is announced already is a yes.

        Raises:
            GatewayRefused: the warehouse does not take it back.
            GatewayBusy: no answer; announcing again is safe.
        """
        await self._returns.announce(order)
