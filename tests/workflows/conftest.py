"""Two hubs: under skipped time for every business wait, and on the real engine."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from infra import search_attributes
from infra.connect import converter
from infra.engine import binary
from settings import Keys
from tests.fakes.hub import Hub
from tests.fakes.invoices import FakeInvoices


@pytest.fixture
async def skipping_env() -> AsyncIterator[WorkflowEnvironment]:
    """A server that skips time, for one test alone.

    What an unfinished life leaves behind can stop such a server's clock for all who come later.
    """
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=converter(Keys()), test_server_existing_path=str(binary.skipping_server())
    ) as env:
        await search_attributes.add(env.client, search_attributes.WANTED)
        yield env


@pytest.fixture
async def hub(skipping_env: WorkflowEnvironment) -> AsyncIterator[Hub]:
    """A hub at work whose clock jumps while an end is awaited."""
    hub = Hub(skipping_env)
    async with hub.working():
        yield hub
        await hub.end_all()


@pytest.fixture
async def live_hub(dev_env: WorkflowEnvironment) -> AsyncIterator[Hub]:
    """A hub at work on the engine that it runs on in earnest."""
    hub = Hub(dev_env)
    hub.invoices = FakeInvoices(asks=0)
    async with hub.working():
        yield hub
        await hub.end_all()
