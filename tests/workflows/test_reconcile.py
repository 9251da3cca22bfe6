"""One reconciliation as the engine runs it, and the schedules that start it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection
from datetime import timedelta
from itertools import count

import pytest
from temporalio.client import (
    ScheduleActionStartWorkflow,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleOverlapPolicy,
    WorkflowFailureError,
)
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.reconcile import CatchUp
from domain.errors import GatewayBusy
from domain.reconciliation import Reconciliation
from infra import schedules
from infra.schedules import keep_schedules
from tests.fakes.hub import Hub, eventually
from workflows.reconcile import ReconcileWorkflow

EVERY = timedelta(minutes=5)
_names = count(1)


async def test_a_look_at_a_channel_tells_what_it_found(hub: Hub) -> None:
    look = await _run(hub, "douyin")

    assert ("douyin", 2, 1) == (look.channel, look.found, look.started)
    assert ["douyin"] == hub.reconciler.asked


async def test_a_channel_that_does_not_answer_is_asked_until_it_does(hub: Hub) -> None:
    hub.reconciler.away = True
    running = asyncio.create_task(_run(hub, "douyin"))
    await eventually(lambda: len(hub.reconciler.asked) >= 3)

    hub.reconciler.away = False

    assert 2 == (await running).found


async def test_a_channel_that_can_not_be_asked_is_not_asked_again(hub: Hub) -> None:
    hub.reconciler.unknown = True

    with pytest.raises(WorkflowFailureError) as failed:
        await _run(hub, "lantern")

    assert isinstance(failed.value.cause, ActivityError)
    assert isinstance(failed.value.cause.cause, ApplicationError)
    assert "没有接入渠道 lantern" in failed.value.cause.cause.message
    assert ["lantern"] == hub.reconciler.asked


@pytest.fixture
async def channel(live_hub: Hub) -> AsyncIterator[str]:
    """A channel of which the engine has no schedule yet, and has none afterwards."""
    name = f"channel-{next(_names)}"
    yield name
    for one in (name, later(name)):
        with contextlib.suppress(RPCError):
            await _handle(live_hub, one).delete()


def later(channel: str) -> str:
    """Name the channel that is set up after this one."""
    return f"{channel}-later"


@contextlib.asynccontextmanager
async def kept(
    hub: Hub, channels: Callable[[], Collection[str]], every: timedelta = EVERY
) -> AsyncIterator[None]:
    """Keep schedules as the front does while it runs."""
    keeping = asyncio.create_task(keep_schedules(hub.client, hub.queue, every, channels))
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


async def test_each_channel_gets_a_schedule_and_is_looked_at_at_once(
    live_hub: Hub, channel: str
) -> None:
    async with kept(live_hub, lambda: [channel]):
        told = await described(live_hub, channel)
        await eventually(lambda: channel in live_hub.reconciler.asked)

    action = told.schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert (f"reconcile/{channel}", "reconcile") == (action.id, action.workflow)
    assert [EVERY] == intervals(told)
    assert ScheduleOverlapPolicy.SKIP is told.schedule.policy.overlap


async def test_after_a_restart_with_other_settings_the_schedule_follows(
    live_hub: Hub, channel: str
) -> None:
    async with kept(live_hub, lambda: [channel]):
        await described(live_hub, channel)

    async with kept(live_hub, lambda: [channel], 2 * EVERY):
        told = await described(live_hub, channel, lambda told: intervals(told) != [EVERY])

    assert [2 * EVERY] == intervals(told)


async def test_what_a_person_has_paused_stays_paused_over_a_restart(
    live_hub: Hub, channel: str
) -> None:
    async with kept(live_hub, lambda: [channel]):
        await described(live_hub, channel)
    await _handle(live_hub, channel).pause(note="平台维护")

    async with kept(live_hub, lambda: [channel], 2 * EVERY):
        told = await described(live_hub, channel, lambda told: intervals(told) == [2 * EVERY])

    assert (True, "平台维护") == (told.schedule.state.paused, told.schedule.state.note)


async def test_a_channel_that_is_set_up_later_gets_its_schedule_too(
    live_hub: Hub, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "LOOK_AGAIN_S", 0.01)
    known = [channel]

    async with kept(live_hub, lambda: known):
        await described(live_hub, channel)
        known.append(later(channel))
        await described(live_hub, later(channel))


async def test_what_passes_by_itself_does_not_stop_the_keeping(
    live_hub: Hub, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "LOOK_AGAIN_S", 0.01)
    faults = [
        GatewayBusy("hub", "数据库没有答复"),
        RPCError("away", RPCStatusCode.UNAVAILABLE, b""),
    ]

    def channels() -> Collection[str]:
        if faults:
            raise faults.pop()
        return [channel]

    async with kept(live_hub, channels):
        await described(live_hub, channel)


async def _run(hub: Hub, channel: str) -> Reconciliation:
    return await hub.client.execute_workflow(
        ReconcileWorkflow.run,
        CatchUp(channel=channel),
        id=f"reconcile/{channel}/{next(_names)}",
        task_queue=hub.queue,
    )


def _handle(hub: Hub, channel: str) -> ScheduleHandle:
    return hub.client.get_schedule_handle(f"reconcile/{channel}")


def intervals(told: ScheduleDescription) -> list[timedelta]:
    return [interval.every for interval in told.schedule.spec.intervals]


async def described(
    hub: Hub, channel: str, when: Callable[[ScheduleDescription], bool] = lambda _: True
) -> ScheduleDescription:
    """Wait until a schedule is there, and is as a test wants it."""
    found: list[ScheduleDescription] = []

    async def is_there() -> bool:
        try:
            found.append(await _handle(hub, channel).describe())
        except RPCError:
            return False
        return when(found[-1])

    await eventually(is_there)
    return found[-1]
