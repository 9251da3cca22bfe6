"""The rounds: what rings in the chat group, in what order, and what a failed call leaves behind."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from domain.clock import utc_now
from domain.errors import GatewayBusy
from domain.trouble import Alert
from gateways.exception_bell import ExceptionBell
from gateways.exceptions import ExceptionBook
from gateways.inbox_bell import InboxBell
from gateways.ringing import Ringing
from gateways.robot_pace import RobotPace
from gateways.wecom import WecomAlarm
from infra.sandbox.partners import wecom
from rulebook.alerts import AlertRules
from settings import Wecom
from tests.fakes.hub import eventually
from tests.gateways.test_exception_bell import GATHER, RULES, WITHIN
from tests.gateways.test_exceptions import an_alert
from tests.sandbox.rig import Rig, rigged
from tests.web.test_bell import park
from web import rounds as making
from web.bell import Bell
from web.rounds import Rounds

AT_ONCE = AlertRules(gather=0 * GATHER, default=RULES.default, steps={})


@dataclass
class Group:
    """A chat group in memory; while it is ``away`` nobody is reached."""

    rung: list[Ringing] = field(default_factory=list)
    away: bool = False
    hears: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    async def ready(self) -> None:
        """It may be spoken to at any time."""

    async def ring_waiting(self, ringing: Ringing) -> None:
        self.hears.set()
        await self.answers.wait()
        if self.away:
            raise GatewayBusy("wecom", "HTTP 503")
        self.rung.append(ringing)


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def rounds(hub: Engine, group: Group) -> Rounds:
    return Rounds(ExceptionBell(hub, AT_ONCE), group)


def opens(hub: Engine, *alerts: Alert) -> None:
    book, now = ExceptionBook(hub), utc_now()
    for alert in alerts:
        book.opened(replace(alert, since=now), now + WITHIN)


async def test_a_hundred_exceptions_of_a_kind_are_one_message(
    hub: Engine, rounds: Rounds, group: Group
) -> None:
    opens(hub, *(an_alert(f"A{n}") for n in range(100)))

    await rounds.ring_all()
    await rounds.ring_all()

    assert [100] == [ringing.count for ringing in group.rung]


async def test_people_who_could_not_be_reached_are_called_later(
    hub: Engine, rounds: Rounds, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "AWAY_S", 0.01)
    monkeypatch.setattr(making, "LOOK_S", 0.01)
    group.away = True
    opens(hub, an_alert())
    at_work = asyncio.create_task(rounds.run())
    await group.hears.wait()

    group.away = False

    await eventually(lambda: len(group.rung) == 1)
    await stopped(at_work)


async def test_a_front_that_stops_in_the_middle_of_a_call_leaves_it_to_the_next(
    hub: Engine, rounds: Rounds, group: Group
) -> None:
    group.answers.clear()
    opens(hub, an_alert())
    at_work = asyncio.create_task(rounds.run())
    await group.hears.wait()
    await stopped(at_work)

    group.answers.set()
    await rounds.ring_all()

    assert 1 == len(group.rung)


async def stopped(work: asyncio.Task[None]) -> None:
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, wecom.build) as rig:
        yield rig


async def test_the_rounds_and_the_inbox_share_the_robot_s_minute(hub: Engine, rig: Rig) -> None:
    """Five messages fit a minute here: four kinds and one parked push are all of it."""
    opens(hub, *(an_alert(f"A{n}", reason=f"理由 {n}") for n in range(4)))
    park(hub, "A1")
    clock = [0.0]
    async with httpx.AsyncClient() as http:
        pace = RobotPace(most=5, within_s=0.05, now=lambda: clock[0])
        robot = WecomAlarm(Wecom(url=f"{rig.url}/cgi-bin/webhook/send"), http, pace)
        await Rounds(ExceptionBell(hub, AT_ONCE), robot).ring_all()
        await Bell(InboxBell(hub), robot).ring_all()
        opens(hub, an_alert("A9", "printer.print"))
        late = asyncio.create_task(Rounds(ExceptionBell(hub, AT_ONCE), robot).ring_all())

        spoken = rig.world.open_ledger("wecom")
        assert 5 == spoken.count("message")
        clock[0] = 1.0
        await late

    assert 6 == spoken.count("message")
