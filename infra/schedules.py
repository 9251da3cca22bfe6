"""The schedules of the engine: one reconciliation for each channel that can be asked."""

import asyncio
from collections.abc import Callable, Collection
from datetime import timedelta

import structlog
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError

from activities.reconcile import CatchUp
from domain.errors import HubError
from workflows.reconcile import ReconcileWorkflow

LOOK_AGAIN_S = 30.0  # a new channel is reconciled from then on

log = structlog.get_logger()


async def keep_schedules(
    client: Client, queue: str, every: timedelta, channels: Callable[[], Collection[str]]
) -> None:
    """Give every channel that can be asked its schedule, also those that come later; for ever."""
    known: set[str] = set()
    while True:
        try:
            for channel in set(await asyncio.to_thread(channels)) - known:
                await _schedule(client, queue, channel, every)
                known.add(channel)
        except RPCError as fault:
            log.warning("schedules_wait", status=fault.status.name)
        except HubError as fault:  # the database is busy: nothing that shall stop the front
            log.warning("schedules_wait", fault=str(fault))
        await asyncio.sleep(LOOK_AGAIN_S)


async def _schedule(client: Client, queue: str, channel: str, every: timedelta) -> None:
    name = f"reconcile/{channel}"
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(
            ReconcileWorkflow.run, CatchUp(channel=channel), id=name, task_queue=queue
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )
    try:
        await client.create_schedule(name, wanted, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(name).update(_to(wanted))


def _to(wanted: Schedule) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    """Replace what a schedule does and when; whether a person has paused it stays."""

    def update(found: ScheduleUpdateInput) -> ScheduleUpdate:
        wanted.state = found.description.schedule.state
        return ScheduleUpdate(schedule=wanted)

    return update
