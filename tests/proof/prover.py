"""Lives one case from its start to where nothing is left to do, and has the auditor judge it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.testing import WorkflowEnvironment

from infra.auditor.audit import PROMISES
from infra.auditor.evidence import Evidence
from tests.fakes.hub import Hub
from tests.fakes.invoices import FakeInvoices
from tests.fakes.orders import an_order
from tests.proof.cases import Case
from tests.proof.evidence import evidence_of
from tests.proof.injector import Injector
from tests.proof.living import Living
from tests.proof.sight import LifeBroken

DEADLINE_S = 8


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
        life = Living(hub, injector, case, order)
        try:
            async with asyncio.timeout(DEADLINE_S):
                await life.through()
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, LifeBroken):
            stuck = await life.sight.told()
            wrong = (f"没有走完:{stuck}",)
            return Outcome(case, 1, wrong, tuple(injector.passed), is_stuck=True)
        evidence = evidence_of(hub, [order], runs=runs, kept=kept)
        return _judged(case, evidence, injector.passed)


def _judged(case: Case, evidence: Evidence, steps: Sequence[str]) -> Outcome:
    found = [(promise.no, check) for promise in PROMISES for check in promise.examine(evidence)]
    wrong = tuple(check for _, check in found if check is not None)
    broken = frozenset(no for no, check in found if check is not None)
    return Outcome(case, len(found), wrong, tuple(steps), broken)
