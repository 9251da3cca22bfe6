"""Lives one case: the order moves by itself, the world around it moves, and the script is told.

Nothing of the world moves before the order has thought over what it knows, so that a case is the
same life each time. (The server that skips time, other than the engine, also loses the task of an
order that gives a step up which ends at that very moment.)
"""

import asyncio
import contextlib
from datetime import timedelta

from temporalio import activity
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError

from domain.hands import ClaimDecision
from domain.order import Order
from domain.view import OrderView
from tests.fakes.hub import Hub
from tests.proof.cases import Case, Point
from tests.proof.injector import Injector
from tests.proof.outside import Outside
from tests.proof.scripts import Script
from tests.proof.sight import GLANCE_S, Sight

START = Point("start")
# Nothing moves: time passes, a little first, then more, up to the end of the after-sale window.
LADDER = tuple(
    timedelta(seconds=seconds) for seconds in (1, 31, 301, 1801, 3601, 14_401, 86_401, 700_000)
)


class Living:
    """One case under way."""

    def __init__(self, hub: Hub, injector: Injector, case: Case, order: Order) -> None:
        self._hub, self._injector, self._order = hub, injector, order
        self._outside = Outside(hub, order, self._announced)
        self._to_tell = [(case.point, case.script), *case.later]
        self._first_word = asyncio.Event()
        self.sight = Sight(hub.client, order.id)
        point = case.point
        if point.moment is not None:
            injector.point, injector.happens = (point.name, point.moment), self._tell_meanwhile
        if any(point == START for point, _ in self._to_tell):
            injector.holds_far = self._heard

    async def through(self) -> None:
        """Live it to where nothing is left to do."""
        await self._hub.accept(self._order)
        while await self._announced("start"):
            pass
        await self._until_over()
        while await self._announced("closed"):
            await self._until_over()
        while self._to_tell:  # its point never came: the script is told late, and must do no harm
            await self._tell(*self._to_tell[0])
            await self._until_over()

    async def _until_over(self) -> None:
        step = 0
        while await self.sight.life() is not None:
            if (view := await self._settled()) is None:
                continue  # over meanwhile, or too busy to be looked at
            if await self._outside.move() or await self._acts(view):
                step = 0
                continue
            await self._hub.env.sleep(LADDER[min(step, len(LADDER) - 1)])
            step += 1

    async def _settled(self, at_work: int = 0) -> OrderView | None:
        """Look at the order once it has thought, and no more is at work."""
        while True:
            passed = self._injector.begun
            if not await self.sight.is_thinking() and self._injector.at_work <= at_work:
                view = await self.sight.view()
                if passed == self._injector.begun:
                    return view
            await asyncio.sleep(GLANCE_S)

    async def _acts(self, view: OrderView) -> bool:
        life = await self.sight.life()
        if life is None or (hand := await self._outside.decide(view)) is None:
            return False
        update = "decide_claim" if isinstance(hand, ClaimDecision) else "resolve"
        with contextlib.suppress(WorkflowUpdateFailedError, RPCError):
            await life.execute_update(update, hand)
            return True
        return False

    async def _announced(self, event: str) -> bool:
        """Play the next script whose point this is; tell whether one was played just now."""
        for point, script in self._to_tell:
            if point == Point(event):
                await self._tell(point, script)
                return True
        return False

    async def _tell_meanwhile(self) -> None:
        """Play the first script while one step is under way, and hold every far step so long.

        A near step is part of the order's own task: the order thinks as long as it is under way.
        """
        self._injector.holds_far = self._heard
        if activity.info().is_local:
            await self._tell(*self._to_tell[0], at_work=None)
        else:
            await self._settled(at_work=1)
            await self._tell(*self._to_tell[0], at_work=1)

    async def _heard(self) -> None:
        """Wait until the order has thought over the first word that it was told."""
        await self._first_word.wait()
        await self.sight.thought()
        self._injector.holds_far = None

    async def _tell(self, point: Point, script: Script, at_work: int | None = 0) -> None:
        """Play a script, each word as a push would tell it; the order settles before the next."""
        self._to_tell.remove((point, script))
        for move in script.moves:
            claim = move(self._hub.shop, self._order)
            await self._hub.lives().refunded(self._order.id, claim)
            self._first_word.set()
            if at_work is not None:
                await self._settled(at_work)
        for hand in script.hands:
            with contextlib.suppress(WorkflowUpdateFailedError, RPCError):  # it may be refused
                await hand(self._hub.accepted[0])
            self._first_word.set()
