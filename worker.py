"""The worker process: builds the real gateways once, then serves the hub's task queue."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from gateways import sales_channels
from gateways.buyers import BuyerBook
from gateways.carriers import CarrierDesk
from gateways.catalogue import Catalogue
from gateways.database import open_database
from gateways.kingdee import KingdeeBooks
from gateways.kuaidi100 import Kuaidi100Carriers
from gateways.label_desk import LabelDesk
from gateways.label_store import LabelStore
from gateways.miniprogram import MiniProgramShop
from gateways.nuonuo import NuonuoInvoices
from gateways.order_book import OrderBook
from gateways.qimen import QimenWarehouses
from gateways.qimen_stock import WmsInventory
from gateways.router import RuleRouter
from gateways.sf import SfExpress
from gateways.stock import SqlStock
from gateways.wecom import WecomAlarm
from infra.connect import connect
from infra.crew import Gateways, build_worker
from infra.departure import leave
from infra.house import WORKER_PULSE
from infra.logs import set_up_logs
from infra.pulse import beat
from rulebook.routing import load_routing
from settings import Settings

RULES = Path(__file__).parent / "rules"
DATABASE_THREADS = 8


def real_gateways(
    settings: Settings, http: httpx.AsyncClient, stock_http: httpx.Client
) -> Gateways:
    """Build the gateways that ``settings`` name."""
    hub = open_database(settings.hub.url)
    rules = load_routing(RULES)
    inventory = WmsInventory(settings.qimen, stock_http)
    stock = SqlStock(open_database(settings.stock.url), settings.stock, inventory)
    desk = CarrierDesk(
        SfExpress(settings.sf, settings.label, http),
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
                pulse = asyncio.create_task(beat(settings.var / WORKER_PULSE))
                await told.wait()
                pulse.cancel()


def main() -> None:
    """Run the worker process."""
    set_up_logs()
    asyncio.run(serve(Settings()))
    leave(0)


if __name__ == "__main__":
    main()
