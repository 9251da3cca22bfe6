"""The crew: workflows and activities wired to gateways, whichever these are.

``worker.py`` gives it the real ones; tests and benches give it fakes.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.alert import Alarm, AlertActivities
from activities.channel import ChannelActivities, SalesChannels
from activities.claim import ClaimActivities, ClaimRules, WriteOffs
from activities.erp import Erp, ErpActivities
from activities.faults import FaultInterceptor
from activities.guard import Cards, Freezer, GuardActivities, HeldOrders, Marks
from activities.handover import HandOverActivities, Warehouses
from activities.invoice import InvoiceActivities, Invoices
from activities.label import Carriers, LabelActivities
from activities.logistics import Interceptors, LogisticsActivities, Tracks
from activities.printer import PrinterActivities, Printers
from activities.reconcile import ReconcileActivities, Reconciler
from activities.returns import ReturnActivities, Returns
from activities.risk import Buyers, RiskActivities
from activities.routing import Router, RoutingActivities
from activities.stock import Stock, StockActivities
from activities.voucher import Books, VoucherActivities
from infra.stories import StoryRunner
from workflows.after_sale import AfterSaleWorkflow
from workflows.guard import CustomerGuardWorkflow
from workflows.order import OrderWorkflow
from workflows.reconcile import ReconcileWorkflow

# Half a minute covers the longest far call, so that a planned restart repeats nothing.
FINISH_WITHIN = timedelta(seconds=25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateways:
    """Everything outside that the steps of an order need."""

    buyers: Buyers
    router: Router
    stock: Stock
    carriers: Carriers
    tracks: Tracks
    interceptors: Interceptors
    printers: Printers
    warehouses: Warehouses
    returns: Returns
    channels: SalesChannels
    invoices: Invoices
    books: Books
    claim_rules: ClaimRules
    write_offs: WriteOffs
    alarm: Alarm
    erp: Erp
    reconciler: Reconciler
    freezer: Freezer
    cards: Cards
    marks: Marks
    held_orders: HeldOrders


def build_worker(
    client: Client, queue: str, gateways: Gateways, threads: ThreadPoolExecutor
) -> Worker:
    """Wire workflows and activities to the given gateways."""
    stories = [OrderWorkflow, AfterSaleWorkflow, ReconcileWorkflow, CustomerGuardWorkflow]
    return hire(client, queue, threads, stories, _steps(gateways))


def hire(
    client: Client,
    queue: str,
    threads: ThreadPoolExecutor,
    workflows: Sequence[type],
    activities: Sequence[Callable[..., Any]],
) -> Worker:
    """Make a worker with our settings; a bench gives it something else to do."""
    return Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=activities,
        activity_executor=threads,
        workflow_runner=StoryRunner(),
        interceptors=[FaultInterceptor()],
        max_cached_workflows=2000,
        graceful_shutdown_timeout=FINISH_WITHIN,
        build_id="lifeline",  # otherwise the SDK hashes every loaded module at start
    )


def _steps(gateways: Gateways) -> Sequence[Callable[..., Any]]:
    label, handover = LabelActivities(gateways.carriers), HandOverActivities(gateways.warehouses)
    stock, erp = StockActivities(gateways.stock), ErpActivities(gateways.erp)
    channel, alert = ChannelActivities(gateways.channels), AlertActivities(gateways.alarm)
    logistics = LogisticsActivities(gateways.tracks, gateways.interceptors)
    invoice, voucher = InvoiceActivities(gateways.invoices), VoucherActivities(gateways.books)
    claim = ClaimActivities(gateways.claim_rules, gateways.write_offs)
    return [
        RiskActivities(gateways.buyers).check,
        RoutingActivities(gateways.router).plan,
        stock.lock,
        stock.ship,
        stock.release,
        stock.put_back,
        label.create,
        label.void,
        PrinterActivities(gateways.printers).print,
        handover.create,
        handover.cancel,
        ReturnActivities(gateways.returns).announce,
        channel.tell_shipped,
        channel.answer_claim,
        logistics.follow,
        logistics.intercept,
        claim.judge,
        claim.write_off,
        invoice.issue,
        invoice.find,
        invoice.redden,
        voucher.book,
        voucher.reverse,
        erp.relay,
        erp.withdraw,
        *_guard_steps(gateways),
        alert.ring,
        alert.clear,
        ReconcileActivities(gateways.reconciler).catch_up,
    ]


def _guard_steps(gateways: Gateways) -> Sequence[Callable[..., Any]]:
    guard = GuardActivities(gateways.freezer, gateways.cards, gateways.marks, gateways.held_orders)
    return [guard.freeze, guard.confirm, guard.unfreeze, guard.wake, guard.card, guard.mark]
