"""The world's clock and agenda, also across a restart."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.sandbox.ledger import Doc
from infra.sandbox.world import World

HOUR = timedelta(hours=1)
FAST = 3600 * 1000  # a world hour is a millisecond


@contextlib.contextmanager
def a_world(var: Path, speed: float = FAST) -> Iterator[World]:
    world = World(var, speed=speed, seed=7, hub_url="http://127.0.0.1:9")
    yield world
    for ledger in world.ledgers.values():
        ledger.close()


class Deeds:
    """Remembers what was done, and ends the world after so many."""

    def __init__(self, expected: int) -> None:
        self.done: list[str] = []
        self._all = asyncio.Event()
        self._expected = expected

    async def do(self, payload: Doc) -> None:
        self.done.append(payload["what"])
        if len(self.done) == self._expected:
            self._all.set()

    async def within(self, world: World) -> list[str]:
        """Let the world turn until everything is done."""
        turning = asyncio.create_task(world.run())
        async with asyncio.timeout(20):
            await self._all.wait()
        turning.cancel()
        await asyncio.gather(turning, return_exceptions=True)
        return self.done


def put_down(world: World, name: str, after: timedelta = HOUR) -> None:
    world.later(after, "deed", name, {"what": name})


async def test_the_agenda_is_worked_off_by_time(tmp_path: Path) -> None:
    deeds = Deeds(3)
    with a_world(tmp_path) as world:
        world.on_agenda("deed", deeds.do)
        put_down(world, "last", 30 * HOUR)
        put_down(world, "first", 10 * HOUR)
        put_down(world, "second", 20 * HOUR)

        assert await deeds.within(world) == ["first", "second", "last"]


async def test_the_same_thing_is_on_the_agenda_once(tmp_path: Path) -> None:
    deeds = Deeds(2)
    with a_world(tmp_path) as world:
        world.on_agenda("deed", deeds.do)
        put_down(world, "a")
        put_down(world, "a")
        put_down(world, "b", 9 * HOUR)

        assert await deeds.within(world) == ["a", "b"]


async def test_the_agenda_outlives_the_process(tmp_path: Path) -> None:
    with a_world(tmp_path, speed=1) as world:
        put_down(world, "a")

    deeds = Deeds(1)
    with a_world(tmp_path) as world:
        world.on_agenda("deed", deeds.do)

        assert await deeds.within(world) == ["a"]
        assert list(world.ledger.each("agenda")) == []


async def test_world_time_never_goes_back(tmp_path: Path) -> None:
    deeds = Deeds(1)
    with a_world(tmp_path) as world:
        world.on_agenda("deed", deeds.do)
        put_down(world, "a", 24 * HOUR)
        await deeds.within(world)

    with a_world(tmp_path, speed=1) as world:
        assert world.clock.now() > datetime.now(UTC) + 23 * HOUR


async def test_a_deed_that_fails_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds, failures = Deeds(1), iter([RuntimeError("the database is busy")])

    async def fails_once(payload: Doc) -> None:
        for fault in failures:
            raise fault
        await deeds.do(payload)

    monkeypatch.setattr("infra.sandbox.world.TRY_AGAIN", timedelta(0))
    with a_world(tmp_path) as world:
        world.on_agenda("deed", fails_once)
        put_down(world, "a")

        assert await deeds.within(world) == ["a"]


async def test_partners_hear_of_each_other(tmp_path: Path) -> None:
    first, second = Deeds(9), Deeds(9)
    with a_world(tmp_path) as world:
        world.listen("left_warehouse", first.do)
        world.listen("left_warehouse", second.do)

        await world.tell("left_warehouse", {"what": "parcel"})
        await world.tell("something_else", {"what": "noise"})

    assert first.done == second.done == ["parcel"]
