"""Takes pushes in: prove, keep, answer. Only who asks for a decision waits for the engine.

Verify over the raw bytes → keep the raw push under its key → commit → answer in the partner's own
form. What becomes of it is the drain's business.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

import structlog
from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse

from domain.acceptance import Acceptance, Decision
from domain.errors import ForgedPush, GatewayBusy, GatewayRefused, Untranslatable
from domain.events import LATER, Answer, AskingDoor, Door, GreetingDoor, Push
from domain.order import Order
from web.reading import TurnedAway, read_push
from web.reception import Reception
from web.sights import Verdict, check_name
from web.stumble import log_stumble

CHANNEL_PATH = "/hooks/{channel}"
CHANNEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")  # also a folder's name: nothing else gets on
FORGED, NOT_FOUND, NOT_THIS_WAY, AWAY = 401, 404, 405, 503

log = structlog.get_logger()


class Keeper(Protocol):
    """What intake needs from the inbox: each call has committed when it returns."""

    def keep(self, door: str, key: str, push: Push) -> bool: ...
    def keep_claimed(self, door: str, key: str, push: Push) -> int | None: ...
    def done(self, push_id: int, order_id: str | None = None) -> None: ...
    def release(self, push_id: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Serves every door.

    Attributes:
        doors: The doors that are always there, each by its path.
        channel: Finds a sales channel's door by the channel's name, each time anew.
        arrived: Told after each push that is for the drain.
    """

    doors: Mapping[str, Door]
    channel: Callable[[str], Door | None]
    inbox: Keeper
    reception: Reception
    arrived: Callable[[], None]

    def router(self) -> APIRouter:
        """Tell the routes: one POST for each door, and one for all channels."""
        router = APIRouter()
        for path in self.doors:
            router.add_api_route(path, self.take, methods=["POST"], include_in_schema=False)
            router.add_api_route(path, self.greet, methods=["GET"], include_in_schema=False)
        router.add_api_route(
            CHANNEL_PATH, self.take_channel, methods=["POST"], include_in_schema=False
        )
        router.add_api_route(CHANNEL_PATH, self.greet, methods=["GET"], include_in_schema=False)
        return router

    async def greet(self, request: Request) -> Response:
        """Tell a platform that asks whether this address is ours; others only push."""
        try:
            door = self.doors.get(request.scope["route"].path) or self._channel(request)
            query = dict(request.query_params)
            answer = door.greet(query) if isinstance(door, GreetingDoor) else None
        except ForgedPush as fault:
            return PlainTextResponse(str(fault), FORGED)
        except (GatewayBusy, GatewayRefused) as fault:
            log.warning("greeting_not_answered", fault=str(fault))
            return PlainTextResponse(LATER, AWAY)
        except TurnedAway:
            answer = None
        if answer is None:
            return PlainTextResponse("这里只接收 POST 推送", NOT_THIS_WAY)
        return Response(answer.body, answer.status, media_type=answer.media_type)

    async def take(self, request: Request) -> Response:
        """Take one push in at a door that is always there."""
        return await self._take(request, self.doors[request.scope["route"].path])

    async def take_channel(self, request: Request) -> Response:
        """Take one push of a sales channel in."""
        try:
            door = self._channel(request)
        except TurnedAway as fault:
            return PlainTextResponse(str(fault), fault.status)
        return await self._take(request, door)

    def _channel(self, request: Request) -> Door:
        """Find the door that a path names; ``TurnedAway`` when there is none, or none now."""
        name = request.path_params["channel"]
        try:
            door = self.channel(name) if CHANNEL_NAME.fullmatch(name) else None
        except (GatewayBusy, GatewayRefused) as fault:
            log.warning("channel_out_of_reach", channel=name, fault=str(fault))
            raise TurnedAway(AWAY, LATER) from fault
        if door is None:
            raise TurnedAway(NOT_FOUND, "没有这个渠道:请核对推送地址,或先配置渠道")
        return door

    async def _take(self, request: Request, door: Door) -> Response:
        try:
            push = await read_push(request, door)
            answer = _doubt(door, push) or await self._keep(door, push)
        except TurnedAway as fault:
            return PlainTextResponse(str(fault), fault.status)
        except (GatewayBusy, GatewayRefused) as fault:
            log.warning("push_not_kept", door=door.name, fault=str(fault))
            answer = _later(door)
        return Response(answer.body, answer.status, media_type=answer.media_type)

    async def _keep(self, door: Door, push: Push) -> Answer:
        """Keep a push that is genuine, and answer it."""
        key, order, fault = _read(door, push)
        if isinstance(door, AskingDoor) and order is not None:
            return door.decided(await self._ask(door, key, push, order))
        await self._keep_for_drain(door, key, push)
        # It is genuine, so it is kept for a person although its sender is told what is wrong.
        return door.accept() if fault is None else door.refuse(str(fault))

    async def _ask(self, door: Door, key: str, push: Push, order: Order) -> Decision:
        """Keep a push and get its order decided; without a decision the drain goes on with it."""
        if known := await self.reception.known(order.id):
            await self._keep_for_drain(door, key, push)
            return known
        push_id = await asyncio.to_thread(self.inbox.keep_claimed, door.name, key, push)
        verdict = await self.reception.decide(order)
        if push_id is not None:
            with contextlib.suppress(GatewayBusy):  # the claim lapses, and the drain goes on
                await self._let_go(push_id, order, verdict)
        return verdict.decision

    async def _let_go(self, push_id: int, order: Order, verdict: Verdict) -> None:
        decided = verdict.decision.acceptance is not Acceptance.PENDING
        if decided and verdict.is_whole:
            await asyncio.to_thread(self.inbox.done, push_id, order.id)
        else:
            await asyncio.to_thread(self.inbox.release, push_id)
            self.arrived()

    async def _keep_for_drain(self, door: Door, key: str, push: Push) -> None:
        if await asyncio.to_thread(self.inbox.keep, door.name, key, push):
            self.arrived()


