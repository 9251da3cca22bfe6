"""Lives one case from its start to where nothing is left to do, and has the auditor judge it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from domain.hands import ClaimDecision
from domain.lifecycle import OrderStage
from domain.order import Order
from domain.view import OrderView
from infra.auditor.audit import PROMISES
from infra.auditor.evidence import Evidence
from tests.fakes.hub import Hub
from tests.fakes.invoices import FakeInvoices
from tests.fakes.orders import an_order
from tests.proof.cases import Case, Point
from tests.proof.evidence import evidence_of
from tests.proof.injector import Injector
from tests.proof.outside import Outside
from web.after_sales import after_sale_id, workflow_id
from workflows.order import OrderWorkflow

DEADLINE_S = 8
# Nothing moves: time passes, a little first, then more, up to the end of the after-sale window.
LADDER = tuple(
    timedelta(seconds=seconds) for seconds in (1, 31, 301, 1801, 3601, 14_401, 86_401, 700_000)
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case."""

    case: Case
    checks: int
    wrong: tuple[str, ...]
    steps: tuple[str, ...] = field(default=())
    broken: frozenset[int] = field(default=frozenset())  # promises, by their number
    is_stuck: bool = False


Tamper = Callable[[Hub], None]


@contextlib.asynccontextmanager
async def hub_with(env: WorkflowEnvironment, injector: Injector) -> AsyncIterator[Hub]:
    """Set a hub up whose every step passes the injector."""
    hub = Hub(env)
    config = env.client.config(active_config=True)
    config["interceptors"] = [*config["interceptors"], injector]
    hub.client = Client(**config)
    hub.invoices = FakeInvoices(asks=0)
    async with hub.working():
        yield hub


async def prove(
    env: WorkflowEnvironment,
    case: Case,
    tamper: Tamper | None = None,
    *,
    runs: int = 1,
    kept: str = "ambient",
) -> Outcome:
    """Live a case.

    ``tamper`` plants a bug; ``runs`` and ``kept`` are what the world tells of the order: how often
    it lives, and at what temperature its goods are kept.
    """
    injector = Injector()
    injector.fault = case.fault
    async with hub_with(env, injector) as hub:
        if tamper is not None:
            tamper(hub)
        order = an_order(lines=3)
        hub.router.apart = {3: "HZ-XH"}  # two parcels
        life = _Living(hub, injector, case, order)
        try:
            async with asyncio.timeout(DEADLINE_S):
                await life.through()
        except TimeoutError:
            stuck = await life.where()
            wrong = (f"没有走完:{stuck}",)
            return Outcome(case, 1, wrong, tuple(injector.passed), is_stuck=True)
        evidence = evidence_of(hub, [order], runs=runs, kept=kept)
        return _judged(case, evidence, injector.passed)


def _judged(case: Case, evidence: Evidence, steps: Sequence[str]) -> Outcome:
    found = [(promise.no, check) for promise in PROMISES for check in promise.examine(evidence)]
    wrong = tuple(check for _, check in found if check is not None)
    broken = frozenset(no for no, check in found if check is not None)
    return Outcome(case, len(found), wrong, tuple(steps), broken)


class _Living:
    """One case under way."""

    def __init__(self, hub: Hub, injector: Injector, case: Case, order: Order) -> None:
        self._hub, self._injector, self._case, self._order = hub, injector, case, order
        self._outside = Outside(hub, order, self._announced)
        self._told = False
        self._first_word = asyncio.Event()
        point = case.point
        if point.moment is not None:
            injector.point, injector.happens = (point.name, point.moment), self._tell_meanwhile
        elif point == Point("start"):
            injector.holds_far = self._heard

    async def through(self) -> None:
        await self._hub.accept(self._order)
        await self._announced("start")
        await self._until_over()
        await self._announced("closed")
        await self._until_over()
        if not self._told:  # the point never came: the script is told late, and must do no harm
            await self._tell()
            await self._until_over()

    async def _until_over(self) -> None:
        step = 0
        while (life := await self._open()) is not None:
            view = await self._settled(life)
            if await self._outside.move() or await self._acts(life, view):
                step = 0
                continue
            if view == await self._settled(life):
                await self._hub.env.sleep(LADDER[min(step, len(LADDER) - 1)])
                step += 1
            else:
                step = 0

    async def _settled(
        self, life: WorkflowHandle[OrderWorkflow, OrderStage], at_work: int = 0
    ) -> OrderView | None:
        """Look at the order once no more is at work; ``None`` when it is over meanwhile."""
        while True:
            passed = len(self._injector.passed)
            view = await self._view(life)
            if self._injector.at_work <= at_work and passed == len(self._injector.passed):
                return view
            await asyncio.sleep(0.002)

    async def _acts(
        self, life: WorkflowHandle[OrderWorkflow, OrderStage], view: OrderView | None
    ) -> bool:
        if view is None or (hand := await self._outside.decide(view)) is None:
            return False
        update = "decide_claim" if isinstance(hand, ClaimDecision) else "resolve"
        with contextlib.suppress(WorkflowUpdateFailedError, RPCError):
            await life.execute_update(update, hand)
            return True
        return False

    async def _view(self, life: WorkflowHandle[OrderWorkflow, OrderStage]) -> OrderView | None:
        try:
            return await life.query(OrderWorkflow.view)
        except (WorkflowQueryFailedError, RPCError):
            return None

    async def _open(self) -> WorkflowHandle[OrderWorkflow, OrderStage] | None:
        for name in (workflow_id(self._order.id), after_sale_id(self._order.id)):
            life = self._hub.client.get_workflow_handle_for(OrderWorkflow.run, name)
            try:
                seen = await life.describe()
            except RPCError as fault:
                if fault.status is not RPCStatusCode.NOT_FOUND:
                    raise
                continue
            if seen.status is WorkflowExecutionStatus.RUNNING:
                return life
        return None

    async def where(self) -> str:
        life = await self._open()
        view = await self._view(life) if life else None
        if view is None:
            return "?"
        stages = [f"{parcel.no}:{parcel.stage}" for parcel in view.parcels]
        claims = [f"{claim.id}:{claim.stage}" for claim in view.refunds]
        troubles = [f"{trouble.step}({trouble.reason})" for trouble in view.troubles]
        return f"{view.stage} {stages} {claims} {troubles} {view.notes}"

    async def _announced(self, event: str) -> bool:
        """Play the script if this is its point; tell whether it was played just now."""
        if self._case.point != Point(event) or self._told:
            return False
        await self._tell()
        return True

    async def _tell_meanwhile(self) -> None:
        """Play the script while one step is under way, and hold that step so long.

        A near step is part of the order's own task: nobody can look at the order meanwhile.
        """
        self._injector.holds_far = self._heard
        await self._tell(at_work=None if activity.info().is_local else 1)

    async def _heard(self) -> None:
        """Wait until the order has heard the first word that it was told.

        The server that skips time forgets the task of an order that gives up a far step which has
        just ended; the engine does not.
        """
        await self._first_word.wait()
        if (life := await self._open()) is not None:
            await self._view(life)

    async def _tell(self, at_work: int | None = 0) -> None:
        """Play the script, each word as a push would tell it; the order settles before the next."""
        if self._told:
            return
        self._told = True
        for move in self._case.script.moves:
            claim = move(self._hub.shop, self._order)
            await self._hub.lives().refunded(self._order.id, claim)
            self._first_word.set()
            if at_work is not None and (life := await self._open()) is not None:
                await self._settled(life, at_work)
