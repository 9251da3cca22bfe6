"""The worker process: builds the real gateways once, then serves the hub's task queue."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from gateways.kingdee import KingdeeBooks
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy as Imports

from activities.alert import Alarm, AlertActivities
from activities.channel import ChannelActivities, SalesChannels
from activities.faults import FaultInterceptor
from activities.handover import HandOverActivities, Warehouses
from activities.invoice import InvoiceActivities, Invoices
from activities.label import Carriers, LabelActivities
from activities.logistics import LogisticsActivities, Tracks
from activities.printer import PrinterActivities, Printers
from activities.risk import Buyers, RiskActivities
from activities.routing import Router, RoutingActivities
from activities.stock import Stock, StockActivities
from activities.voucher import Books, VoucherActivities
from gateways import sales_channels
from gateways.buyers import BuyerBook
from gateways.carriers import CarrierDesk
from gateways.catalogue import Catalogue
from gateways.database import open_database
from gateways.kuaidi100 import Kuaidi100Carriers
from gateways.label_desk import LabelDesk
from gateways.label_store import LabelStore
from gateways.miniprogram import MiniProgramShop
from gateways.nuonuo import NuonuoInvoices
from gateways.order_book import OrderBook
from gateways.qimen import QimenWarehouses
from gateways.qimen_stock import WmsInventory
from gateways.router import RuleRouter
from gateways.sf import SfCarrier
from gateways.stock import SqlStock
from gateways.wecom import WecomAlarm
from infra.connect import connect
from infra.departure import leave
from infra.logs import set_up_logs
from rulebook.routing import load_routing
from settings import Settings
from workflows.order import OrderWorkflow

RULES = Path(__file__).parent / "rules"
DATABASE_THREADS = 8
# Half a minute covers the longest far call, so that a planned restart repeats nothing.
FINISH_WITHIN = timedelta(seconds=25)

# Our pure folders load once per process instead of once per workflow run. Any other package that a
# workflow file reaches stops the worker when it starts.
SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "domain", "activities"
    ).with_import_notification_policy(
        Imports.WARN_ON_DYNAMIC_IMPORT | Imports.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateways:
    """Everything outside that the steps of an order need."""

    buyers: Buyers
    router: Router
    stock: Stock
    carriers: Carriers
    tracks: Tracks
    printers: Printers
    warehouses: Warehouses
    channels: SalesChannels
    invoices: Invoices
    books: Books
    alarm: Alarm


def build_worker(
    client: Client, queue: str, gateways: Gateways, threads: ThreadPoolExecutor
) -> Worker:
    """Wire workflows and activities to the given gateways."""
    label, handover = LabelActivities(gateways.carriers), HandOverActivities(gateways.warehouses)
    stock = StockActivities(gateways.stock)
    return Worker(
        client,
        task_queue=queue,
        workflows=[OrderWorkflow],
        activities=[
            RiskActivities(gateways.buyers).check,
            RoutingActivities(gateways.router).plan,
            stock.lock,
            stock.ship,
            stock.release,
            label.create,
            label.void,
            PrinterActivities(gateways.printers).print,
            handover.create,
            handover.cancel,
            ChannelActivities(gateways.channels).tell_shipped,
            LogisticsActivities(gateways.tracks).follow,
            InvoiceActivities(gateways.invoices).issue,
            VoucherActivities(gateways.books).book,
            AlertActivities(gateways.alarm).ring,
        ],
        activity_executor=threads,
        workflow_runner=SANDBOX,
        interceptors=[FaultInterceptor()],
        max_cached_workflows=2000,
        graceful_shutdown_timeout=FINISH_WITHIN,
        build_id="lifeline",  # otherwise the SDK hashes every loaded module at start
    )


def real_gateways(
    settings: Settings, http: httpx.AsyncClient, stock_http: httpx.Client
) -> Gateways:
    """Build the gateways that ``settings`` name."""
    hub = open_database(settings.hub.url)
    rules = load_routing(RULES)
    inventory = WmsInventory(settings.qimen, stock_http)
    stock = SqlStock(open_database(settings.stock.url), settings.stock, inventory)
    desk = CarrierDesk(
        SfCarrier(settings.sf, settings.label, http),
        Kuaidi100Carriers(settings.kuaidi100, settings.label, http),
        OrderBook(hub),
    )
    codes = tuple(warehouse.code for warehouse in rules.warehouses)
    return Gateways(
        buyers=BuyerBook(hub),
        router=RuleRouter(rules, Catalogue(hub), stock),
        stock=stock,
        carriers=desk,
        tracks=desk,
        printers=LabelDesk(settings.label, settings.printers, LabelStore(hub), codes),
        warehouses=QimenWarehouses(settings.qimen, http),
        channels=sales_channels.SalesChannels(
            {"miniprogram": MiniProgramShop(settings.miniprogram, http)}
        ),
        invoices=NuonuoInvoices(settings.nuonuo, http),
        books=KingdeeBooks(settings.kingdee, http),
        alarm=WecomAlarm(settings.wecom, http),
    )


async def serve(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what is under way."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    client = await connect(settings)
    with ThreadPoolExecutor(DATABASE_THREADS) as threads, httpx.Client() as stock_http:
        async with httpx.AsyncClient() as http:
            gateways = real_gateways(settings, http, stock_http)
            async with build_worker(client, settings.engine.task_queue, gateways, threads):
                await told.wait()


def main() -> None:
    """Run the worker process."""
    set_up_logs()
    asyncio.run(serve(Settings()))
    leave(0)


if __name__ == "__main__":
    main()
