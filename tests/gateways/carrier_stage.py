"""The scenery of the carriers' tests: a parcel to send, and a sandbox with a hub that listens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.clock import utc_now
from domain.events import Door, Event, ParcelScanned, Push
from domain.order import OrderId, Receiver
from domain.parcel import Band, Dispatch, Item, Milestone, Parcel, Waybill
from gateways.kuaidi100_door import Kuaidi100Door
from gateways.sf_door import SfDoor
from infra.sandbox.app import build_app
from infra.sandbox.partner import Surroundings
from infra.sandbox.partners import kuaidi100, sf
from infra.sandbox.world import World
from settings import Kuaidi100, Sf
from tests.serving import served

A_MONTH_IN_THE_BLINK_OF_AN_EYE = 5_000_000.0

RECEIVER = Receiver(
    name="王小明",
    phone="13800001234",
    province="浙江省",
    city="杭州市",
    district="西湖区",
    address="文三路 90 号 ~3 幢*",
    place=None,
)
MILK = Item(
    line_no=1,
    sku="860933",
    name="鲜牛奶 950ml",
    quantity=2,
    band=Band.CHILLED,
    weight_g=1000,
    volume_cm3=1100,
    paid_fen=2400,
)


def a_dispatch(carrier: str, number: str = "77", no: int = 1) -> Dispatch:
    """A parcel of milk for Xihu."""
    parcel = Parcel(
        order_id=OrderId(f"miniprogram/{number}"),
        no=no,
        warehouse="HZ-XH",
        carrier=carrier,
        items=(MILK,),
    )
    return Dispatch(parcel=parcel, receiver=RECEIVER)


class Hub:
    """Listens where the hub would, through the real doors, and keeps what was believed."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []
        self.delivered = asyncio.Event()
        self._doors: dict[str, Door] = {"sf": SfDoor(Sf()), "kuaidi100": Kuaidi100Door(Kuaidi100())}
        route = Route("/hooks/{rest:path}", self._take, methods=["POST"])
        self.app = Starlette(routes=[route])

    async def _take(self, request: Request) -> Response:
        push = Push(
            path=request.url.path,
            headers=dict(request.headers),
            query=dict(request.query_params),
            body=await request.body(),
            received_at=utc_now(),
        )
        door = self._doors[push.path.split("/")[2]]
        door.verify(push)
        self.pushes.append(push)
        if Milestone.DELIVERED in milestones(door.read(push)):
            self.delivered.set()
        answer = door.accept()
        return Response(answer.body, answer.status, media_type=answer.media_type)


def milestones(events: Iterable[Event]) -> list[Milestone]:
    """Tell what scans say, in their order."""
    scanned = [event for event in events if isinstance(event, ParcelScanned)]
    return [scan.milestone for event in scanned for scan in event.scans]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything of one test."""

    url: str
    world: World
    hub: Hub
    http: httpx.AsyncClient

    async def deliver(self, dispatch: Dispatch, waybill: Waybill) -> None:
        """Let the warehouse send a parcel, and wait until its carrier says "delivered"."""
        await self.leave(replace(dispatch, waybill=waybill))
        await self.delivered()

    async def leave(self, dispatch: Dispatch) -> None:
        """Let the warehouse send a parcel."""
        waybill = dispatch.waybill
        assert waybill is not None
        news = {
            "parcel_key": dispatch.parcel.key,
            "warehouse": dispatch.parcel.warehouse,
            "carrier": waybill.carrier,
            "waybill": waybill.number,
        }
        await self.world.tell("left_warehouse", news)

    async def delivered(self) -> None:
        """Wait until a carrier says "delivered"; a carrier that never does fails the test."""
        async with asyncio.timeout(30):
            await self.hub.delivered.wait()


@contextlib.asynccontextmanager
async def staged(
    var: Path, *, speed: float = A_MONTH_IN_THE_BLINK_OF_AN_EYE
) -> AsyncIterator[Stage]:
    """Serve a hub, and the two carriers' sandbox that pushes to it."""
    hub = Hub()
    async with served(hub.app) as hub_url, httpx.AsyncClient() as http:
        world = World(var, speed=speed, seed=7, hub_url=hub_url)
        surroundings = Surroundings(world=world, http=http)
        partners = [sf.build(surroundings), kuaidi100.build(surroundings)]
        async with served(build_app(world, partners, [])) as url:
            yield Stage(url=url, world=world, hub=hub, http=http)
        await _recall_pushes()
        for ledger in world.ledgers.values():
            ledger.close()


async def _recall_pushes() -> None:
    """End pushes that are still on their way, so that none meets a closed ledger."""
    pushing = [
        task
        for task in asyncio.all_tasks()
        if "_until_acknowledged" in getattr(task.get_coro(), "__name__", "")
    ]
    for task in pushing:
        task.cancel()
    await asyncio.gather(*pushing, return_exceptions=True)


def sf_settings(stage: Stage) -> Sf:
    return Sf(url=f"{stage.url}/sf/std/service")


def kuaidi100_settings(stage: Stage) -> Kuaidi100:
    base = f"{stage.url}/kuaidi100"
    return Kuaidi100(
        query_url=f"{base}/poll/query.do",
        subscribe_url=f"{base}/poll",
        order_url=f"{base}/label/order",
        callback_url=f"{stage.world.hub_url}/hooks/kuaidi100",
    )
