"""One hand for many orders: which ones, and what became of each."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

from temporalio.client import Client
from temporalio.service import RPCError

from domain.errors import GatewayBusy, HubError
from domain.hands import Deed
from domain.lifecycle import OrderStage
from domain.order import OrderId
from web.handled import Handled, Outcome
from web.hands import Hands
from workflows.attributes import BUYER, CHANNEL, EXCEPTION, PAID_AT, STAGE, WAREHOUSES
from workflows.story import COARSE

AT_ONCE = 16  # more would only wait for the same worker
SHOWN = 20
# What has a stage past these has left with every parcel.
INSIDE = (OrderStage.ACCEPTED, OrderStage.WAITING, OrderStage.ROUTED)
MOVING = frozenset({Deed.REROUTE, Deed.HOLD, Deed.CANCEL})
NAME = re.compile(r"[\w.-]{1,64}")

# A worker that is busy with what the first orders set off is slow to answer for the next.
TRIES = 6

# Acts on one order; the key makes it one hand, however often it is tried.
Deal = Callable[[OrderId, str], Awaitable[Handled]]


class TooWide(HubError):
    """The query names nothing, or something that no list is kept of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which living orders; all that is given must hold.

    Attributes:
        stage: As the search lists keep it: accepted, waiting, routed, shipped, settled.
        buyer: The buyer's key.
        exception: A step in trouble, such as ``label.create``, or for what an order waits.
        orders: These orders by id, and no others.
    """

    channel: str = ""
    stage: OrderStage | None = None
    warehouse: str = ""
    buyer: str = ""
    exception: str = ""
    paid_from: datetime | None = None
    paid_to: datetime | None = None
    orders: tuple[OrderId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a whole run came to."""

    asked: int
    done: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """Finds orders by the engine's search lists, and acts on each."""

    hands: Hands

    async def find(self, query: OrderQuery, deed: Deed | None = None) -> tuple[OrderId, ...]:
        """Tell the living orders that a query means, the oldest last.

        Those that ``deed`` can do nothing to, since all of them has left, are not meant. The lists
        follow the lives by a second or so; each order decides for itself in the end.

        Raises:
            TooWide: the query names nothing.
            GatewayBusy: the engine does not answer.
        """
        wanted = as_filter(query, INSIDE if deed in MOVING else ())
        if not wanted:
            return tuple(dict.fromkeys(query.orders))
        try:
            found = await _listed(self.hands.engine, wanted)
        except RPCError as fault:
            raise GatewayBusy("Temporal", "引擎的订单列表没有答复,请稍后再试") from fault
        return tuple(each for each in found if not query.orders or each in set(query.orders))

    async def run(
        self, orders: tuple[OrderId, ...], deal: Deal, click: str = ""
    ) -> AsyncIterator[Handled]:
        """Act on each order, some at a time; tell each answer as it comes.

        An order that refuses, or that nobody answers for, does not stop the others. ``click`` names
        the whole run: what is run again under the same name is done once.
        """
        click = click or token_hex(8)
        room = asyncio.Semaphore(AT_ONCE)

        async def one(order_id: OrderId) -> Handled:
            async with room:
                return await _dealt(order_id, deal, f"{click}/{order_id}")

        tasks = [asyncio.create_task(one(order_id)) for order_id in orders]
        try:
            for next_one in asyncio.as_completed(tasks):
                yield await next_one
        finally:
            for task in tasks:
                task.cancel()  # whoever asked has gone away: what is not begun is left


def as_filter(query: OrderQuery, within: tuple[OrderStage, ...] = ()) -> str:
    """Write a query as the engine's lists want it; empty when only orders are named.

    ``within`` are the stages that are meant when the query names none.

    Raises:
        TooWide: it names nothing, or a stage that the lists do not keep.
    """
    if query.stage is not None and query.stage not in set(COARSE.values()):
        kept = "、".join(dict.fromkeys(COARSE.values()))
        raise TooWide(f"stage={query.stage} 不能作为条件,列表只区分 {kept}")
    conditions = [
        _is(CHANNEL.name, query.channel),
        _is(STAGE.name, query.stage or ""),
        _is(WAREHOUSES.name, query.warehouse),
        _is(BUYER.name, query.buyer),
        _is(EXCEPTION.name, query.exception),
        _time(PAID_AT.name, ">=", query.paid_from),
        _time(PAID_AT.name, "<", query.paid_to),
    ]
    wanted = " AND ".join(condition for condition in conditions if condition)
    if not wanted and not query.orders:
        raise TooWide("批量操作需要至少一个条件,例如 warehouse=HZ-XS;不能作用于全部订单")
    if wanted and within and query.stage is None:
        stages = ", ".join(f'"{stage}"' for stage in within)
        wanted += f" AND {STAGE.name} IN ({stages})"
    return wanted and f'WorkflowType = "order" AND ExecutionStatus = "Running" AND {wanted}'


def tally(answers: list[Handled]) -> Tally:
    """Add a run up."""
    done = sum(answer.done for answer in answers)
    return Tally(asked=len(answers), done=done, refused=len(answers) - done)


async def _listed(engine: Client, wanted: str) -> list[OrderId]:
    lives = engine.list_workflows(wanted, page_size=1000)
    return [OrderId(life.id.removeprefix("order/")) async for life in lives]


async def _dealt(order_id: OrderId, deal: Deal, key: str) -> Handled:
    """Act, and ask again under the same key while nobody answers."""
    said = ""
    for _ in range(TRIES):
        try:
            return await deal(order_id, key)
        except HubError as fault:
            said = str(fault)
    return Handled(order_id=order_id, outcome=Outcome.AWAY, said=said)


def _is(name: str, value: str) -> str:
    """Write one condition.

    Raises:
        TooWide: the value could be read as more than a value.
    """
    if value and not NAME.fullmatch(value):
        raise TooWide(f"条件的值 {value[:60]!r} 不正确:只能用字母、数字和 . _ -")
    return f'{name} = "{value}"' if value else ""


def _time(name: str, sign: str, at: datetime | None) -> str:
    return f'{name} {sign} "{at.astimezone(UTC).isoformat()}"' if at else ""
