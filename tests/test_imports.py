"""The stories stay pure: they load no I/O, and one that reaches for it stops the worker."""

import subprocess
import sys

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import UnintentionalPassthroughError

from infra.stories import StoryRunner
from tests import leaky_story

OUTSIDE = (
    "httpx",
    "pymysql",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "fastapi",
    "uvicorn",
    "gateways",
    "channels",
    "rulebook",
    "infra",
    "web",
    "settings",
)


@pytest.mark.parametrize("story", ["workflows.order", "workflows.chronicle", "activities.faults"])
def test_a_story_loads_nothing_that_touches_the_outside(story: str) -> None:
    """In a fresh interpreter, since this one has long loaded everything."""
    code = f"import sys, {story}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()

    assert story in loaded
    assert set() == set(OUTSIDE) & set(loaded)


async def test_a_story_that_imports_the_outside_stops_the_worker(
    dev_env: WorkflowEnvironment,
) -> None:
    with pytest.raises(RuntimeError) as stopped:
        Worker(
            dev_env.client,
            task_queue="leaky",
            workflows=[leaky_story.Leaky],
            workflow_runner=StoryRunner(),
        )

    assert isinstance(stopped.value.__cause__, UnintentionalPassthroughError)
