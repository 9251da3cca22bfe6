"""All that staff do over HTTP to orders and buyers, put together for the front."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import Engine
from temporalio.client import Client

from gateways.buyer_acts import BuyerActs
from gateways.buyers import BuyerBook
from settings import Settings
from web.bulk_api import bulk_router
from web.buyers import Buyers
from web.buyers_api import buyers_router
from web.hands import Hands
from web.ops_api import ops_router
from web.staff import Staff
from web.telling import build_listeners


@dataclass(frozen=True, slots=True, kw_only=True)
class OpsSide:
    """The hands on orders and buyers; until the engine is connected they answer "busy"."""

    hands: Hands
    buyers: Buyers

    @classmethod
    def of(cls, hub: Engine) -> "OpsSide":
        """Build it for a hub's own database."""
        return cls(hands=Hands(), buyers=Buyers(BuyerBook(hub), BuyerActs(hub)))

    def connected(self, settings: Settings, client: Client) -> None:
        """Take the engine, once it is there."""
        self.hands.client = client
        self.buyers.listeners = build_listeners(settings, client)

    def routers(self, staff: Staff) -> Sequence[APIRouter]:
        """Tell what is served, each to who has the role for it."""
        return (
            ops_router(self.hands, staff),
            bulk_router(self.hands, staff),
            buyers_router(self.buyers, staff),
        )
