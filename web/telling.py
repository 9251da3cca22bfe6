"""Builds whoever tells orders what happened: for the drain, and for reconciliation."""

from sqlalchemy import Engine
from temporalio.client import Client

from gateways.channel_shops import ChannelShops
from gateways.inbox import Inbox
from gateways.order_book import OrderBook
from settings import Settings
from web.lives import Lives
from web.sights import Sights
from web.teller import Teller


def build_teller(settings: Settings, hub: Engine, client: Client, shops: ChannelShops) -> Teller:
    """Build a teller for a hub's own database, engine and channels."""
    book = OrderBook(hub)
    lives = Lives(client=client, task_queue=settings.engine.task_queue, pace=settings.time.pace())
    sights = Sights(book=book, lives=lives, settled=Inbox(hub).go_on)
    return Teller(book=book, lives=lives, sights=sights, shops=shops)
