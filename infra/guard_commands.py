"""``lifeline guard``: who is frozen and why, and a person's word on it."""

import asyncio
import json
from getpass import getuser
from typing import Annotated

import typer
from rich.console import Console

from domain.hands import Hand
from infra.departure import leave

app = typer.Typer(
    help="买家守卫:谁被冻结、为什么,确认风险;解冻用 lifeline ops unfreeze。", no_args_is_help=True
)
console = Console()

Json = Annotated[bool, typer.Option("--json", help="输出 JSON,供脚本读取。")]
BuyerKey = Annotated[str, typer.Argument(help="买家标识,见 lifeline guard list。")]
By = Annotated[str | None, typer.Option(help="谁在操作,记录在案;默认为系统用户名。")]
Reason = Annotated[str, typer.Option(help="为什么,记录在案。")]


@app.command("list")
def list_frozen(*, as_json: Json = False) -> None:
    """列出现在被冻结的买家:谁冻结的、为什么、到什么时候。"""
    from infra.guard_desk import open_hub  # noqa: PLC0415 - the SDK is slow to load
    from infra.guard_screens import data_of, frozen_table  # noqa: PLC0415 - the same

    with open_hub() as (book, _):
        frozen = book.frozen()
    if as_json:
        typer.echo(json.dumps([data_of(buyer) for buyer in frozen], ensure_ascii=False, indent=2))
    elif not frozen:
        console.print("现在没有被冻结的买家。")
    else:
        console.print(frozen_table(frozen))
        console.print(
            "看详情:lifeline guard show 买家标识;误判:lifeline ops unfreeze --buyer 买家标识。"
        )


@app.command("show")
def show(buyer_key: BuyerKey, *, as_json: Json = False) -> None:
    """看一个买家的守卫:算进去的退款、冻结、还没完成的步骤、操作记录。"""
    from infra import guard_desk  # noqa: PLC0415 - the SDK is slow to load

    leave(asyncio.run(guard_desk.show(buyer_key, console, as_json=as_json)))


@app.command("confirm")
def confirm(buyer_key: BuyerKey, *, reason: Reason, by: By = None, as_json: Json = False) -> None:
    """确认风险:冻结保持到期;需确认模式下不确认会自动解冻。"""
    from infra import guard_desk  # noqa: PLC0415 - the SDK is slow to load

    hand = Hand(by=by or getuser(), reason=reason)
    leave(asyncio.run(guard_desk.confirm(buyer_key, hand, console, as_json=as_json)))
