"""Answers those who wait to hear whether their order is taken (design 5)."""

import asyncio
from typing import Protocol

import structlog
from temporalio.client import RPCTimeoutOrCancelledError, WorkflowUpdateFailedError
from temporalio.service import RPCError

from domain.acceptance import Acceptance, Decision
from domain.errors import GatewayBusy
from domain.order import Order, OrderId
from web.sights import Verdict
from web.stumble import log_stumble

PATIENCE_S = 3.0  # a buyer is looking at a spinning wheel

# Nobody is there to decide, or the order ended while its opener waited.
UNDECIDED = (
    TimeoutError,
    RPCError,
    RPCTimeoutOrCancelledError,
    WorkflowUpdateFailedError,
    GatewayBusy,
)
LATER = Verdict(decision=Decision(acceptance=Acceptance.PENDING), is_whole=False)

log = structlog.get_logger()


class Decisions(Protocol):
    """What was answered before; once decided, the answer never changes."""

    def decision(self, order_id: OrderId) -> Decision | None: ...


class Opener(Protocol):
    """Whoever opens orders; nobody does before the engine has answered for the first time."""

    async def accept(self, order: Order) -> Verdict: ...


class Reception:
    """Gets the hub's decision about an order."""

    def __init__(self, decisions: Decisions, opener: Opener | None = None) -> None:
        self._decisions = decisions
        self.opener = opener

    async def known(self, order_id: OrderId) -> Decision | None:
        """Tell what was decided before, if anything."""
        return await asyncio.to_thread(self._decisions.decision, order_id)

    async def decide(self, order: Order) -> Verdict:
        """Open the order and tell what was decided; ``PENDING`` when nobody says so in time."""
        if self.opener is None:
            return LATER
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.opener.accept(order)
        except UNDECIDED as why:
            log.warning("decided_later", order_id=order.id, why=type(why).__name__)
        except Exception as bug:  # noqa: BLE001 - it is logged, without what it says
            log_stumble("decision_stumbled", bug, order_id=order.id)
        return LATER
