"""Two hubs can not share one ``var/``; a dead one does not stand in the way."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from infra.errors import CannotStart
from infra.lock import sole_user, user_of

HOLDING = """
import pathlib, sys
from infra.lock import sole_user
with sole_user(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_hub_is_told_who_has_the_folder(tmp_path: Path) -> None:
    with (
        sole_user(tmp_path),
        pytest.raises(CannotStart, match=f"进程 {os.getpid()}.*lifeline.toml"),
        sole_user(tmp_path),
    ):
        pytest.fail("two hubs in one folder")


def test_the_folder_is_free_again_after_a_hub_has_left(tmp_path: Path) -> None:
    with sole_user(tmp_path):
        assert user_of(tmp_path) == os.getpid()

    assert user_of(tmp_path) is None


async def test_a_killed_hub_leaves_the_folder_free(tmp_path: Path) -> None:
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDING, str(tmp_path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    assert user_of(tmp_path) == other.pid

    other.kill()
    await other.communicate()

    with sole_user(tmp_path):
        assert user_of(tmp_path) == os.getpid()
