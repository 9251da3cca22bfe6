"""The stories stay pure: what touches the outside is not loaded with them."""

import subprocess
import sys

import pytest

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
