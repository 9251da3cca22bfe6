"""A front over HTTP, in this process: its intake, an inbox, and an engine in memory."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine

from domain.events import Door
from gateways.inbox import Inbox
from gateways.inbox_desk import Entry, InboxDesk
from gateways.order_book import OrderBook
from tests.web.corner import AskingCorner, CornerDoor, signed
from tests.web.lives import LivesInMemory
from tests.web.shops import ShopsInMemory
from web.intake import Intake, Keeper
from web.reception import Reception
from web.sights import Sights
from web.teller import Teller

ASKING, PLAIN = "/api/order/create", "/hooks/plain"


@dataclass
class Front:
    """What a partner meets, and what is behind it."""

    http: httpx.AsyncClient
    inbox: Inbox
    desk: InboxDesk
    book: OrderBook
    lives: LivesInMemory
    reception: Reception
    channels: dict[str, Door] = field(default_factory=dict)
    arrivals: list[None] = field(default_factory=list)

    def kept(self) -> list[bytes]:
        return [self.desk.content(entry.id).body for entry in self.entries()]

    def entries(self) -> list[Entry]:
        return self.desk.entries(limit=500)

    async def push(self, path: str, body: bytes, **headers: str) -> httpx.Response:
        """Push as the corner shop does."""
        said = {**signed(body), **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await self.http.post(path, content=body, headers=said)


@contextlib.asynccontextmanager
async def fronted(
    hub: Engine,
    doors: Mapping[str, Door] | None = None,
    keeper: Keeper | None = None,
    channel: Callable[[str], Door | None] | None = None,
) -> AsyncIterator[Front]:
    """Open a front; without ``doors`` the corner shop has one that asks and one that does not."""
    inbox, book, lives = Inbox(hub), OrderBook(hub), LivesInMemory()
    sights = Sights(book=book, lives=lives, settled=inbox.go_on)
    teller = Teller(book=book, lives=lives, sights=sights, shops=ShopsInMemory())
    reception = Reception(book, teller)
    app = FastAPI(docs_url=None, redoc_url=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as http:
        front = Front(http, inbox, InboxDesk(hub), book, lives, reception)
        intake = Intake(
            doors=doors or {ASKING: AskingCorner(), PLAIN: CornerDoor("plain")},
            channel=channel or front.channels.get,
            inbox=keeper or inbox,
            reception=reception,
            arrived=lambda: front.arrivals.append(None),
        )
        app.include_router(intake.router())
        yield front
