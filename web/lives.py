"""Opens orders' lives and tells them what happened; the front's only talk with the engine."""

from dataclasses import dataclass
from typing import Any

from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.lifecycle import OrderStage
from domain.money import yuan
from domain.opening import Opening, PackedNews, RestockNews, ScanNews
from domain.order import Order, OrderId
from domain.pace import Pace
from workflows.attributes import BUYER, CHANNEL, LEADER, PAID_AT, STAGE
from workflows.order import OrderWorkflow

WAITING = f'LifelineStage = "{OrderStage.WAITING}" AND ExecutionStatus = "Running"'


class NoSuchLife(Exception):
    """The order has no open life: it never had one, or it is over."""


def workflow_id(order_id: OrderId) -> str:
    """Name an order's life."""
    return f"order/{order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """The lives of all orders."""

    client: Client
    task_queue: str
    pace: Pace

    async def open(self, order: Order) -> None:
        """Begin an order's life; one that is under way, or over, is left as it is."""
        try:
            await self.client.start_workflow(
                OrderWorkflow.run,
                Opening(order=order, pace=self.pace),
                id=workflow_id(order.id),
                task_queue=self.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=_attributes(order),
                static_summary=_summary(order),
            )
        except WorkflowAlreadyStartedError:
            return  # its life is over, and it has only one

    async def scanned(self, order_id: OrderId, news: ScanNews) -> None:
        """Tell an order of a turning point."""
        await self._signal(order_id, OrderWorkflow.scanned, news)

    async def packed(self, order_id: OrderId, news: PackedNews) -> None:
        """Tell an order that a parcel has left the warehouse."""
        await self._signal(order_id, OrderWorkflow.packed, news)

    async def restocked(self, news: RestockNews) -> int:
        """Tell every order that waits; they look for themselves whether it concerns them."""
        told = 0
        async for life in self.client.list_workflows(WAITING):
            handle = self.client.get_workflow_handle(life.id)
            await handle.signal(OrderWorkflow.restocked, news)
            told += 1
        return told

    async def _signal(self, order_id: OrderId, signal: object, news: object) -> None:
        handle = self.client.get_workflow_handle(workflow_id(order_id))
        try:
            await handle.signal(signal, news)  # type: ignore[call-overload] # one signal of many
        except RPCError as fault:
            if fault.status is RPCStatusCode.NOT_FOUND:
                raise NoSuchLife(order_id) from fault
            raise


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
