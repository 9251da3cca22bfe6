"""A server that skips time, and many cases lived on it one after another."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.testing import WorkflowEnvironment

from infra import search_attributes
from infra.connect import converter
from infra.engine import binary
from settings import Keys
from tests.proof.cases import Case, named
from tests.proof.prover import Outcome, prove

TRIES = 4
# A case as processes tell it to each other: name, checks, what is wrong, the steps that were met.
Told = tuple[str, int, tuple[str, ...], tuple[str, ...]]


@contextlib.asynccontextmanager
async def skipping_server() -> AsyncIterator[WorkflowEnvironment]:
    """Start a server of one's own: what one life leaves behind must not stop another's clock."""
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=converter(Keys()), test_server_existing_path=str(binary.skipping_server())
    ) as env:
        await search_attributes.add(env.client, search_attributes.WANTED)
        yield env


async def each_proved(cases: Iterable[Case]) -> AsyncIterator[Outcome]:
    """Live the cases in turn; one that does not end takes its server with it.

    The server that skips time loses an order's task when a step that is given up ends at that very
    moment (the engine does not): so a case counts as stuck only when it is stuck again and again.
    """
    left, tries = list(cases), 0
    while left:
        async with skipping_server() as env:
            while left:
                outcome = await prove(env, left[0])
                tries += 1
                if outcome.is_stuck and tries < TRIES:
                    break
                yield outcome
                left.pop(0)
                tries = 0
                if outcome.is_stuck:
                    break


async def plain_steps() -> tuple[str, ...]:
    """Live a life that nothing happens to before it is over, and tell its steps in order."""
    async with skipping_server() as env:
        outcome = await prove(env, named("allowance/closed"))
    steps = outcome.steps
    return steps[: steps.index("claim.judge")]


def be_quiet() -> None:
    """Log no warnings in this process: every fault is one, and the faults here are meant."""
    logging.getLogger("temporalio").setLevel(logging.ERROR)
    loud = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=loud))))


def prove_batch(names: list[str]) -> list[Told]:
    """Live some cases in a process that lives nothing else."""
    return asyncio.run(_live(names))


async def _live(names: list[str]) -> list[Told]:
    return [_told(outcome) async for outcome in each_proved(named(name) for name in names)]


def _told(outcome: Outcome) -> Told:
    return str(outcome.case), outcome.checks, outcome.wrong, outcome.steps
