"""Opens orders' lives and tells them what happened; the front's only talk with the engine."""

import json
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.acceptance import Decision
from domain.claim import Refund
from domain.comeback import Receipt
from domain.lifecycle import OrderStage
from domain.money import yuan
from domain.opening import ChannelNews, MadeNews, Opening, PackedNews, RestockNews, ScanNews
from domain.order import Order, OrderId
from domain.pace import Pace
from web.after_sales import AfterSales, NoSuchLife, after_sale_id, workflow_id
from workflows.attributes import BUYER, CHANNEL, LEADER, PAID_AT, STAGE
from workflows.order import OrderWorkflow

__all__ = ["Lives", "NoSuchLife", "workflow_id"]

WAITING = f'LifelineStage = "{OrderStage.WAITING}" AND ExecutionStatus = "Running"'

QUESTION = "accept"  # the id of the one update that asks: a second asking joins the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """The lives of all orders."""

    client: Client
    task_queue: str
    pace: Pace

    async def open(self, order: Order) -> bool:
        """Begin an order's life; ``False`` when it is under way, or over: it has only one."""
        try:
            await self.client.start_workflow(
                OrderWorkflow.run,
                Opening(order=order, pace=self.pace),
                id=workflow_id(order.id),
                task_queue=self.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=_attributes(order),
                static_summary=_summary(order),
            )
        except WorkflowAlreadyStartedError:
            return False
        return True

    async def accept(self, order: Order) -> Decision:
        """Begin an order's life if it has none, and wait for what is decided about it.

        However often it is asked, it is one question, and it has one answer, which can be heard
        as long as the engine remembers the order.

        Raises:
            NoSuchLife: the order's life is over, and nobody ever asked.
        """
        start = WithStartWorkflowOperation(
            OrderWorkflow.run,
            Opening(order=order, pace=self.pace),
            id=workflow_id(order.id),
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=_attributes(order),
            static_summary=_summary(order),
        )
        try:
            return await self.client.execute_update_with_start_workflow(
                OrderWorkflow.accept, start_workflow_operation=start, id=QUESTION
            )
        except WorkflowAlreadyStartedError:
            return await self._decided(order.id)

    async def scanned(self, order_id: OrderId, news: ScanNews) -> None:
        """Tell an order of a turning point."""
        await self._signal(order_id, OrderWorkflow.scanned, news)

    async def packed(self, order_id: OrderId, news: PackedNews) -> None:
        """Tell an order that a parcel has left the warehouse."""
        await self._signal(order_id, OrderWorkflow.packed, news)

    async def changed(self, order_id: OrderId, news: ChannelNews) -> None:
        """Tell an order what its channel shows of it now."""
        await self._signal(order_id, OrderWorkflow.channel_changed, news)

    async def refunded(self, order_id: OrderId, refund: Refund) -> None:
        """Tell an order how a claim of its buyer stands; one that is over is taken up again."""
        try:
            await self._signal(order_id, OrderWorkflow.refunded, refund)
        except NoSuchLife:
            await AfterSales(client=self.client, task_queue=self.task_queue).refunded(refund)

    async def returned(self, order_id: OrderId, receipt: Receipt) -> None:
        """Tell an order what a warehouse received of what came back."""
        try:
            await self._signal(order_id, OrderWorkflow.returned, receipt)
        except NoSuchLife:
            await self._signal(order_id, OrderWorkflow.returned, receipt, after_sale_id(order_id))

    async def made(self, order_id: OrderId, news: MadeNews) -> None:
        """Tell an order that goods for it are ready."""
        await self._signal(order_id, OrderWorkflow.made, news)

    async def restocked(self, news: RestockNews) -> int:
        """Tell every order that waits; they look for themselves whether it concerns them."""
        told = 0
        async for life in self.client.list_workflows(WAITING):
            handle = self.client.get_workflow_handle(life.id)
            await handle.signal(OrderWorkflow.restocked, news)
            told += 1
        return told

    async def buyer_cleared(self, buyer_key: str) -> int:
        """Tell every order that may wait for a buyer that the freeze is over before its time."""
        told = 0
        async for life in self.client.list_workflows(_held_for(buyer_key)):
            handle = self.client.get_workflow_handle(life.id)
            await handle.signal(OrderWorkflow.buyer_cleared)
            told += 1
        return told

    async def _decided(self, order_id: OrderId) -> Decision:
        handle = self.client.get_workflow_handle(workflow_id(order_id))
        try:
            decision: Decision = await handle.get_update_handle(
                QUESTION, result_type=Decision
            ).result()
        except RPCError as fault:
            if fault.status is RPCStatusCode.NOT_FOUND:
                raise NoSuchLife(order_id) from fault
            raise
        return decision

    async def _signal(
        self, order_id: OrderId, signal: object, news: object, name: str = ""
    ) -> None:
        handle = self.client.get_workflow_handle(name or workflow_id(order_id))
        try:
            await handle.signal(signal, news)  # type: ignore[call-overload] # one signal of many
        except RPCError as fault:
            if fault.status is RPCStatusCode.NOT_FOUND:
                raise NoSuchLife(order_id) from fault
            raise


def _held_for(buyer_key: str) -> str:
    """Name a buyer's orders that are held, or may be about to be: the lists lag a little."""
    stages = f'"{OrderStage.WAITING}", "{OrderStage.ACCEPTED}"'
    buyer = f"LifelineBuyer = {json.dumps(buyer_key)}"
    return f'{buyer} AND LifelineStage IN ({stages}) AND ExecutionStatus = "Running"'


def _attributes(order: Order) -> TypedSearchAttributes:
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(CHANNEL, order.channel),
        SearchAttributePair(STAGE, OrderStage.ACCEPTED.value),
        SearchAttributePair(BUYER, order.buyer_key),
        SearchAttributePair(PAID_AT, order.paid_at),
    ]
    if order.leader:
        pairs.append(SearchAttributePair(LEADER, order.leader))
    return TypedSearchAttributes(pairs)


def _summary(order: Order) -> str:
    pieces = sum(line.quantity for line in order.lines)
    return f"{order.channel} {order.number}:{pieces} 件,¥{yuan(order.paid_fen)}"
