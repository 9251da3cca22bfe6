"""What a story may reach is decided when the worker starts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from temporalio.testing import WorkflowEnvironment

from infra.crew import hire
from tests.infra.worldly_story import WorldlyStory


async def test_a_story_that_reaches_for_the_network_stops_the_worker(
    dev_env: WorkflowEnvironment,
) -> None:
    with ThreadPoolExecutor(1) as threads, pytest.raises(RuntimeError) as told:
        hire(dev_env.client, "worldly", threads, [WorldlyStory], [])

    assert "httpx was not intentionally passed through" in str(told.value.__cause__)
