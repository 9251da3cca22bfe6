"""The supervisor against real processes: death, illness, order of stopping, and its own death."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from infra.errors import CannotStart
from infra.processes import Child
from infra.supervisor import Patience, Supervisor
from tests.infra.waiting import eventually, lives, number_in

HASTY = Patience(ask_new_s=0.02, ask_again_s=0.02, pause_s=0.01, settled_s=0, young_deaths=3)

# Writes its process id, and adds its name to a list when it is asked to stop.
WORKING = """
import os, pathlib, signal, sys
name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
def stop(*_):
    with (folder / "stopped").open("a") as list:
        list.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
(folder / name).write_text(f"{os.getpid()}\\n")
while True:
    signal.pause()
"""

SUPERVISING = """
import asyncio, pathlib, sys
from infra.supervisor import Supervisor
from tests.infra.test_supervisor import working
async def main():
    folder = pathlib.Path(sys.argv[1])
    async with Supervisor([working("one", folder), working("two", folder)], logs=folder) as house:
        await house.while_up(house.until_told())
asyncio.run(main())
"""


def working(name: str, folder: Path) -> Child:
    async def healthy() -> bool:
        return number_in(folder / name) is not None

    command = (sys.executable, "-c", WORKING, name, str(folder))
    return Child(name=name, command=command, healthy=healthy)


def pid_of(name: str, folder: Path) -> int:
    pid = number_in(folder / name)
    assert pid is not None
    return pid


async def test_a_killed_child_comes_back(tmp_path: Path) -> None:
    async with Supervisor([working("one", tmp_path)], logs=tmp_path, patience=HASTY):
        first = pid_of("one", tmp_path)
        os.kill(first, signal.SIGKILL)

        await eventually(lambda: number_in(tmp_path / "one") not in (None, first))
        assert lives(pid_of("one", tmp_path))
        assert not lives(first)


async def test_a_child_that_hangs_is_replaced(tmp_path: Path) -> None:
    child = working("one", tmp_path)
    stuck: set[int] = set()

    async def healthy() -> bool:
        return number_in(tmp_path / "one") not in {None, *stuck}

    watched = Child(name="one", command=child.command, healthy=healthy)
    patience = Patience(unwell_s=1, ask_new_s=0.02, ask_again_s=0.02, pause_s=0.01)
    async with Supervisor([watched], logs=tmp_path, patience=patience):
        stuck.add(pid_of("one", tmp_path))

        await eventually(healthy)
        assert not any(lives(pid) for pid in stuck)


async def test_a_child_that_keeps_dying_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    async def healthy() -> bool:
        return False

    broken = Child(name="broken", command=("sh", "-c", "echo 磁盘满了; exit 3"), healthy=healthy)
    patience = Patience(ask_new_s=0.02, pause_s=0.01, young_deaths=3)
    with pytest.raises(CannotStart) as told:
        async with Supervisor([broken], logs=tmp_path, patience=patience):
            pytest.fail("entered without a healthy child")

    assert "broken 连续 3 次启动后很快退出" in str(told.value)
    assert str(told.value).count("磁盘满了") == 3


async def test_a_child_that_never_gets_ready_is_named(tmp_path: Path) -> None:
    async def healthy() -> bool:
        return False

    idle = Child(name="idle", command=("sleep", "600"), healthy=healthy)
    with pytest.raises(CannotStart, match="idle 迟迟没有就绪"):
        async with Supervisor([idle], logs=tmp_path, patience=Patience(unwell_s=0.1)):
            pytest.fail("entered without a healthy child")


async def test_a_child_that_was_well_once_comes_back_however_often_it_dies(tmp_path: Path) -> None:
    """The front has to keep pushes while the engine is killed again and again."""
    children = [working(name, tmp_path) for name in ("engine", "front")]
    patience = Patience(ask_new_s=0.02, ask_again_s=0.02, pause_s=0.01, young_deaths=1)
    async with Supervisor(children, logs=tmp_path, patience=patience) as house:
        front, killed = pid_of("front", tmp_path), set[int]()
        for _ in range(3):
            killed.add(engine := pid_of("engine", tmp_path))
            os.kill(engine, signal.SIGKILL)
            await eventually(lambda: number_in(tmp_path / "engine") not in {None, *killed})

        assert front == pid_of("front", tmp_path)
        assert lives(front)
        assert await house.while_up(asyncio.sleep(0, "all delivered")) == "all delivered"


def test_the_pause_before_a_child_comes_back_grows_to_a_limit() -> None:
    patience = Patience(pause_s=0.2, longest_pause_s=10)

    assert [0.2, 0.4, 6.4, 10, 10] == [patience.pause(young) for young in (0, 1, 5, 6, 10_000)]


async def test_the_last_started_is_stopped_first(tmp_path: Path) -> None:
    children = [working(name, tmp_path) for name in ("engine", "worker", "starter")]
    async with Supervisor(children, logs=tmp_path):
        pass

    assert (tmp_path / "stopped").read_text().split() == ["starter", "worker", "engine"]


async def test_a_child_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    deaf = "trap '' TERM; echo $$ > pid; while :; do sleep 60; done"

    async def healthy() -> bool:
        return number_in(tmp_path / "pid") is not None

    command = ("sh", "-c", f"cd {tmp_path}; {deaf}")
    child = Child(name="deaf", command=command, healthy=healthy, stop_within_s=0.1)
    async with Supervisor([child], logs=tmp_path):
        pid = number_in(tmp_path / "pid")

    assert pid is not None
    assert not lives(pid)


@pytest.mark.parametrize("request_to_stop", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_work(tmp_path: Path, request_to_stop: signal.Signals) -> None:
    async with Supervisor([working("one", tmp_path)], logs=tmp_path) as house:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), request_to_stop)

        assert await house.while_up(asyncio.Event().wait()) is None
    assert (tmp_path / "stopped").read_text() == "one\n"


async def test_a_signal_during_the_start_starts_nothing_more(tmp_path: Path) -> None:
    async def healthy() -> bool:
        os.kill(os.getpid(), signal.SIGTERM)
        return False

    slow = Child(name="slow", command=("sleep", "600"), healthy=healthy)
    async with Supervisor([slow, working("late", tmp_path)], logs=tmp_path) as house:
        assert await house.while_up(asyncio.Event().wait()) is None

    assert not (tmp_path / "late.log").exists()


async def test_work_gives_its_answer(tmp_path: Path) -> None:
    async with Supervisor([working("one", tmp_path)], logs=tmp_path) as house:
        assert await house.while_up(asyncio.sleep(0, "all delivered")) == "all delivered"


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
async def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISING, str(tmp_path)
    )
    await eventually(lambda: number_in(tmp_path / "two") is not None)
    pids = [pid_of("one", tmp_path), pid_of("two", tmp_path)]
    assert all(map(lives, pids))

    supervisor.kill()
    await supervisor.wait()

    await eventually(lambda: not any(map(lives, pids)))
    assert not (tmp_path / "stopped").exists()
