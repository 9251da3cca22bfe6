"""A sales channel of the sandbox, and the hub's side of it, in one process."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.sheets import FOLDER
from domain.clock import utc_now
from domain.events import Push
from gateways.channel_acts import ChannelActs
from gateways.channel_shelf import ChannelShelf
from gateways.channel_shop import ChannelShop
from gateways.channel_shops import ChannelShops, Outfit
from gateways.channel_tokens import ChannelTokens
from gateways.database import open_database
from gateways.field_watch import FieldWatch
from gateways.key_ring import KeyRing
from infra.migrate import migrate_hub
from infra.sandbox.app import build_app
from infra.sandbox.faults import FaultPlan
from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners import douyin, miniprogram, pinduoduo, youzan
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.world import World
from rulebook.waybills import standard_numbers
from settings import CHANNELS, Keys
from tests.serving import served

BUILDERS: dict[str, Callable[[Surroundings], Partner]] = {
    "miniprogram": miniprogram.build,
    "pinduoduo": pinduoduo.build,
    "douyin": douyin.build,
    "youzan": youzan.build,
}
BASE = "http://127.0.0.1:8090"


@dataclass
class Heard:
    """Every push that came to the hub, answered as a hub that takes them would."""

    pushes: list[Push] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """Keep a push and say "got it"."""
        push = Push(
            path=request.url.path,
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query_params),
            body=await request.body(),
            received_at=utc_now(),
        )
        self.pushes.append(push)
        return Response(b'{"code": 0, "msg": "success"}', media_type="application/json")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One channel, from both sides."""

    name: str
    world: World
    shops: ChannelShops
    heard: Heard

    @property
    def shop(self) -> ChannelShop:
        """The hub's side."""
        return self.shops.shop(self.name)

    @property
    def ledger(self) -> Ledger:
        """The channel's own book."""
        return self.world.open_ledger(self.name)

    @property
    def plan(self) -> FaultPlan:
        """The channel's faults."""
        return self.world.plan_of(self.name)

    async def sell(self, n: int = 1) -> Doc:
        """Let a buyer order the n-th sample."""
        order = SampleOrders(7).order(n, self.name)
        await self.world.tell("buyer_ordered", order)
        return order

    async def do(self, deed: str, **what: object) -> None:
        """Let a buyer, or the platform, do something."""
        await self.world.tell(deed, {"channel": self.name, **what})


@contextlib.asynccontextmanager
async def on_stage(name: str, folder: Path, mappings: Path = FOLDER) -> AsyncIterator[Stage]:
    """Set up one channel; ``mappings`` are the house's own unless a test changed them."""
    heard = Heard()
    hooks = [
        Route("/hooks/{channel}", heard.take, methods=["POST"]),
        Route("/api/order/create", heard.take, methods=["POST"]),
    ]
    url = f"sqlite:///{folder / 'hub.sqlite'}"
    migrate_hub(url)
    engine = open_database(url)
    async with (
        served(Starlette(routes=hooks)) as hub_url,
        httpx.AsyncClient(trust_env=False) as outside,
    ):
        world = World(folder / "sandbox", speed=1, seed=7, hub_url=hub_url)
        partner = BUILDERS[name](Surroundings(world=world, http=outside))
        async with served(build_app(world, [partner], [])) as base, httpx.AsyncClient() as http:
            there = CHANNELS[name]
            settings = {
                name: there.model_copy(
                    update={
                        "url": there.url.replace(BASE, base),
                        "socket_url": there.socket_url.replace(BASE, base),
                    }
                )
            }
            yield Stage(
                name=name,
                world=world,
                heard=heard,
                shops=ChannelShops.built(
                    settings,
                    ChannelShelf(ChannelActs(engine), mappings),
                    Outfit(
                        tokens=ChannelTokens(engine, KeyRing.of(Keys())),
                        numbers=standard_numbers(),
                        buyer_key=lambda buyer: f"hash of {buyer}",
                        watch=FieldWatch(engine),
                        http=http,
                    ),
                ),
            )
    engine.dispose()
    for ledger in world.ledgers.values():
        ledger.close()
