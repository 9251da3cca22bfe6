"""A whole hub in one process: a worker on a queue of its own, and every gateway a fake."""

import asyncio
import contextlib
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from temporalio.api.testservice.v1 import LockTimeSkippingRequest, UnlockTimeSkippingRequest
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from domain.claim import Refund, RefundKind, RefundStage
from domain.hands import AddressEdit, Hand, Reroute, Resolution, WaybillCorrection
from domain.lifecycle import OrderStage, ParcelStage
from domain.opening import PackedNews, RestockNews, ScanNews
from domain.order import Order, Receiver
from domain.pace import Pace
from domain.parcel import Milestone, Scan
from domain.trouble import Remedy
from domain.view import OrderView
from infra.crew import Gateways, build_worker
from tests.fakes.alarm import FakeAlarm
from tests.fakes.books import FakeBooks
from tests.fakes.buyers import FakeBuyers
from tests.fakes.carriers import FakeCarriers
from tests.fakes.channels import FakeShop
from tests.fakes.claims import FakeClaimRules, FakeWriteOffs
from tests.fakes.erp import FakeErp
from tests.fakes.guard import FakeRiskOffice
from tests.fakes.invoices import FakeInvoices
from tests.fakes.orders import PAID_AT, SKUS
from tests.fakes.printers import FakePrinters
from tests.fakes.reconciler import FakeReconciler
from tests.fakes.router import WAREHOUSES, FakeRouter
from tests.fakes.stock import FakeStock
from tests.fakes.turnstile import Turnstile
from tests.fakes.warehouses import FakeWarehouses, Status
from web.lives import Lives, workflow_id
from workflows.attributes import STAGE
from workflows.order import OrderWorkflow

DEADLINE_S = 20
ON_EACH_SHELF = 100  # pieces
PACE = Pace(
    hold_retry=timedelta(minutes=30),
    hold_limit=timedelta(hours=48),
    scan_silence=timedelta(hours=36),
    poll_interval=timedelta(hours=4),
    invoice_poll=timedelta(minutes=10),
    after_sale=timedelta(days=7),
    patience=timedelta(minutes=5),
    erp_poll=timedelta(minutes=30),
    receipt_limit=timedelta(hours=72),
)
# On the real engine nothing can be skipped, and each wait costs about a second more.
BRISK = Pace(
    hold_retry=timedelta(seconds=0.3),
    hold_limit=timedelta(seconds=30),
    scan_silence=timedelta(seconds=30),
    poll_interval=timedelta(seconds=0.1),
    invoice_poll=timedelta(seconds=0.05),
    after_sale=timedelta(0),
    patience=timedelta(seconds=30),
    erp_poll=timedelta(seconds=0.1),
    receipt_limit=timedelta(seconds=30),
)
A_HAND = Hand(by="李四", reason="买家来电")

_queues = count(1)


async def eventually(
    holds: Callable[[], bool | Awaitable[bool]], within_s: float = DEADLINE_S
) -> None:
    """Return once ``holds`` does; fail at the deadline."""
    async with asyncio.timeout(within_s):
        while True:
            answer = holds()
            if await answer if inspect.isawaitable(answer) else answer:
                return
            await asyncio.sleep(0.01)


