"""The clerk of the demonstration: decides what the rules leave to a person, by the public hands."""

import asyncio
import contextlib
import random

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError

from domain.claim import Refund, RefundStage
from domain.hands import ClaimDecision, Decided, Hand
from domain.lifecycle import OrderStage
from domain.refunding import OPEN
from domain.trouble import Remedy
from workflows.attributes import EXCEPTION
from workflows.order import OrderWorkflow

LOOK_EVERY_S = 1.0
AWAITED = f'{EXCEPTION.name} = "claim.decide" AND ExecutionStatus = "Running"'
NAME = "演示客服"


class Clerk:
    """Works for as long as the demonstration runs."""

    def __init__(self, client: Client, seed: int) -> None:
        self._client = client
        self._seed = seed

    async def run(self) -> None:
        """Decide whatever comes, for ever."""
        while True:
            with contextlib.suppress(RPCError):
                async for life in self._client.list_workflows(AWAITED):
                    await self._decide(life.id)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _decide(self, life: str) -> None:
        handle: WorkflowHandle[OrderWorkflow, OrderStage] = self._client.get_workflow_handle_for(
            OrderWorkflow.run, life
        )
        with contextlib.suppress(RPCError, WorkflowQueryFailedError, WorkflowUpdateFailedError):
            view = await handle.query(OrderWorkflow.view)
            asked = [t.subject for t in view.troubles if Remedy.DECIDE_CLAIM in t.remedies]
            for claim in view.refunds:
                if any(subject.endswith(f"/claim/{claim.id}") for subject in asked):
                    await handle.execute_update(OrderWorkflow.decide_claim, self._on(claim))

    def _on(self, claim: Refund) -> ClaimDecision:
        hand = Hand(by=NAME, reason="已与买家沟通")
        if claim.stage is RefundStage.REFUNDED or claim.stage not in OPEN:
            decided = Decided.WRITE_OFF
        else:
            agrees = random.Random(f"{self._seed}/{claim.id}").random() < 0.5  # noqa: PLR2004 - a coin
            decided = Decided.AGREE if agrees else Decided.REFUSE
        return ClaimDecision(hand=hand, claim_id=claim.id, decision=decided)
