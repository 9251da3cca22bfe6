"""``lifeline carriers``: what a waybill number can mean, and what partners' words mean."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import HubError
from domain.number_book import NumberBook
from domain.words import zh
from gateways.database import open_database
from gateways.order_book import OrderBook
from infra.carrier_screens import (
    Record,
    carrier_cells,
    carrier_data,
    reading_data,
    reading_facts,
    words_by_meaning,
    words_data,
)
from rulebook.statuses import standard_statuses
from rulebook.waybills import standard_numbers
from settings import Settings

app = typer.Typer(help="快递公司:运单号怎么清洗、可能是谁家的;伙伴的状态词。", no_args_is_help=True)
console = Console()

Json = Annotated[bool, typer.Option("--json", help="输出 JSON,供脚本读取。")]


@app.command("try")
def try_number(
    number: Annotated[str, typer.Argument(help="运单号,照抄来的样子;有空格时加引号。")],
    *,
    carrier: Annotated[str | None, typer.Option(help="已知的快递公司代码,例如 zhongtong。")] = None,
    as_json: Json = False,
) -> None:
    """看一个运单号清洗成什么、可能是谁家的、为什么、分配记录怎么说。"""
    book = standard_numbers()
    _known(book, carrier)
    record = _look_up(Settings().hub.url, number, carrier)
    on_record = {row.carrier: row.waybill for row in record.rows}
    reading = book.decide(book.read(number, carrier), on_record)
    if as_json:
        _print_json(reading_data(reading, record, book.version))
        return
    facts = Table(show_header=False, box=None)
    for name, fact in reading_facts(reading, record, book):
        facts.add_row(name, escape(fact))
    console.print(facts, highlight=False)


@app.command("list")
def list_carriers(*, as_json: Json = False) -> None:
    """列出各家快递公司:代码、在各平台的代码、运单号的形式。"""
    carriers = standard_numbers().carriers
    if as_json:
        _print_json([carrier_data(each) for each in carriers])
        return
    table = Table("快递公司", "伙伴的代码", Column("单号形式", overflow="fold"), show_lines=True)
    for each in carriers:
        table.add_row(*(escape("\n".join(cell)) for cell in carrier_cells(each)))
    console.print(table)


@app.command()
def words(*, as_json: Json = False) -> None:
    """列出快递、仓库、产线的状态词,和我们的词对照。"""
    tables = standard_statuses().tables
    if as_json:
        _print_json([words_data(each) for each in tables])
        return
    table = Table("伙伴", "字段", Column("他们的词", overflow="fold"), "我们的词")
    for each in tables:
        for ours, theirs in words_by_meaning(each).items():
            table.add_row(each.title, each.field, " ".join(theirs), zh(ours))
        table.add_section()
    console.print(table)


def _known(book: NumberBook, carrier: str | None) -> None:
    if carrier is not None and book.carrier(carrier) is None:
        codes = "、".join(each.code for each in book.carriers)
        raise typer.BadParameter(f"没有快递公司 {carrier},可用的有:{codes}", param_hint="--carrier")


def _look_up(url: str, number: str, carrier: str | None) -> Record:
    """Ask the hub's database, where there is one; nothing is made and nothing is changed."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return Record((), "业务数据库还没有建立")
    hub = open_database(url)
    try:
        rows = tuple(OrderBook(hub).allocations_of(carrier, number))
    except (HubError, SQLAlchemyError) as silent:
        return Record((), f"业务数据库读不到({type(silent).__name__}),请运行 lifeline doctor")
    finally:
        hub.dispose()
    return Record(rows, "" if rows else "分配记录里没有这个单号")


def _print_json(content: dict[str, object] | Iterable[object]) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
