"""``lifeline ops freeze`` and its like: what people do to buyers."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from infra.departure import leave
from infra.ops_options import By, Json, OrderNo, Reason, hand_of, session_of
from infra.ops_session import opened

Buyer = Annotated[str, typer.Option(help="买家标识;不知道时改填该买家的任一订单号即可。")]


def freeze(
    order_no: OrderNo = "",
    *,
    reason: Reason,
    hours: Annotated[float, typer.Option(min=0.01, max=8760, help="冻结多少小时。")] = 24,
    buyer: Buyer = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """冻结买家:一段时间内的新订单挂起,不影响已在途的。

    例:lifeline ops freeze 6921 --hours 24 --reason 一小时内三次仅退款
    """
    session, hand = session_of(order_no, as_json=as_json), hand_of(by, reason)

    async def work() -> int:
        async with opened(session) as room:
            key = await room.buyer_key(buyer)
            return room.tell_frozen(
                key, await room.buyers.freeze(key, timedelta(hours=hours), hand)
            )

    leave(asyncio.run(work()))


def unfreeze(
    order_no: OrderNo = "",
    *,
    reason: Reason,
    buyer: Buyer = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """解冻买家:可以再下单,挂起的订单随即继续。

    例:lifeline ops unfreeze 6921 --reason 电话核实为误报
    """
    session, hand = session_of(order_no, as_json=as_json), hand_of(by, reason)

    async def work() -> int:
        async with opened(session) as room:
            key = await room.buyer_key(buyer)
            return room.tell_unfrozen(key, await room.buyers.unfreeze(key, hand))

    leave(asyncio.run(work()))


def show_buyer(order_no: OrderNo = "", *, buyer: Buyer = "", as_json: Json = False) -> None:
    """看一个买家是否冻结,谁操作过、为什么。

    例:lifeline ops buyer 6921
    """
    session = session_of(order_no, as_json=as_json)

    async def work() -> int:
        async with opened(session) as room:
            return room.show_buyer(await room.buyers.card(await room.buyer_key(buyer)))

    leave(asyncio.run(work()))