class Hub:
    """The fakes, the turnstile before them, and the orders that were accepted."""

    def __init__(self, env: WorkflowEnvironment) -> None:
        self.env = env
        self.turnstile = Turnstile()
        config = env.client.config(active_config=True)
        config["interceptors"] = [*config["interceptors"], self.turnstile]
        self.client = Client(**config)
        self.queue = f"hub-{next(_queues)}"
        self.buyers, self.router, self.stock = FakeBuyers(), FakeRouter(), FakeStock()
        self.carriers, self.printers = FakeCarriers(), FakePrinters()
        self.warehouses, self.shop = FakeWarehouses(), FakeShop()
        self.invoices, self.books, self.alarm = FakeInvoices(), FakeBooks(), FakeAlarm()
        self.reconciler = FakeReconciler()
        self.erp = FakeErp()
        self.claim_rules, self.write_offs = FakeClaimRules(), FakeWriteOffs()
        self.office = FakeRiskOffice(self.buyers)
        self.accepted: list[LiveOrder] = []

    @property
    def gateways(self) -> Gateways:
        """All fakes as the crew wants them."""
        return Gateways(
            buyers=self.buyers,
            router=self.router,
            stock=self.stock,
            carriers=self.carriers,
            tracks=self.carriers,
            interceptors=self.carriers,
            printers=self.printers,
            warehouses=self.warehouses,
            returns=self.warehouses,
            channels=self.shop,
            invoices=self.invoices,
            books=self.books,
            claim_rules=self.claim_rules,
            write_offs=self.write_offs,
            alarm=self.alarm,
            erp=self.erp,
            reconciler=self.reconciler,
            freezer=self.office,
            cards=self.office,
            marks=self.office,
            held_orders=self,
        )

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Keep one worker at work."""
        with ThreadPoolExecutor(4) as threads:
            async with build_worker(self.client, self.queue, self.gateways, threads):
                yield

    def lives(self, pace: Pace = PACE) -> Lives:
        """The front's view of these orders."""
        return Lives(client=self.client, task_queue=self.queue, pace=pace)

    async def buyer_cleared(self, buyer_key: str) -> int:
        """Wake a buyer's orders; the server that skips time has no lists to find them in."""
        if not self.env.supports_time_skipping:
            return await self.lives().buyer_cleared(buyer_key)
        theirs = [live for live in self.accepted if live.order.buyer_key == buyer_key]
        for live in theirs:
            await live.handle.signal(OrderWorkflow.buyer_cleared)
        return len(theirs)

    async def accept(self, order: Order, pace: Pace = PACE) -> "LiveOrder":
        """Begin an order's life, with goods for it on every shelf that nobody has touched."""
        self.shop.orders.add(order.number)
        self.fill_shelves(order)
        await self.lives(pace).open(order)
        live = LiveOrder(self, order)
        self.accepted.append(live)
        return live

    def fill_shelves(self, order: Order) -> None:
        for warehouse in WAREHOUSES:
            for line in order.lines:
                self.stock.on_hand.setdefault((warehouse, line.sku), ON_EACH_SHELF)

    def restock(self) -> RestockNews:
        """Tell that the first warehouse got goods."""
        return RestockNews(warehouse="HZ-GS", skus=SKUS)

    @contextlib.asynccontextmanager
    async def clock_jumping(self) -> AsyncIterator[None]:
        """Let the server's clock jump from timer to timer, if it can."""
        if not self.env.supports_time_skipping:
            yield
            return
        await self.client.test_service.unlock_time_skipping(UnlockTimeSkippingRequest())
        try:
            yield
        finally:
            await self.client.test_service.lock_time_skipping(LockTimeSkippingRequest())

    async def end_all(self) -> None:
        """Leave no life behind that would keep the server's clock busy."""
        for order in self.accepted:
            with contextlib.suppress(Exception):
                await order.handle.terminate("the test is over")