def _doubt(door: Door, push: Push) -> Answer | None:
    """Refuse what the partner did not sign; ``None`` when it did."""
    try:
        door.verify(push)
    except ForgedPush as fault:
        log.warning("push_forged", door=door.name)
        return door.refuse(str(fault))
    except (GatewayBusy, GatewayRefused):
        raise
    except Exception as bug:  # noqa: BLE001 - it is logged, without what it says
        # A stranger's bytes have found a fault of ours. They prove nothing, so they stay out.
        log_stumble("door_stumbled", bug, door=door.name)
        return door.refuse("签名无法核对")
    return None


def _later(door: Door) -> Answer:
    """Ask the partner to push again: nothing was kept."""
    try:
        return replace(door.refuse(LATER), status=AWAY)
    except (GatewayBusy, GatewayRefused):  # a channel whose mapping is out of reach just now
        return Answer(body=LATER.encode(), media_type="text/plain", status=AWAY)


def _read(door: Door, push: Push) -> tuple[str, Order | None, Untranslatable | None]:
    """Tell a genuine push's name, the order that somebody waits for, and the field that is wrong.

    What the door can't read has a name all the same: it must not be lost.
    """
    key = _unreadable(push)
    try:
        key = door.key(push)
        return key, _opening(door, push), None
    except Untranslatable as fault:
        return key, None, fault
    except (GatewayBusy, GatewayRefused):
        raise
    except Exception as bug:  # noqa: BLE001 - it is logged, without what it says
        log_stumble("door_stumbled", bug, door=door.name)  # so will the drain, and park it
        return key, None, None


def _opening(door: Door, push: Push) -> Order | None:
    """Tell the order that somebody waits for, if anybody does."""
    order = door.opening(push) if isinstance(door, AskingDoor) else None
    if order is not None:
        check_name(order.id)
    return order


def _unreadable(push: Push) -> str:
    return f"unreadable/{sha256(push.body).hexdigest()}"
