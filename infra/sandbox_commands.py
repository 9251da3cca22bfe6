"""``lifeline sandbox``: where the partners are, what goes wrong there, and what they did."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from infra.sandbox import client
from infra.sandbox.sample_orders import CHANNELS
from settings import Settings

app = typer.Typer(help="沙箱伙伴:地址与凭据、故障开关、账本。", no_args_is_help=True)
console = Console()

Json = Annotated[bool, typer.Option("--json", help="输出 JSON,供脚本读取。")]
Partner = Annotated[str, typer.Argument(help="伙伴名,例如 sf、kingdee、printer。")]


@app.command()
def urls(*, as_json: Json = False) -> None:
    """列出每个伙伴的地址与测试凭据;公开 SDK 可直接指向它们。"""
    partners = client.urls(_base())
    if as_json:
        typer.echo(json.dumps(partners, ensure_ascii=False, indent=2))
        return
    table = Table("伙伴", "地址", "凭据")
    for name, partner in partners.items():
        table.add_row(name, _lines(partner["urls"]), _lines(partner["credentials"]))
    console.print(table)


@app.command()
def fault(
    partner: Partner,
    kind: Annotated[
        str,
        typer.Argument(
            help="slow、fail_before、fail_after、lost_answer、rate_limit、session_lost、"
            "duplicate_push、out_of_order_push、lost_push 之一。"
        ),
    ],
    rate: Annotated[float, typer.Argument(min=0, max=1, help="发生的比例;0 关闭。")],
) -> None:
    """让一个伙伴按比例出某种故障。"""
    client.fault(_base(), partner, kind, rate)
    console.print(f"{partner}:{kind} = {rate}")


@app.command()
def ledger(partner: Partner, *, as_json: Json = False) -> None:
    """打印一个伙伴的账本:它做过的每一件事。"""
    entries = client.ledger(_base(), partner)
    if as_json:
        typer.echo(json.dumps(entries, ensure_ascii=False, indent=2))
        return
    console.print_json(data=entries)


@app.command()
def printer(
    warehouse: Annotated[str, typer.Argument(help="仓库代码,例如 HZ-XS。")],
    *,
    paper_out: Annotated[bool, typer.Option(help="缺纸。")] = False,
    paused: Annotated[bool, typer.Option(help="暂停。")] = False,
    head_open: Annotated[bool, typer.Option(help="打印头打开。")] = False,
    silent: Annotated[bool, typer.Option(help="不应答。")] = False,
) -> None:
    """把一个仓库的打印机弄坏或修好:不带选项就是修好。"""
    flags = {"paper_out": paper_out, "paused": paused, "head_open": head_open, "silent": silent}
    client.printer(_base(), warehouse, **flags)
    wrong = "、".join(name for name, is_so in flags.items() if is_so)
    console.print(f"{warehouse} 的打印机:{wrong or '正常'}")


def _base() -> str:
    return f"http://127.0.0.1:{Settings().sandbox.port}"


def _lines(pairs: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in pairs.items())


def shops(said: str) -> tuple[str, ...]:
    """Read a list of shops, ``pinduoduo,douyin``; ``all`` stands for every one."""
    if said == "all":
        return CHANNELS
    names = tuple(name.strip() for name in said.split(","))
    for name in names:
        if name not in CHANNELS:
            raise typer.BadParameter(f"没有渠道 {name};可选:all、{'、'.join(CHANNELS)}")
    return names
