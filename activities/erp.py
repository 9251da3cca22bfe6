"""Durable steps against the ERP: show it the order until it is audited there, and take it back."""

from typing import Protocol

from temporalio import activity

from activities.logistics import nothing_new
from domain.erp import ErpOrder, ErpStanding, ErpState, Relay


class Erp(Protocol):
    """What these steps need from the ERP; both calls are safe to repeat and to run for nothing."""

    async def relay(self, order: ErpOrder) -> ErpState: ...
    async def withdraw(self, order: ErpOrder) -> ErpState: ...


class ErpActivities:
    """Keeps the ERP in step."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp

    @activity.defn(name="erp.relay")
    async def relay(self, relay: Relay) -> ErpState:
        """Post the order once and wait until it is audited; "there already" is a yes.

        The wait is the server's retry delay, so hours of asking add nothing to the history.

        Raises:
            GatewayRefused: the ERP does not take the order, or does not know us.
        """
        state = await self._erp.relay(relay.order)
        if state.standing is ErpStanding.POSTED:
            raise nothing_new(relay.every)
        return state

    @activity.defn(name="erp.withdraw")
    async def withdraw(self, order: ErpOrder) -> ErpState:
        """Tell the ERP that the order is cancelled; one that it never saw is a yes too."""
        return await self._erp.withdraw(order)
