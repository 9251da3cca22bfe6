"""The front process: takes pushes in, keeps them, and opens or tells the orders' lives."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from functools import partial

import uvicorn
from fastapi import FastAPI

from channels.buyer import buyer_key
from domain.events import Door
from gateways.database import open_database
from gateways.inbox import Inbox
from gateways.kuaidi100_door import Kuaidi100Door
from gateways.miniprogram import MiniProgramDoor
from gateways.order_book import OrderBook
from gateways.qimen_door import QimenDoor
from gateways.sf_door import SfDoor
from infra.connect import connect
from infra.departure import leave
from infra.logs import set_up_logs
from settings import Settings
from web.drain import Drain
from web.health import health_router
from web.intake import Intake
from web.lives import Lives
from web.teller import Teller

# How much the engine's file database may lose when the power goes: what the system has not written
# to the disk yet, half a minute as a rule.
POWER_CUT = timedelta(minutes=2)


def build_doors(settings: Settings) -> Mapping[str, Door]:
    """Tell every door by the path it stands at."""
    keyed = partial(buyer_key, settings.buyer_secret.get_secret_value().encode())
    return {
        "/api/order/create": MiniProgramDoor(settings.miniprogram, keyed),
        "/hooks/sf/{secret}": SfDoor(settings.sf),  # SF signs nothing: the path is the secret
        "/hooks/kuaidi100": Kuaidi100Door(settings.kuaidi100),
        "/hooks/qimen": QimenDoor(settings.qimen),
    }


def build_app(settings: Settings) -> FastAPI:
    """Build the front's one application. It takes pushes in also while the engine is away."""
    hub, arrived = open_database(settings.hub.url), asyncio.Event()
    inbox, doors = Inbox(hub), build_doors(settings)

    async def drain() -> None:
        client = await connect(settings, within_s=math.inf)
        await asyncio.to_thread(inbox.again_last, POWER_CUT)
        lives = Lives(
            client=client, task_queue=settings.engine.task_queue, pace=settings.time.pace()
        )
        await Drain(inbox, doors, Teller(book=OrderBook(hub), lives=lives), arrived).run()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        draining = asyncio.create_task(drain())
        yield
        draining.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await draining
        hub.dispose()

    app = FastAPI(title="Lifeline", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.include_router(Intake(doors, inbox, arrived.set).router())
    app.include_router(health_router(inbox))
    return app


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
