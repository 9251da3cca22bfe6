"""What stands beside what: how each side opens a life, what it is told, and who works for it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Protocol

from temporalio.client import Client
from temporalio.worker import Worker

from bench.bare import NEWS, BareActivities, BareWorkflow
from bench.gateways import instant_gateways
from domain.opening import PackedNews, ScanNews
from domain.order import Line, Order, Place, Receiver, order_id
from domain.parcel import Milestone, Parcel, Scan
from infra.crew import build_worker, hire
from settings import Time
from web.lives import Lives, workflow_id

AT = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
CHANNEL = "miniprogram"


class Side(Protocol):
    """One of the two that are measured."""

    worker: Worker

    async def open(self, number: str) -> str:
        """Begin a life, and tell its workflow id."""
        ...


class Orders:
    """Real orders, whose partners answer at once and whose parcels fly."""

    def __init__(self, client: Client, threads: ThreadPoolExecutor) -> None:
        queue, pace = "bench-orders", Time(after_sale_days=0).pace()
        self._lives = Lives(client=client, task_queue=queue, pace=pace)
        self._world = _World()
        gateways = instant_gateways(lambda parcel: self._world.let(self._tell(parcel)))
        self.worker = build_worker(client, queue, gateways, threads)

    async def open(self, number: str) -> str:
        """Open an order's life as the front does."""
        order = sample_order(number)
        await self._lives.open(order)
        return workflow_id(order.id)

    async def _tell(self, parcel: Parcel) -> None:
        news = PackedNews(parcel_no=parcel.no, event_id=parcel.key, at=AT)
        await self._lives.packed(parcel.order_id, news)
        for milestone in (Milestone.COLLECTED, Milestone.DELIVERED):
            scan = Scan(id=milestone, milestone=milestone, at=AT, text="快件状态已更新")
            await self._lives.scanned(parcel.order_id, ScanNews(parcel_no=parcel.no, scan=scan))


class Bare:
    """Bare workflows on a worker with the same settings."""

    def __init__(self, client: Client, threads: ThreadPoolExecutor) -> None:
        self._client, self._queue = client, "bench-bare"
        self._world = _World()
        steps = BareActivities(lambda number: self._world.let(self._tell(number)))
        activities = [steps.near, steps.far, steps.hand_over]
        self.worker = hire(client, self._queue, threads, [BareWorkflow], activities)

    async def open(self, number: str) -> str:
        """Start a workflow."""
        await self._client.start_workflow(
            BareWorkflow.run, number, id=_bare_id(number), task_queue=self._queue
        )
        return _bare_id(number)

    async def _tell(self, number: str) -> None:
        handle = self._client.get_workflow_handle(_bare_id(number))
        for news in NEWS:
            await handle.signal(BareWorkflow.told, news)


class _World:
    """Lets things happen by themselves; whoever causes them does not wait for them."""

    def __init__(self) -> None:
        self._happening: set[asyncio.Task[None]] = set()

    def let(self, happen: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(happen)
        self._happening.add(task)
        task.add_done_callback(self._happening.discard)


def _bare_id(number: str) -> str:
    return f"bare/{number}"


def sample_order(number: str) -> Order:
    """Make an order of three lines, as a family in Hangzhou places it."""
    goods = (
        ("4901001", "鲜牛奶 950ml", 1590),
        ("4902002", "可生食鸡蛋 10 枚", 1880),
        ("4903003", "有机西兰花 300g", 890),
    )
    lines = tuple(
        Line(no=no, sku=sku, name=name, quantity=1, paid_fen=fen)
        for no, (sku, name, fen) in enumerate(goods, start=1)
    )
    return Order(
        id=order_id(CHANNEL, number),
        channel=CHANNEL,
        number=number,
        buyer_key="5f6c1e0a9b3d47c2",
        leader="团长-翠苑",
        paid_at=AT,
        received_at=AT,
        receiver=RECEIVER,
        lines=lines,
        freight_fen=600,
        paid_fen=sum(line.paid_fen for line in lines) + 600,
    )


RECEIVER = Receiver(
    name="张女士",
    phone="13800001234",
    province="浙江省",
    city="杭州市",
    district="西湖区",
    address="翠苑一区 12 幢 2 单元 301 室",
    place=Place(longitude=120.119, latitude=30.284),
)
