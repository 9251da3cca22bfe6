"""The worker process: builds the real gateways once, then serves the hub's task queue."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from sqlalchemy import Engine
from temporalio.client import Client

from gateways.allotting import AllottingChannels
from gateways.buyers import BuyerBook
from gateways.carriers import CarrierDesk
from gateways.catalogue import Catalogue
from gateways.channel_shops import ChannelShops
from gateways.database import open_database
from gateways.erp import ErpRelay
from gateways.exception_alarm import ExceptionAlarm
from gateways.exceptions import ExceptionBook
from gateways.inbox import Inbox
from gateways.kingdee import KingdeeBooks
from gateways.kingdee_risk import KingdeeRisk
from gateways.kuaidi100 import Kuaidi100Carriers
from gateways.label_desk import LabelDesk
from gateways.label_store import LabelStore
from gateways.nuonuo import NuonuoInvoices
from gateways.order_book import OrderBook
from gateways.qimen import QimenWarehouses
from gateways.qimen_returns import QimenReturns
from gateways.qimen_stock import WmsInventory
from gateways.reconciliations import ReconciliationBook
from gateways.router import RuleRouter
from gateways.sf import SfExpress
from gateways.stock import SqlStock
from gateways.unsealed import UnsealingCarriers, UnsealingPrinters
from gateways.wecom_app import WecomCards
from gateways.write_offs import WriteOffBook
from infra.connect import connect
from infra.crew import Gateways, build_worker
from infra.departure import leave
from infra.house import WORKER_PULSE
from infra.logs import set_up_logs
from infra.pulse import beat
from rulebook.alerts import load_alerts
from rulebook.claims import load_claim_rules
from rulebook.erp import load_erp
from rulebook.routing import load_routing
from settings import Settings
from web.reconciler import ChannelReconciler
from web.telling import build_lives, build_teller

RULES = Path(__file__).parent / "rules"
DATABASE_THREADS = 8


def real_gateways(
    settings: Settings,
    hub: Engine,
    client: Client,
    shops: ChannelShops,
    http: httpx.AsyncClient,
    stock_http: httpx.Client,
) -> Gateways:
    """Build the gateways that ``settings`` name."""
    rules, book = load_routing(RULES), OrderBook(hub)
    inventory = WmsInventory(settings.qimen, stock_http)
    stock = SqlStock(open_database(settings.stock.url), settings.stock, inventory)
    desk = CarrierDesk(
        SfExpress(settings.sf, settings.label, http),
        Kuaidi100Carriers(settings.kuaidi100, settings.label, http),
        book,
    )
    codes = tuple(warehouse.code for warehouse in rules.warehouses)
    return Gateways(
        buyers=BuyerBook(hub),
        router=RuleRouter(rules, Catalogue(hub), stock),
        stock=stock,
        carriers=UnsealingCarriers(desk, shops),
        tracks=desk,
        interceptors=desk,
        printers=UnsealingPrinters(
            LabelDesk(settings.label, settings.printers, LabelStore(hub), codes), shops
        ),
        warehouses=QimenWarehouses(settings.qimen, http),
        returns=QimenReturns(settings.qimen, http),
        channels=AllottingChannels(shops, book),
        invoices=NuonuoInvoices(settings.nuonuo, http),
        books=KingdeeBooks(settings.kingdee, http),
        claim_rules=load_claim_rules(RULES),
        write_offs=WriteOffBook(hub),
        alarm=ExceptionAlarm(ExceptionBook(hub), load_alerts(RULES)),
        erp=ErpRelay(settings.erp, load_erp(RULES), http),
        reconciler=build_reconciler(settings, hub, client, shops),
        freezer=BuyerBook(hub),
        cards=WecomCards(settings.wecom_app, http),
        marks=KingdeeRisk(settings.kingdee, http),
        held_orders=build_lives(settings, client),
    )


def build_reconciler(
    settings: Settings, hub: Engine, client: Client, shops: ChannelShops
) -> ChannelReconciler:
    """Build whoever looks for what the pushes missed."""
    return ChannelReconciler(
        lister=shops.shop,
        teller=build_teller(settings, hub, client, shops),
        book=ReconciliationBook(hub),
        inbox=Inbox(hub),
        overlap=settings.time.reconcile_overlap(),
    )


async def serve(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what is under way."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    client = await connect(settings)
    with ThreadPoolExecutor(DATABASE_THREADS) as threads, httpx.Client() as stock_http:
        async with httpx.AsyncClient() as http:
            hub = open_database(settings.hub.url)
            shops = ChannelShops.of(settings, hub, http)
            gateways = real_gateways(settings, hub, client, shops, http, stock_http)
            async with build_worker(client, settings.engine.task_queue, gateways, threads):
                works = (beat(settings.var / WORKER_PULSE), shops.watch.run())
                beside = [asyncio.create_task(work) for work in works]
                await told.wait()
                for task in beside:
                    task.cancel()


def main() -> None:
    """Run the worker process."""
    set_up_logs()
    asyncio.run(serve(Settings()))
    leave(0)


if __name__ == "__main__":
    main()
