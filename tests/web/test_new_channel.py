"""A channel that is a mapping file and nothing else comes in through the front."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from domain.clock import utc_now
from domain.events import Push
from domain.staff import Role
from gateways.channel_acts import ChannelActs
from gateways.channel_shelf import ChannelShelf
from gateways.database import open_database
from gateways.tables import InboxState
from infra.migrate import migrate_hub
from settings import Engine, Hub, Member, Mes, Settings
from starter import build_app
from tests.fakes.hub import eventually
from tests.free_ports import a_free_row
from tests.gateways.recorded_channel import RECORDED, Conversation, RecordedStage, on_record
from tests.serving import served
from tests.web.fronts import Front, fronted
from web.drain import Drain
from web.handing import Handing
from web.sights import Sights
from web.teller import Teller

new_channel = pytest.mark.parametrize("name", RECORDED)
NOWHERE = "http://127.0.0.1:9"  # nobody has to be asked before a push is kept


async def post(http: httpx.AsyncClient, name: str, push: Push) -> httpx.Response:
    return await http.post(
        f"/hooks/{name}", content=push.body, params=dict(push.query), headers=dict(push.headers)
    )


@dataclass
class Hall:
    """A front with a drain behind it, for one channel."""

    stage: RecordedStage
    front: Front

    async def push(self, role: str) -> httpx.Response:
        push = self.stage.conversation.signed(role, utc_now())
        return await post(self.front.http, self.stage.name, push)

    async def drained(self, count: int) -> None:
        """Let the drain empty the inbox; so many pushes are done then."""
        front, shops, arrived = self.front, self.stage.shops, asyncio.Event()
        sights = Sights(book=front.book, lives=front.lives, settled=front.inbox.go_on)
        teller = Teller(book=front.book, lives=front.lives, sights=sights, shops=shops)
        drain = Drain(front.inbox, Handing(doors=shops.doors.get, teller=teller), arrived)
        draining = asyncio.create_task(drain.run())
        await eventually(lambda: len(front.desk.entries(state=InboxState.DONE)) == count)
        draining.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await draining


@pytest.fixture(params=RECORDED)
async def hall(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hall]:
    async with on_record(request.param, tmp_path) as stage, fronted(stage.hub) as front:
        front.channels |= stage.shops.doors
        yield Hall(stage, front)


async def test_a_push_becomes_an_orders_life(hall: Hall) -> None:
    answer = await hall.push("push")
    again = await hall.push("push")

    assert [200, 200] == [answer.status_code, again.status_code]
    assert hall.stage.conversation.said["accepted"] == answer.text
    await hall.drained(1)
    wanted = hall.stage.conversation.sample("order").reads
    (order,) = hall.front.lives.opened
    assert (wanted["order_id"], wanted["order"]["paid_fen"]) == (order.id, order.paid_fen)


async def test_a_claim_that_comes_before_its_order_finds_it(hall: Hall) -> None:
    await hall.push("claim")

    await hall.drained(1)

    claim, lives = hall.stage.conversation.sample("refund").reads, hall.front.lives
    assert [claim["order_id"]] == [order.id for order in lives.opened]
    assert claim["order_id"] in [order_id for order_id, _ in lives.told]


async def test_a_channel_that_asks_whether_the_address_is_ours_hears_it(hall: Hall) -> None:
    query = hall.stage.conversation.greeting(utc_now())
    if query is None:
        return
    path = f"/hooks/{hall.stage.name}"

    answer = await hall.front.http.get(path, params=query)
    forged = await hall.front.http.get(path, params={**query, "nonce": "another"})

    assert (200, query["echostr"]) == (answer.status_code, answer.text)
    assert 401 == forged.status_code
    assert query["echostr"] not in forged.text


@new_channel
async def test_a_channel_is_let_in_and_out_while_the_front_runs(name: str, tmp_path: Path) -> None:
    conversation = Conversation.of(name)
    settings = Settings(
        hub=Hub(url=f"sqlite:///{tmp_path / 'hub.sqlite'}"),
        engine=Engine(port=a_free_row(1)),
        mes=Mes(folder=tmp_path / "mes"),
        channels={name: conversation.settings(NOWHERE)},
        staff={"zhang": Member(role=Role.ADMIN, token="the-manager-s-token")},
    )
    migrate_hub(settings.hub.url)
    hub = open_database(settings.hub.url)
    beside = ChannelShelf(ChannelActs(hub))  # as in the process of `lifeline channels`
    push = conversation.signed("push", utc_now())
    async with served(build_app(settings)) as url, httpx.AsyncClient(base_url=url) as http:

        async def answers(status: int) -> bool:
            return (await post(http, name, push)).status_code == status

        assert await answers(404)
        beside.activate(name, conversation.version, by="李四", reason="新渠道上线")
        await eventually(lambda: answers(200))
        beside.withdraw(name, conversation.version, by="李四", reason="先停一停")
        await eventually(lambda: answers(404))
    hub.dispose()