class LiveOrder:
    """An accepted order: what happens to it, and where it stands."""

    def __init__(self, hub: Hub, order: Order) -> None:
        self.hub = hub
        self.order = order
        self.handle: WorkflowHandle[OrderWorkflow, OrderStage] = hub.client.get_workflow_handle_for(
            OrderWorkflow.run, workflow_id(order.id)
        )

    def key(self, no: int = 1) -> str:
        """Name a parcel of it."""
        return f"{self.order.id}/{no}"

    async def view(self) -> OrderView:
        return await self.handle.query(OrderWorkflow.view)

    async def until(self, holds: Callable[[OrderView], bool]) -> OrderView:
        """Wait until the order looks so."""
        view = await self.view()

        async def looks_so() -> bool:
            nonlocal view
            view = await self.view()
            return holds(view)

        await eventually(looks_so)
        return view

    async def stages_shown(self) -> AsyncIterator[str]:
        """Tell the stages that the search lists heard of, in their order."""
        async for event in self.handle.fetch_history_events():
            shown = event.upsert_workflow_search_attributes_event_attributes.search_attributes
            if STAGE.name in shown.indexed_fields:
                yield json.loads(shown.indexed_fields[STAGE.name].data)

    async def reaches(self, stage: OrderStage) -> OrderView:
        return await self.until(lambda view: view.stage is stage)

    async def parcel_reaches(self, stage: ParcelStage, no: int = 1) -> OrderView:
        return await self.until(
            lambda view: len(view.parcels) >= no and view.parcels[no - 1].stage is stage
        )

    async def troubled_by(self, step: str) -> OrderView:
        """Wait until an exception of ``step`` is open."""
        return await self.until(lambda view: step in {trouble.step for trouble in view.troubles})

    async def leaves(self, no: int = 1) -> None:
        """Let the warehouse pack a parcel that it has taken, and say so."""
        await self.parcel_reaches(ParcelStage.HANDED_OVER, no)
        self.hub.warehouses.let_leave(self.key(no))
        await self.packed(no)

    async def packed(self, no: int = 1) -> None:
        await self.handle.signal(OrderWorkflow.packed, self.packed_news(no))

    def packed_news(self, no: int) -> PackedNews:
        return PackedNews(parcel_no=no, event_id=f"wms-{no}", at=PAID_AT)

    async def scanned(self, milestone: Milestone, no: int = 1) -> None:
        scan = Scan(id=f"{no}/{milestone}", milestone=milestone, at=PAID_AT, text=milestone.value)
        await self.handle.signal(OrderWorkflow.scanned, ScanNews(parcel_no=no, scan=scan))

    async def travels(self, no: int = 1) -> None:
        """Take a parcel from the shelf to its buyer."""
        await self.leaves(no)
        await self.scanned(Milestone.COLLECTED, no)
        await self.scanned(Milestone.DELIVERED, no)

    @contextlib.asynccontextmanager
    async def on_the_road(self) -> AsyncIterator[None]:
        """Play warehouse and carrier meanwhile: whatever is handed over, travels."""
        playing = asyncio.create_task(self._let_travel())
        try:
            yield
        finally:
            playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await playing

    async def _let_travel(self) -> None:
        """Watch the fakes, never the order: a query would change what the engine tells it when."""
        for no in count(1):
            await self.hub.turnstile.passed("handover.create", no)
            await self._travel_unless_called_back(no)

    async def _travel_unless_called_back(self, no: int) -> None:
        dispatch = self.hub.turnstile.done["handover.create"][no - 1]
        parcel = dispatch.parcel
        if self.hub.warehouses.orders.get(parcel.key) is Status.ACCEPTED:
            self.hub.warehouses.let_leave(parcel.key)
            await self.packed(parcel.no)
            await self.scanned(Milestone.COLLECTED, parcel.no)
            await self.scanned(Milestone.DELIVERED, parcel.no)

    async def ends(self) -> OrderStage:
        """Wait for its end; under skipped time the clock jumps now."""
        async with asyncio.timeout(DEADLINE_S), self.hub.clock_jumping():
            return await self.handle.result()

    def claim(self) -> Refund:
        """Make up a claim of the buyer's for all of their money."""
        return Refund(
            id="AS-1",
            order_id=self.order.id,
            kind=RefundKind.REFUND_ONLY,
            stage=RefundStage.ASKED,
            amount_fen=self.order.paid_fen,
            lines=(),
            reason="不想要了",
            changed_at=PAID_AT + timedelta(hours=1),
            protocol="1",
        )

    # Hands.

    async def cancel(self, hand: Hand = A_HAND) -> str:
        return await self.handle.execute_update(OrderWorkflow.cancel, hand)

    async def hold(self, hand: Hand = A_HAND) -> str:
        return await self.handle.execute_update(OrderWorkflow.hold, hand)

    async def release(self, hand: Hand = A_HAND) -> str:
        return await self.handle.execute_update(OrderWorkflow.release, hand)

    async def retry_now(self, hand: Hand = A_HAND) -> str:
        return await self.handle.execute_update(OrderWorkflow.retry_now, hand)

    async def reroute(self, no: int | None = None, warehouse: str = "") -> str:
        request = Reroute(hand=A_HAND, parcel_no=no, warehouse=warehouse)
        return await self.handle.execute_update(OrderWorkflow.reroute, request)

    async def edit_address(self, receiver: Receiver) -> str:
        edit = AddressEdit(hand=A_HAND, receiver=receiver)
        return await self.handle.execute_update(OrderWorkflow.edit_address, edit)

    async def correct(
        self, number: str, carrier: str = "zhongtong", hand: Hand = A_HAND, no: int = 1
    ) -> str:
        correction = WaybillCorrection(hand=hand, parcel_no=no, number=number, carrier=carrier)
        return await self.handle.execute_update(OrderWorkflow.correct_waybill, correction)

    async def resolve(self, subject: str, remedy: Remedy) -> str:
        resolution = Resolution(hand=A_HAND, subject=subject, remedy=remedy)
        return await self.handle.execute_update(OrderWorkflow.resolve, resolution)


async def refusal(update: Awaitable[str]) -> str:
    """Tell why an update was refused; fail when it was not."""
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await update
    assert isinstance(refused.value.cause, ApplicationError)
    return refused.value.cause.message
