"""Builds whoever tells orders what happened: for the drain, and for reconciliation."""

import httpx
from sqlalchemy import Engine
from temporalio.client import Client

from gateways.buyers import BuyerBook
from gateways.channel_shops import ChannelShops
from gateways.inbox import Inbox
from gateways.order_book import OrderBook
from gateways.wecom_app import WecomCards
from rulebook.risk import standard_risk
from settings import Settings
from web.buyers import Listeners
from web.guards import Guards
from web.lives import Lives
from web.officer import NoOfficers, Officers, RiskDesk
from web.sights import Sights
from web.teller import Teller


def build_teller(
    settings: Settings,
    hub: Engine,
    client: Client,
    shops: ChannelShops,
    officers: Officers | None = None,
) -> Teller:
    """Build a teller for a hub's own database, engine and channels."""
    book = OrderBook(hub)
    lives = build_lives(settings, client)
    sights = Sights(book=book, lives=lives, settled=Inbox(hub).go_on)
    return Teller(
        book=book,
        lives=lives,
        sights=sights,
        shops=shops,
        guards=build_guards(settings, client),
        officers=officers or NoOfficers(),
    )


def build_lives(settings: Settings, client: Client) -> Lives:
    """Build whoever speaks with the lives of orders."""
    return Lives(client=client, task_queue=settings.engine.task_queue, pace=settings.time.pace())


def build_listeners(settings: Settings, client: Client) -> Listeners:
    """Build whoever must hear that a buyer may order again."""
    return Listeners(guards=build_guards(settings, client), orders=build_lives(settings, client))


def build_guards(settings: Settings, client: Client) -> Guards:
    """Build whoever speaks with the guards of buyers."""
    return Guards(
        client=client,
        task_queue=settings.engine.task_queue,
        rule=standard_risk(),
        speed=settings.time.speed,
    )


def build_risk_desk(
    settings: Settings, hub: Engine, client: Client, http: httpx.AsyncClient
) -> RiskDesk:
    """Build whoever answers the officers' cards."""
    return RiskDesk(
        guards=build_guards(settings, client),
        cards=WecomCards(settings.wecom_app, http),
        orders=OrderBook(hub),
        acts=BuyerBook(hub),
    )
