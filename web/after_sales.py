"""Takes orders up again that are over, for a claim that comes after that."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.claim import Refund, is_news
from domain.errors import GatewayBusy
from domain.lifecycle import OrderStage
from domain.opening import Opening, Reopening
from domain.order import OrderId
from domain.refunding import LIVE
from domain.view import OrderView
from workflows.after_sale import AfterSaleWorkflow
from workflows.attributes import BUYER, CHANNEL
from workflows.order import OrderWorkflow

ANSWER = timedelta(seconds=10)


class NoSuchLife(Exception):
    """The order has no open life: it never had one, or it is over."""


def workflow_id(order_id: OrderId) -> str:
    """Name an order's life."""
    return f"order/{order_id}"


def after_sale_id(order_id: OrderId) -> str:
    """Name what goes on about an order that is over."""
    return f"after-sale/{order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSales:
    """The claims about orders that are over."""

    client: Client
    task_queue: str

    async def refunded(self, refund: Refund) -> None:
        """Settle a claim about an order that is over; what its life has settled is no news.

        Raises:
            NoSuchLife: the engine knows no such order, or not any more.
            GatewayBusy: no worker answers.
        """
        ended = await self._ended(refund.order_id)
        known = {claim.id: claim for claim in ended.refunds}.get(refund.id)
        if not is_news(refund, known) or refund.stage not in LIVE:
            return
        opening = await self._opening(refund.order_id)
        order = opening.order
        await self.client.start_workflow(
            AfterSaleWorkflow.run,
            Reopening(opening=opening, ended=ended),
            id=after_sale_id(order.id),
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(CHANNEL, order.channel),
                    SearchAttributePair(BUYER, order.buyer_key),
                ]
            ),
            static_summary=f"{order.channel} {order.number}:完结后的售后",
            start_signal="refunded",
            start_signal_args=[refund],
        )

    async def _ended(self, order_id: OrderId) -> OrderView:
        """Tell how it ended the last time: in its life, or when it was taken up again."""
        for name in (after_sale_id(order_id), workflow_id(order_id)):
            handle: WorkflowHandle[OrderWorkflow, OrderStage] = self.client.get_workflow_handle_for(
                OrderWorkflow.run, name
            )
            try:
                return await handle.query(OrderWorkflow.view, rpc_timeout=ANSWER)
            except WorkflowQueryFailedError as fault:
                raise GatewayBusy("Temporal", f"订单 {order_id} 暂时答不出状态") from fault
            except RPCError as fault:
                if fault.status is not RPCStatusCode.NOT_FOUND:
                    raise GatewayBusy("Temporal", "引擎或工作进程没有答复") from fault
        raise NoSuchLife(order_id)

    async def _opening(self, order_id: OrderId) -> Opening:
        """Read what the order's life began with out of its history."""
        handle = self.client.get_workflow_handle(workflow_id(order_id))
        async for event in handle.fetch_history_events(page_size=1):
            began = event.workflow_execution_started_event_attributes
            (opening,) = await self.client.data_converter.decode(began.input.payloads, [Opening])
            found: Opening = opening
            return found
        raise NoSuchLife(order_id)
