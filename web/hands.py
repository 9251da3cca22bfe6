"""Does what people ask of orders: the one place between the engine and whoever asks.

The command line and the ops API call the same methods, with the same answers.
"""

from datetime import timedelta
from typing import NoReturn

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import GatewayBusy
from domain.hands import (
    AddressEdit,
    ClaimDecision,
    Deed,
    Hand,
    Reroute,
    Resolution,
    WaybillCorrection,
)
from domain.lifecycle import OrderStage
from domain.order import OrderId
from web.after_sales import after_sale_id, workflow_id
from web.handing import AWAY
from web.handled import Asked, Card, Handled, NoSuchOrder, Outcome
from workflows.attributes import BUYER
from workflows.order import OrderWorkflow

# A life answers within milliseconds of a worker having it; past that, no worker is at work.
ANSWER = timedelta(seconds=10)


class Hands:
    """One method for each hand.

    ``key`` names one click: however often it is sent under the same key, it is one hand, also when
    its answer was lost. Without a key, each call is a hand of its own.

    Args:
        client: The engine; ``None`` until somebody sets it, and everything is busy so long.
    """

    def __init__(self, client: Client | None = None) -> None:
        self.client = client

    @property
    def engine(self) -> Client:
        """The engine.

        Raises:
            GatewayBusy: it is not connected yet.
        """
        if self.client is None:
            raise GatewayBusy("Temporal", "引擎尚未连接,请稍后再试")
        return self.client

    async def reroute(self, order_id: OrderId, request: Reroute, key: str = "") -> Handled:
        """Send what has not left from somewhere else; faults as of every hand.

        Raises:
            GatewayBusy: the engine or its worker does not answer.
        """
        return await self._act(order_id, Deed.REROUTE, request, key)

    async def hold(self, order_id: OrderId, hand: Hand, key: str = "") -> Handled:
        """Begin no new step."""
        return await self._act(order_id, Deed.HOLD, hand, key)

    async def release(self, order_id: OrderId, hand: Hand, key: str = "") -> Handled:
        """Let what a person held go on."""
        return await self._act(order_id, Deed.RELEASE, hand, key)

    async def cancel(self, order_id: OrderId, hand: Hand, key: str = "") -> Handled:
        """Call back what has not left."""
        return await self._act(order_id, Deed.CANCEL, hand, key)

    async def edit_address(self, order_id: OrderId, edit: AddressEdit, key: str = "") -> Handled:
        """Send what has not left to another receiver."""
        return await self._act(order_id, Deed.EDIT_ADDRESS, edit, key)

    async def correct_waybill(
        self, order_id: OrderId, correction: WaybillCorrection, key: str = ""
    ) -> Handled:
        """Let a parcel travel under another number."""
        return await self._act(order_id, Deed.CORRECT_WAYBILL, correction, key)

    async def retry(self, order_id: OrderId, hand: Hand, key: str = "") -> Handled:
        """Try whatever waits at once."""
        return await self._act(order_id, Deed.RETRY_NOW, hand, key)

    async def decide_claim(
        self, order_id: OrderId, decision: ClaimDecision, key: str = ""
    ) -> Handled:
        """Decide about a claim that the rules leave to a person."""
        return await self._act(order_id, Deed.DECIDE_CLAIM, decision, key)

    async def resolve(self, order_id: OrderId, resolution: Resolution, key: str = "") -> Handled:
        """Decide about an open exception."""
        return await self._act(order_id, Deed.RESOLVE, resolution, key)

    async def card(self, order_id: OrderId) -> Card:
        """Tell how an order stands, and what may be done to it.

        Raises:
            NoSuchOrder: the engine does not know it.
            GatewayBusy: the engine or its worker does not answer.
        """
        life = self._life(order_id)
        try:
            about = await life.describe(rpc_timeout=ANSWER)
            view = await life.query(OrderWorkflow.view, rpc_timeout=ANSWER)
        except (RPCError, WorkflowQueryFailedError) as fault:
            _explain(fault, order_id)
        return Card(
            order_id=order_id,
            buyer_key=about.typed_search_attributes.get(BUYER) or "",
            closed=about.status is not WorkflowExecutionStatus.RUNNING,
            view=view,
        )

    async def _act(self, order_id: OrderId, deed: Deed, asked: Asked, key: str) -> Handled:
        """Ask the order's life, or what goes on about an order that is over."""
        for life in (workflow_id(order_id), after_sale_id(order_id)):
            handled = await self._ask(order_id, life, deed, asked, key)
            if handled is not None:
                return handled
        return await self._gone(order_id)

    async def _ask(
        self, order_id: OrderId, life: str, deed: Deed, asked: Asked, key: str
    ) -> Handled | None:
        """Ask; ``None`` when nothing of that name is under way."""
        handle = self.engine.get_workflow_handle(life)
        try:
            said = await handle.execute_update(
                deed.value, asked, id=key or None, rpc_timeout=ANSWER, result_type=str
            )
        except WorkflowUpdateFailedError as refused:
            return _handled(order_id, Outcome.REFUSED, _sentence(refused))
        except WorkflowUpdateRPCTimeoutOrCancelledError as late:
            raise GatewayBusy("Temporal", NO_WORKER) from late
        except RPCError as fault:
            if fault.status is not RPCStatusCode.NOT_FOUND:
                _explain(fault, order_id)
            return None
        return _handled(order_id, Outcome.DONE, said)

    async def _gone(self, order_id: OrderId) -> Handled:
        """Tell whether an order that takes no hand is over, or never was."""
        try:
            await self._life(order_id).describe(rpc_timeout=ANSWER)
        except RPCError as fault:
            if fault.status is not RPCStatusCode.NOT_FOUND:
                _explain(fault, order_id)
            return _handled(order_id, Outcome.UNKNOWN, str(NoSuchOrder(order_id)))
        return _handled(order_id, Outcome.OVER, f"订单 {order_id} 已完结,不能再操作;请走售后")

    def _life(self, order_id: OrderId) -> WorkflowHandle[OrderWorkflow, OrderStage]:
        return self.engine.get_workflow_handle_for(OrderWorkflow.run, workflow_id(order_id))


NO_WORKER = "10 秒内没有工作进程处理,是否已执行不明:请稍后查看订单,再决定是否重试"


def _handled(order_id: OrderId, outcome: Outcome, said: str) -> Handled:
    return Handled(order_id=order_id, outcome=outcome, said=said)


def _sentence(refused: WorkflowUpdateFailedError) -> str:
    """Tell why an order refused."""
    cause = refused.cause
    return cause.message if isinstance(cause, ApplicationError) else str(cause)


def _explain(fault: RPCError | WorkflowQueryFailedError, order_id: OrderId) -> NoReturn:
    if isinstance(fault, WorkflowQueryFailedError):
        raise GatewayBusy("Temporal", f"订单 {order_id} 暂时答不出状态,请稍后再试") from fault
    if fault.status is RPCStatusCode.NOT_FOUND:
        raise NoSuchOrder(order_id) from fault
    if fault.status in AWAY:
        raise GatewayBusy("Temporal", "引擎没有答复,请检查引擎和工作进程后再试") from fault
    raise fault
