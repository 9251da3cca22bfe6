"""Whoever speaks through a robot, it says no more than it may in a minute."""

import asyncio

from gateways.robot_pace import MINUTE_S, MOST_A_MINUTE, RobotPace

WECOM_TAKES = 20


async def test_as_many_as_a_minute_holds_are_said_at_once() -> None:
    pace = RobotPace(now=lambda: 0.0)

    for _ in range(MOST_A_MINUTE):
        await pace.turn()

    assert MOST_A_MINUTE < WECOM_TAKES


async def test_one_more_waits_until_the_first_is_a_minute_old() -> None:
    clock = [0.0]
    pace = RobotPace(most=2, within_s=0.01, now=lambda: clock[0])
    await pace.turn()
    clock[0] = 0.005
    await pace.turn()

    third = asyncio.create_task(pace.turn())
    ready = asyncio.create_task(pace.ready())
    await asyncio.sleep(0)
    assert not third.done()
    clock[0] = 0.011
    await asyncio.wait([third, ready], return_when=asyncio.FIRST_COMPLETED)
    clock[0] = MINUTE_S
    await asyncio.gather(third, ready)

    assert third.done()


async def test_of_all_who_wait_only_one_has_each_turn() -> None:
    clock = [0.0]
    pace = RobotPace(most=1, within_s=0.01, now=lambda: clock[0])
    await pace.turn()
    waiting = [asyncio.create_task(pace.turn()) for _ in range(3)]
    done = set[asyncio.Task[None]]()

    for turn in range(1, 4):
        clock[0] = float(turn)
        fresh, _ = await asyncio.wait(set(waiting) - done, return_when=asyncio.FIRST_COMPLETED)
        done |= fresh
        assert turn == len(done)
