"""Temporal for every workflow test: one server that skips time, one that is the real engine.

Both start when the first test asks for them and serve the whole session.
"""

import atexit
import sys
from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from infra import search_attributes
from infra.connect import converter
from infra.departure import leave
from infra.engine import binary
from settings import Keys
from workflows import attributes

SEALED = converter(Keys())  # as the hub itself connects


@pytest.fixture(scope="session")
async def skipping_env() -> AsyncIterator[WorkflowEnvironment]:
    """A server whose clock jumps to the next timer while a result is awaited."""
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=SEALED, test_server_existing_path=str(binary.skipping_server())
    ) as env:
        await search_attributes.add(env.client, search_attributes.WANTED)
        yield env


@pytest.fixture(scope="session")
async def dev_env() -> AsyncIterator[WorkflowEnvironment]:
    """The engine that the hub itself runs on, kept in memory, in real time."""
    async with await WorkflowEnvironment.start_local(
        data_converter=SEALED,
        search_attributes=attributes.ALL,
        dev_server_existing_path=str(binary.temporal()),
        dev_server_log_level="error",
    ) as env:
        yield env


def pytest_sessionfinish(exitstatus: int) -> None:
    """Leave with pytest's own code once everything is reported and cleaned up.

    Handlers of ``atexit`` run before the interpreter tears down, which is where the SDK can abort.
    A fault that escaped pytest's own clean-up still counts: it has been printed, as ``last_type``.
    """
    atexit.register(lambda: leave(1 if hasattr(sys, "last_type") else exitstatus))
