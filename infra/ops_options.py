"""The options that the ``lifeline ops`` commands share, and what they come to."""

from getpass import getuser
from typing import Annotated

import typer
from rich.console import Console

from domain.hands import Hand
from infra.ops_session import Session
from settings import Settings

OrderNo = Annotated[
    str, typer.Argument(metavar="订单号", help="渠道订单号,或 渠道/订单号;批量时不填。")
]
TheOrder = Annotated[str, typer.Argument(metavar="订单号", help="渠道订单号,或 渠道/订单号。")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="名称=值",
        help="批量条件,可重复,全部满足才算:channel、stage、warehouse、buyer、exception、"
        "paid_from、paid_to、orders(逗号分隔的编号)。",
    ),
]
Reason = Annotated[str, typer.Option(help="为什么,记录在案。")]
By = Annotated[str | None, typer.Option(help="谁在操作,记录在案;默认为系统用户名。")]
Yes = Annotated[bool, typer.Option("--yes", help="批量时不再询问。")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON,供脚本读取;批量时要同时给 --yes。")]


def session_of(
    order_no: str, where: list[str] | None = None, *, yes: bool = False, as_json: bool
) -> Session:
    """Tell whom a command means.

    Raises:
        BadParameter: an order and conditions, or questions that a script can not answer.
    """
    if where and order_no:
        raise typer.BadParameter("订单号和 --where 只能给一个")
    if as_json and where and not yes:
        raise typer.BadParameter("--json 不能询问:批量执行请加 --yes")
    return Session(
        settings=Settings(),
        console=Console(),
        order_no=order_no,
        where=tuple(where or ()),
        consent=_always if yes else typer.confirm,
        as_json=as_json,
    )


def hand_of(by: str | None, reason: str) -> Hand:
    """Tell who acts, and why."""
    return Hand(by=by or getuser(), reason=reason)


def _always(_: str) -> bool:
    return True
