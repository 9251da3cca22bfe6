"""Keeps the ERP in step, beside the order's way: shown once, waited for, taken back if need be."""

import asyncio
import contextlib
from datetime import timedelta

from domain.erp import ErpStanding, ErpState, Relay, erp_order_of
from domain.lifecycle import OrderStage
from workflows.calls import RELAY_TO_ERP, WITHDRAW_FROM_ERP, TurnedBack
from workflows.doorway import DoneByHand
from workflows.life import Life


class ErpRelay:
    """What the ERP knows of one order. An order that was opened before there was one stays away."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._order = erp_order_of(life.order)
        self._posting: asyncio.Task[None] | None = None
        self._called_back = False

    def begin(self) -> None:
        """Show the order to the ERP; once, however often it is routed."""
        if self._posting is None and (every := self._life.pace.erp_poll):
            self._posting = asyncio.create_task(self._until_audited(every))

    async def end(self) -> None:
        """Wait for the audit; a cancelled order is taken back instead."""
        if self._posting is None:
            return
        self._called_back = self._life.stage() is OrderStage.CANCELLED
        await self._posting
        if self._called_back:
            await self._withdraw()

    async def _until_audited(self, every: timedelta) -> None:
        relay = Relay(order=self._order, every=every)
        with contextlib.suppress(TurnedBack, DoneByHand):
            self._keep(
                await self._life.door.do(
                    RELAY_TO_ERP, relay, subject=relay.order.order_id, stop=self._taken_back
                )
            )

    def _taken_back(self) -> bool:
        return self._called_back

    async def _withdraw(self) -> None:
        """Say so also when nobody knows whether the order ever came there."""
        with contextlib.suppress(DoneByHand):
            self._keep(
                await self._life.door.do(
                    WITHDRAW_FROM_ERP, self._order, subject=self._order.order_id
                )
            )

    def _keep(self, state: ErpState) -> None:
        if state.standing is not ErpStanding.NOT_USED:
            self._life.erp = state
            self._life.show()
