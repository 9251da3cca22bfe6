"""Catches up with a channel: asks what changed, and tells it the way a push would have been told.

One stretch after the other, each recorded when it is done. Stretches overlap the last one, since a
platform's lists lag behind its events (protocols 3.3); what was told already is no news.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog

from domain.clock import utc_now
from domain.errors import GatewayRefused, Untranslatable
from domain.events import Event, OrderNamed, Push, RefundNamed
from domain.reconciliation import Reconciliation
from gateways.channel_listing import Changed
from gateways.named_door import NAME, named_push
from gateways.reconciliations import ReconciliationBook
from web.outcome import Did, Outcome, Unknown

STRETCH = timedelta(minutes=30)  # what is recorded at once, and asked again after a failure
FIRST = timedelta(hours=24)  # how far the very first look goes back
AT_ONCE = 8  # documents that are asked for side by side
Kind = TypeVar("Kind")

log = structlog.get_logger()


class Lister(Protocol):
    """A channel that can be asked what changed."""

    def changed(self, since: datetime, until: datetime) -> AsyncIterator[Changed]: ...


class Keeper(Protocol):
    """What this needs from the inbox."""

    def keep(self, door: str, key: str, push: Push) -> bool: ...


class Teller(Protocol):
    """Whoever tells orders what happened."""

    async def tell(self, event: Event) -> Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReconciler:
    """Looks at channels on behalf of the schedule.

    Attributes:
        lister: Finds a channel by its name, or raises ``GatewayRefused``.
        overlap: How far each look reaches back behind the end of the last one.
    """

    lister: Callable[[str], Lister]
    teller: Teller
    book: ReconciliationBook
    inbox: Keeper
    overlap: timedelta
    now: Callable[[], datetime] = utc_now

    async def catch_up(self, channel: str, alive: Callable[[], None]) -> Reconciliation:
        """Look at everything since the last look; ``alive`` is told with each document and stretch.

        Raises:
            GatewayBusy: the channel does not answer; what was done so far is recorded.
            GatewayRefused: the channel can not be asked.
        """
        now = self.now()
        last = await asyncio.to_thread(self.book.looked_until, channel)
        since = now - FIRST if last is None else min(last, now) - self.overlap
        looks = [
            await self._look(channel, begin, end, alive) for begin, end in _stretches(since, now)
        ]
        return _together(looks)

    async def _look(
        self, channel: str, since: datetime, until: datetime, alive: Callable[[], None]
    ) -> Reconciliation:
        lister = self.lister(channel)
        changes = dict.fromkeys([change async for change in lister.changed(since, until)])
        gate = asyncio.Semaphore(AT_ONCE)

        async def tell(change: Changed) -> Did | None:
            async with gate:
                did = await self._tell(channel, change)
            alive()
            return did

        # A claim that comes before its order would have to fetch the order itself.
        did = await _all(tell(change) for change in changes if not change.refund_id)
        did += await _all(tell(change) for change in changes if change.refund_id)
        look = Reconciliation(
            channel=channel,
            since=since,
            until=until,
            found=len(did),
            started=did.count(Did.OPENED),
            mended=did.count(Did.CHANGED),
            parked=did.count(None),
        )
        await asyncio.to_thread(self.book.record, look)
        alive()
        return look

    async def _tell(self, channel: str, change: Changed) -> Did | None:
        """Tell one change; ``None`` when nobody can read it, which must not stop the rest.

        It is put into the inbox then, where it is parked with the field that is wrong.
        """
        event = _event(channel, change)
        try:
            return (await self.teller.tell(event)).did
        except (Untranslatable, GatewayRefused, Unknown) as fault:
            log.warning("reconcile_unreadable", channel=channel, fault=type(fault).__name__)
            key = f"{channel}/{change.number}/{change.refund_id}/{fault}"
            await asyncio.to_thread(self.inbox.keep, NAME, key, named_push(event))
            return None


async def _all(works: Iterable[Coroutine[None, None, Kind]]) -> list[Kind]:
    """Do all of it side by side; after a fault nothing goes on, for all of it is tried again."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _event(channel: str, change: Changed) -> OrderNamed | RefundNamed:
    if change.refund_id:
        return RefundNamed(channel=channel, number=change.number, refund_id=change.refund_id)
    return OrderNamed(channel=channel, number=change.number)


def _stretches(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        end = min(since + STRETCH, until)
        yield since, end
        since = end


def _together(looks: list[Reconciliation]) -> Reconciliation:
    return Reconciliation(
        channel=looks[0].channel,
        since=looks[0].since,
        until=looks[-1].until,
        found=sum(look.found for look in looks),
        started=sum(look.started for look in looks),
        mended=sum(look.mended for look in looks),
        parked=sum(look.parked for look in looks),
    )
