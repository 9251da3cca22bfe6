"""``lifeline ops``: what a person types, sees and is asked; hands are as over HTTP."""

import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from rich.console import Console
from temporalio.testing import WorkflowEnvironment
from typer.testing import CliRunner

from domain.hands import Deed, Hand, Reroute
from domain.lifecycle import OrderStage, ParcelStage
from domain.order import OrderId
from domain.risk import Standing
from gateways.buyer_acts import BuyerAct
from infra.ops_commands import app
from infra.ops_desk import OpsDesk, UnknownCondition, query_of
from infra.ops_screens import buyer_of, buyer_table
from tests.fakes.hub import A_HAND, BRISK, Hub, LiveOrder, eventually
from tests.fakes.invoices import FakeInvoices
from tests.fakes.orders import an_order
from tests.test_docs import commands
from web.bulk import Bulk, OrderQuery
from web.buyers import BuyerCard
from web.handled import Handled
from web.hands import Hands

SOON = datetime(2026, 2, 7, 3, 30, tzinfo=UTC)


class Terminal:
    """A person at the command line, with an answer to what they are asked."""

    def __init__(self, hub: Hub, *, answer: bool = True, as_json: bool = False) -> None:
        self.asked: list[str] = []
        self.paper = io.StringIO()
        self.hands = Hands(hub.client)

        def consent(question: str) -> bool:
            self.asked.append(question)
            return answer

        self.desk = OpsDesk(
            bulk=Bulk(hands=self.hands),
            console=Console(file=self.paper, width=200),
            consent=consent,
            as_json=as_json,
        )

    async def hold(self, order_id: OrderId, key: str) -> Handled:
        return await self.hands.hold(order_id, A_HAND, key)

    @property
    def seen(self) -> str:
        return self.paper.getvalue()


@pytest.fixture
async def hub(dev_env: WorkflowEnvironment) -> AsyncIterator[Hub]:
    hub = Hub(dev_env)
    hub.invoices = FakeInvoices(asks=0)
    async with hub.working():
        yield hub
        await hub.end_all()


async def handed_over(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    return order


async def test_one_order_says_what_it_did_or_why_not(hub: Hub) -> None:
    order, terminal = await handed_over(hub), Terminal(hub)

    assert 0 == await terminal.desk.one(order.order.id, terminal.hold)
    assert f"完成 {order.order.id}:挂起" in terminal.seen
    assert [] == terminal.asked
    await order.cancel()
    await order.ends()
    assert 1 == await terminal.desk.one(order.order.id, terminal.hold)
    assert "已完结" in terminal.seen


async def test_many_orders_are_shown_and_asked_for_before_anything_changes(hub: Hub) -> None:
    order, terminal = await handed_over(hub), Terminal(hub, answer=False)
    query = OrderQuery(orders=(order.order.id,))

    assert 1 == await terminal.desk.many(query, Deed.HOLD, terminal.hold)

    assert ["对这 1 个订单执行「挂起」?"] == terminal.asked
    assert order.order.id in terminal.seen
    assert "什么都没有改变" in terminal.seen
    assert () == (await order.view()).notes


async def test_a_warehouse_is_left_with_one_command(hub: Hub) -> None:
    hub.router.warehouses = {"CD-SL": "shunfeng", "HZ-GS": "shunfeng"}
    hub.stock.on_hand |= {("CD-SL", "MILK-1L"): 1000, ("HZ-GS", "MILK-1L"): 1000}
    orders = [await handed_over(hub) for _ in range(25)]
    query, terminal = query_of(["warehouse=CD-SL"]), Terminal(hub)

    async def listed() -> bool:
        return len(await terminal.desk.bulk.find(query)) == len(orders)

    async def reroute(order_id: OrderId, key: str) -> Handled:
        hand = Hand(by="李四", reason="仓库着火")
        request = Reroute(hand=hand, warehouse="HZ-GS", source="CD-SL")
        return await terminal.hands.reroute(order_id, request, key)

    await eventually(listed)
    assert 0 == await terminal.desk.many(query, Deed.REROUTE, reroute)

    assert "改派仓库:25 个订单" in terminal.seen
    assert "另有 5 个" in terminal.seen
    assert "25 个订单:完成 25,未执行 0" in terminal.seen
    for order in orders:
        view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)
        assert "HZ-GS" == view.parcels[1].warehouse


async def test_who_refuses_is_listed_with_the_reason(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    order, terminal = await handed_over(hub), Terminal(hub)
    query = OrderQuery(orders=(order.order.id, OrderId("douyin/nobody")))

    assert 1 == await terminal.desk.many(query, Deed.HOLD, terminal.hold)
    assert "没有订单 douyin/nobody" in terminal.seen
    assert "完成 1,未执行 1" in terminal.seen

    script = Terminal(hub, as_json=True)
    assert 1 == await script.desk.many(query, Deed.HOLD, script.hold)
    told = json.loads(capsys.readouterr().out)
    assert (2, 1, 1) == (told["asked"], told["done"], told["refused"])
    assert {"done", "unknown"} == {answer["outcome"] for answer in told["results"]}


async def test_conditions_that_nobody_meets_change_nothing(hub: Hub) -> None:
    terminal = Terminal(hub)

    query = query_of(["warehouse=NOWHERE"])
    assert 0 == await terminal.desk.many(query, Deed.HOLD, terminal.hold)

    assert "没有符合条件" in terminal.seen
    assert [] == terminal.asked


def test_conditions_are_read_as_they_are_typed() -> None:
    said = ["warehouse=HZ-XS", "stage=routed", "paid_from=2026-02-06T11:30", "orders=a/1,a/2"]

    query = query_of(said)

    assert ("HZ-XS", OrderStage.ROUTED) == (query.warehouse, query.stage)
    assert query.paid_from == datetime(2026, 2, 6, 3, 30, tzinfo=UTC)  # China's time
    assert ("a/1", "a/2") == query.orders


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("warehouse", "名称=值"),
        ("colour=red", "warehouse"),
        ("stage=lost", "routed"),
        ("paid_from=yesterday", "2026-02-06T11:30"),
    ],
)
def test_a_condition_that_can_not_be_read_says_what_can(condition: str, words: str) -> None:
    with pytest.raises(UnknownCondition, match=words):
        query_of([condition])


@pytest.mark.parametrize(
    "words",
    [
        ["hold", "6921"],  # no reason
        ["hold", "6921", "--where", "warehouse=HZ-XS", "--reason", "盘点"],
        ["hold", "--where", "warehouse=HZ-XS", "--reason", "盘点", "--json"],  # can not be asked
    ],
    ids=["no-reason", "both", "json-unasked"],
)
def test_half_an_order_does_nothing(words: list[str]) -> None:
    assert 2 == CliRunner().invoke(app, words, env={"COLUMNS": "200"}).exit_code


@pytest.mark.parametrize("command", sorted(commands(app)))
def test_every_command_teaches_by_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output

    assert f"例:lifeline ops {command}" in shown


def test_a_buyer_is_shown_with_all_that_was_done() -> None:
    act = BuyerAct(act="freeze", until=SOON, reason="仅退款 3 次", by="李四", at=SOON)
    standing = Standing(frozen_until=SOON, reason="仅退款 3 次")
    card, paper = BuyerCard(buyer_key="k1", standing=standing, acts=(act,)), io.StringIO()

    Console(file=paper, width=120).print(buyer_table(card))

    assert "冻结到 2026-02-07 11:30" in paper.getvalue()
    assert "李四" in paper.getvalue()
    assert "2026-02-07T03:30:00+00:00" == buyer_of(card)["frozen_until"]
