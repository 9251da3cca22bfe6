"""People are called about what is parked; when they can not be, they are called later."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine

from domain.errors import GatewayBusy
from gateways.inbox import Inbox
from gateways.inbox_bell import InboxBell
from gateways.wecom_markdown import LONGEST_BYTES, parked_markdown
from tests.fakes.hub import eventually
from tests.web.corner import kept, said
from web import bell as bells
from web.bell import Bell


@dataclass
class Group:
    """A chat group in memory; while it is ``away`` nobody is reached."""

    rung: list[tuple[str, str, int]] = field(default_factory=list)
    away: bool = False

    async def ring_parked(self, door: str, path: str, reason: str, count: int) -> None:
        if self.away:
            raise GatewayBusy("wecom", "HTTP 503")
        self.rung.append((door, path, count))


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def bell(hub: Engine, group: Group) -> Bell:
    return Bell(InboxBell(hub), group)


def park(hub: Engine, *numbers: str) -> None:
    inbox = Inbox(hub)
    for number in numbers:
        inbox.keep("corner", number, kept(said(number)))
    for push in inbox.claim(9):
        inbox.park(push.id, "$.kind", "字段 $.kind 无法识别")


async def test_a_kind_rings_once_however_many_pushes_it_has(
    hub: Engine, bell: Bell, group: Group
) -> None:
    park(hub, "A1", "A2")
    await bell.ring_all()
    park(hub, "A3")
    await bell.ring_all()

    assert [("corner", "$.kind", 2)] == group.rung


async def test_people_who_could_not_be_reached_are_called_later(
    hub: Engine, bell: Bell, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bells, "AWAY_S", 0.01)
    monkeypatch.setattr(bells, "LOOK_S", 0.01)
    group.away = True
    park(hub, "A1")
    with pytest.raises(GatewayBusy):
        await bell.ring_all()

    ringing = asyncio.create_task(bell.run())
    group.away = False

    await eventually(lambda: group.rung == [("corner", "$.kind", 1)])
    ringing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ringing


@pytest.mark.parametrize("reason", ["短", "长" * 5000])
def test_the_card_says_what_is_wrong_and_what_to_do(reason: str) -> None:
    text = parked_markdown("douyin", "$.pay_amount", f"see <@all> {reason}", 3)

    assert len(text.encode()) <= LONGEST_BYTES
    assert "<@all>" not in text
    assert "$.pay_amount" in text
    assert "3 条" in text
    assert "lifeline inbox list --state parked --door douyin" in text
