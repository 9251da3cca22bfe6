"""Parcels that are called back turn round once their carrier has them, whatever is restarted."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.carriage import Booking, Carriage, Stopping
from infra.sandbox.partners.road import SHORTEST_WAY_BACK, Stop
from infra.sandbox.shop import PARCEL_CAME_BACK
from infra.sandbox.world import World

A_DAY_IN_THE_BLINK_OF_AN_EYE = 5_000_000.0
STANDS_STILL = 1e-6  # so that nothing on the agenda is ever due
NUMBER = "SF1"
THERE_AND_BACK = ["collected", "turned_back", "returned"]


def a_number(_: str, count: int) -> str:
    return f"SF{count}"


class Scene:
    """One carrier in a world of its own; what it scans and who comes back can be waited for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: list[str] = []
        self.came_back = 0
        self._scans = asyncio.Queue[Doc]()
        self._changed = asyncio.Condition()
        self.carriage = Carriage(world, "sf", a_number, self._scanned)
        world.listen(PARCEL_CAME_BACK, self._back)

    def _scanned(self, _: str, route: Doc) -> None:
        self.seen = [scan["stop"] for scan in route["routes"]]
        self._scans.put_nowait(route)

    async def _back(self, _: Doc) -> None:
        async with self._changed:
            self.came_back += 1
            self._changed.notify_all()

    async def back(self) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: self.came_back > 0)

    async def leave(self) -> None:
        await self.world.tell("left_warehouse", {"waybill": NUMBER})

    async def reach(self, *stops: Stop) -> None:
        """Let the parcel be scanned now, before the time has come."""
        for stop in stops:
            payload = {"waybill": NUMBER, "stop": stop.value}
            self.world.later(timedelta(0), "sf.move", f"{NUMBER}/{stop}/now", payload)
            async with asyncio.timeout(20):
                await self._scans.get()

    def book(self) -> None:
        booking = Booking(
            order_id="A1", carrier="shunfeng", receiver_district="西湖区", phone_tail="1234"
        )
        self.carriage.book(booking)

    def due(self) -> dict[str, datetime]:
        """Tell when the stops of the way back are due."""
        agenda = self.world.ledger.each("agenda")
        moves = [entry for _, entry in agenda if entry["what"] == "sf.move"]
        return {
            entry["payload"]["stop"]: datetime.fromisoformat(entry["due"])
            for entry in moves
            if entry["payload"]["stop"] in ("turned_back", "returned")
        }


@contextlib.asynccontextmanager
async def a_scene(var: Path, speed: float) -> AsyncIterator[Scene]:
    world = World(var, speed=speed, seed=7, hub_url="http://127.0.0.1:9")
    scene = Scene(world)
    running = asyncio.create_task(world.run())
    yield scene
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    for ledger in world.ledgers.values():
        ledger.close()


async def test_a_parcel_called_back_before_it_was_collected_turns_round_when_it_is(
    tmp_path: Path,
) -> None:
    async with a_scene(tmp_path, A_DAY_IN_THE_BLINK_OF_AN_EYE) as scene:
        scene.book()
        answer = scene.carriage.intercept(NUMBER)

        await scene.leave()
        await scene.back()

        assert Stopping.DONE is answer
        assert THERE_AND_BACK == scene.seen


async def test_a_parcel_that_never_left_never_comes_back(tmp_path: Path) -> None:
    async with a_scene(tmp_path, STANDS_STILL) as scene:
        scene.book()

        scene.carriage.intercept(NUMBER)

        assert {} == scene.due()


async def test_the_way_back_is_as_long_as_the_way_was(tmp_path: Path) -> None:
    async with a_scene(tmp_path, STANDS_STILL) as scene:
        scene.book()
        await scene.reach(Stop.COLLECTED, Stop.IN_TRANSIT)
        ledger, clock = scene.world.open_ledger("sf"), scene.world.clock
        ten_hours_ago = (clock.now() - timedelta(hours=10)).isoformat()
        ledger.amend("route", NUMBER, routes=[{"stop": "collected", "at": ten_hours_ago}])

        scene.carriage.intercept(NUMBER)

        due = scene.due()
        assert timedelta(hours=10) == _to_the_minute(due["returned"] - due["turned_back"])


async def test_a_parcel_just_collected_is_some_hours_away(tmp_path: Path) -> None:
    async with a_scene(tmp_path, STANDS_STILL) as scene:
        scene.book()
        await scene.reach(Stop.COLLECTED)

        scene.carriage.intercept(NUMBER)

        due = scene.due()
        assert SHORTEST_WAY_BACK == _to_the_minute(due["returned"] - due["turned_back"])


@pytest.mark.parametrize("last", [Stop.OUT_FOR_DELIVERY, Stop.DELIVERED])
async def test_at_the_buyers_door_it_is_too_late(tmp_path: Path, last: Stop) -> None:
    async with a_scene(tmp_path, STANDS_STILL) as scene:
        scene.book()
        await scene.reach(Stop.COLLECTED, Stop.IN_TRANSIT, last)

        answer = scene.carriage.intercept(NUMBER)

        assert Stopping.TOO_LATE is answer
        assert "intercepted" not in (scene.carriage.order("A1") or {})


async def test_a_carrier_that_only_promises_delivers_all_the_same(tmp_path: Path) -> None:
    async with a_scene(tmp_path, STANDS_STILL) as scene:
        scene.book()
        scene.world.open_ledger("sf").put("policy", "intercepts", {"is": "promises"})

        answer = scene.carriage.intercept(NUMBER)
        await scene.reach(Stop.COLLECTED, Stop.IN_TRANSIT, Stop.OUT_FOR_DELIVERY, Stop.DELIVERED)

        assert Stopping.DONE is answer
        assert "delivered" == scene.seen[-1]
        assert {} == scene.due()


async def test_a_parcel_turns_round_although_the_carrier_was_killed_on_the_promise(
    tmp_path: Path,
) -> None:
    """Killed between its promise and its agenda, the carrier is asked again and mends it."""
    async with a_scene(tmp_path, STANDS_STILL) as scene:
        scene.book()
        await scene.reach(Stop.COLLECTED)
        promise = {"intercepted": scene.world.clock.now().isoformat(), "promised": "stops"}
        scene.world.open_ledger("sf").amend("order", "A1", **promise)

    async with a_scene(tmp_path, A_DAY_IN_THE_BLINK_OF_AN_EYE) as scene:
        answer = scene.carriage.intercept(NUMBER)
        await scene.back()

        assert Stopping.DONE is answer
        assert THERE_AND_BACK == scene.seen


async def test_a_parcel_on_its_way_back_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with a_scene(tmp_path, STANDS_STILL) as scene:
        scene.book()
        await scene.leave()
        await scene.reach(Stop.COLLECTED, Stop.IN_TRANSIT)
        scene.carriage.intercept(NUMBER)

    async with a_scene(tmp_path, A_DAY_IN_THE_BLINK_OF_AN_EYE) as scene:
        await scene.back()

        assert ["collected", "in_transit", "turned_back", "returned"] == scene.seen


def _to_the_minute(span: timedelta) -> timedelta:
    return timedelta(minutes=round(span.total_seconds() / 60))
