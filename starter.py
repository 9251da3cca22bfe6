"""The front process: takes pushes in, keeps them, and opens or tells the orders' lives."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from domain.events import Door
from gateways.channel_shops import ChannelShops
from gateways.database import open_database
from gateways.exception_bell import ExceptionBell
from gateways.exceptions import ExceptionBook
from gateways.inbox import Inbox
from gateways.inbox_bell import InboxBell
from gateways.inbox_desk import InboxDesk
from gateways.key_ring import KeyRing
from gateways.kuaidi100_door import Kuaidi100Door
from gateways.mes_door import MesDoor
from gateways.mes_folder import MesFolder
from gateways.named_door import NamedDoor
from gateways.order_book import OrderBook
from gateways.pmc import listeners
from gateways.qimen_door import QimenDoor
from gateways.sf_door import SfDoor
from gateways.wecom import WecomAlarm
from gateways.wecom_callback import WecomDoor
from infra.codec import SealingCodec
from infra.connect import connect
from infra.departure import leave
from infra.logs import set_up_logs
from infra.schedules import keep_schedules
from rulebook.alerts import load_alerts
from settings import Settings
from web.bell import Bell
from web.codec import codec_app
from web.drain import Drain
from web.exceptions_api import exceptions_router
from web.handing import Handing
from web.health import health_router
from web.inbox_api import inbox_router
from web.intake import Intake
from web.mes_watch import MesWatch
from web.ops_side import OpsSide
from web.reception import Reception
from web.refusals import explain_refusals
from web.rounds import Rounds
from web.sessions import Sessions
from web.sign_in import sign_in_router
from web.staff import Staff
from web.telling import build_risk_desk, build_teller

RULES = Path(__file__).parent / "rules"
# How much the engine's file database may lose when the power goes: what the system has not written
# to the disk yet, half a minute as a rule.
POWER_CUT = timedelta(minutes=2)
STUMBLED_S = 5.0

log = structlog.get_logger()


def build_doors(settings: Settings, shops: ChannelShops) -> Mapping[str, Door]:
    """Tell every door that is always there by the path it stands at."""
    return {
        **shops.own_paths(),
        "/hooks/sf/{secret}": SfDoor(settings.sf),  # SF signs nothing: the path is the secret
        "/hooks/kuaidi100": Kuaidi100Door(settings.kuaidi100),
        "/hooks/qimen": QimenDoor(settings.qimen),
        "/hooks/mes": MesDoor(settings.mes),
        "/hooks/wecom": WecomDoor(settings.wecom_app),
    }


def build_app(settings: Settings) -> FastAPI:
    """Build the front's one application. It takes pushes in also while the engine is away."""
    hub, arrived, http = open_database(settings.hub.url), asyncio.Event(), httpx.AsyncClient()
    shops = ChannelShops.of(settings, hub, http)
    doors, inbox = build_doors(settings, shops), Inbox(hub)
    reception = Reception(OrderBook(hub))
    alarm = WecomAlarm(settings.wecom, http)  # one for both, so that they share its minute
    bell = Bell(InboxBell(hub), alarm)
    rounds = Rounds(ExceptionBell(hub, load_alerts(RULES)), alarm)
    floor = MesFolder(settings.mes.folder, MesDoor(settings.mes), inbox)
    watch = MesWatch(floor, arrived.set)
    sockets, ops = listeners(shops, inbox, arrived.set), OpsSide.of(hub)

    async def drain() -> None:
        client = await connect(settings, within_s=math.inf)
        ops.connected(settings, client)
        await asyncio.to_thread(inbox.again_last, POWER_CUT)
        officers = build_risk_desk(settings, hub, client, http)
        reception.opener = teller = build_teller(settings, hub, client, shops, officers)
        at_hand = (*doors.values(), NamedDoor())
        by_name = {**shops.doors, **{door.name: door for door in at_hand}}
        await Drain(inbox, Handing(doors=by_name.get, teller=teller), arrived).run()

    async def schedules() -> None:
        client = await connect(settings, within_s=math.inf)
        every, queue = settings.time.reconcile_every(), settings.engine.task_queue
        await keep_schedules(client, queue, every, shops.reconcilable)

    watches = (bell.run, rounds.run, watch.run, shops.watch.run)
    works = (drain, schedules, *watches, *(socket.run for socket in sockets))

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        at_work = [asyncio.create_task(forever(work)) for work in works]
        yield
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        await http.aclose()
        hub.dispose()

    app = FastAPI(title="Lifeline", lifespan=lifespan, docs_url=None, redoc_url=None)
    explain_refusals(app)
    intake = Intake(
        doors=doors, channel=shops.door, inbox=inbox, reception=reception, arrived=arrived.set
    )
    app.include_router(intake.router())
    app.include_router(health_router(inbox))
    let_staff_in(app, settings, hub, ops, arrived.set)
    return app


async def forever(work: Callable[[], Awaitable[None]]) -> None:
    """Begin again after a fault of our own: a front that takes pushes in must hand them on, too."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("work_stumbled")
        await asyncio.sleep(STUMBLED_S)


def let_staff_in(
    app: FastAPI, settings: Settings, hub: Engine, ops: OpsSide, arrived: Callable[[], None]
) -> None:
    """Add what is for staff alone: sign-in, inbox, exceptions, hands, what Temporal has sealed."""
    ring = KeyRing.of(settings.keys)
    sessions = Sessions(ring)
    staff = Staff(settings.staff, sessions)
    ui = [f"http://{host}:{settings.engine.ui_port}" for host in ("127.0.0.1", "localhost")]
    app.include_router(sign_in_router(staff, sessions))
    app.include_router(inbox_router(InboxDesk(hub), staff, arrived))
    app.include_router(exceptions_router(ExceptionBook(hub), staff))
    for router in ops.routers(staff):
        app.include_router(router)
    app.mount("/codec", codec_app(SealingCodec(ring), staff, ui))


def main() -> None:
    """Run the front process."""
    set_up_logs()
    settings = Settings()
    uvicorn.run(
        build_app(settings),
        host=settings.web.host,
        port=settings.web.port,
        log_level="warning",
        access_log=False,
    )
    leave(0)


if __name__ == "__main__":
    main()
