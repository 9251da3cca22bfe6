"""``lifeline exceptions``: which orders wait for a person, until when, and who works on them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from typing import Annotated

import typer
from rich.console import Console

from domain.clock import utc_now
from gateways.database import open_database
from gateways.exception_rows import OpenException
from gateways.exceptions import ExceptionBook, Part
from infra.exception_screens import EMPTY, data_of, facts_of, table_of
from infra.migrate import migrate_hub
from settings import Settings

app = typer.Typer(help="异常队列:列表、领取、退回、查看。", no_args_is_help=True)
console = Console()

Json = Annotated[bool, typer.Option("--json", help="输出 JSON,供脚本读取。")]
Key = Annotated[str, typer.Argument(metavar="编号", help="异常编号,见 lifeline exceptions list。")]
By = Annotated[str | None, typer.Option(help="谁在操作,记录在案;默认为系统用户名。")]


@app.command("list")
def list_exceptions(  # noqa: PLR0913 - one for each option that a person may give
    *,
    part: Annotated[
        Part, typer.Option(help="open 未处理、overdue 超期、untaken 无人领取、cleared 已结束。")
    ] = Part.OPEN,
    owner: Annotated[str | None, typer.Option(help="只看这个人领取的。")] = None,
    step: Annotated[str | None, typer.Option(help="只看这个步骤,例如 label.create。")] = None,
    channel: Annotated[str | None, typer.Option(help="只看这个渠道的订单,例如 douyin。")] = None,
    order: Annotated[str | None, typer.Option(help="只看这个订单:渠道/订单号。")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多几行。")] = 50,
    as_json: Json = False,
) -> None:
    """列出异常,最先到期的在前。"""
    with _book() as book:
        found = book.listed(
            part, owner=owner, step=step, channel=channel, order_id=order, limit=limit
        )
    if as_json:
        _say([data_of(each) for each in found])
    elif not found:
        narrowed = any((owner, step, channel, order))
        console.print("没有符合条件的异常。" if narrowed else EMPTY[part], highlight=False)
    else:
        console.print(table_of(found, utc_now()))
        console.print("领取:lifeline exceptions take 编号;怎么处理:lifeline exceptions show 编号。")


@app.command("show")
def show_exception(key: Key, *, as_json: Json = False) -> None:
    """看一个异常:为什么、多久了、期限、谁在办、能怎么办。"""
    with _book() as book:
        found = book.shown(key)
    _tell(found, as_json=as_json)


@app.command()
def take(key: Key, *, by: By = None, as_json: Json = False) -> None:
    """领取一个异常;已被别人领取的会告诉你是谁。"""
    with _book() as book:
        found = book.take(key, by or getuser())
    _tell(found, as_json=as_json)


@app.command("give-back")
def give_back(key: Key, *, by: By = None, as_json: Json = False) -> None:
    """退回自己领取的异常,让别人来办。"""
    with _book() as book:
        found = book.give_back(key, by or getuser())
    _tell(found, as_json=as_json)


def _tell(found: OpenException, *, as_json: bool) -> None:
    if as_json:
        _say(data_of(found))
    else:
        console.print(facts_of(found, utc_now()))


@contextmanager
def _book() -> Iterator[ExceptionBook]:
    url = Settings().hub.url
    migrate_hub(url)
    hub = open_database(url)
    try:
        yield ExceptionBook(hub)
    finally:
        hub.dispose()


def _say(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
