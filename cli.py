"""The ``lifeline`` command. Thin: each command calls a function that others call too."""

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from domain.errors import HubError
from infra import sandbox_commands
from infra.departure import leave
from infra.house import Rehearsal
from infra.sandbox.client import SandboxError
from settings import Settings

app = typer.Typer(
    help="Lifeline 订单中枢:每个订单都是一段不会丢失的生命。",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold secrets and buyers
)
order = typer.Typer(help="查看订单。", no_args_is_help=True)
label = typer.Typer(help="查看面单。", no_args_is_help=True)
skus = typer.Typer(help="商品主档。", no_args_is_help=True)
app.add_typer(order, name="order")
app.add_typer(skus, name="skus")
app.add_typer(label, name="label")
app.add_typer(sandbox_commands.app, name="sandbox")
console = Console()

Json = Annotated[bool, typer.Option("--json", help="输出 JSON,供脚本读取。")]
OrderNo = Annotated[str, typer.Argument(help="渠道订单号,或 渠道/订单号。")]
Speed = Annotated[
    float,
    typer.Option(min=0.01, help="世界时间:真实一秒走几分钟。200 表示十天约 72 秒。"),
]
MINUTE = 60


def at_speed(world_minutes_per_second: float) -> Settings:
    """Tell the settings of a house whose world runs so fast."""
    said = Settings()
    time = said.time.model_copy(update={"speed": world_minutes_per_second * MINUTE})
    return said.model_copy(update={"time": time})


@app.command()
def up(
    chaos: Annotated[float, typer.Option(min=0, max=1, help="沙箱伙伴的故障率。")] = 0.0,
) -> None:
    """启动整个中枢(内置引擎、沙箱、工作进程、前端),直到 Ctrl-C。"""
    from infra.demo.play import serve  # noqa: PLC0415 - the SDK is slow to load

    run(serve(Settings(), Rehearsal(chaos=chaos), console))


@app.command()
def demo(
    *,
    orders: Annotated[int, typer.Option(min=1, help="样例订单数。")] = 200,
    seed: Annotated[int, typer.Option(help="随机种子:同一种子,同样的订单。")] = 7,
    speed: Speed = 200,
    chaos: Annotated[
        float, typer.Option(min=0, max=1, help="每个伙伴的故障率:一半在生效前,一半在生效后。")
    ] = 0.0,
    rate: Annotated[float, typer.Option(min=0.1, help="每秒下单数。")] = 4.0,
    leave_when_done: Annotated[
        bool, typer.Option("--exit", help="跑完即退出;全部走完且审计无误时返回 0。")
    ] = False,
) -> None:
    """启动中枢,让样例订单走完一生,打印小结,并写入 var/run.json。"""
    from infra.demo.play import perform  # noqa: PLC0415 - the SDK is slow to load
    from infra.demo.run import Play  # noqa: PLC0415

    play = Play(orders=orders, seed=seed, rate=rate)
    rehearsal = Rehearsal(seed=seed, chaos=chaos)
    run(perform(at_speed(speed), rehearsal, play, console, stay=not leave_when_done))


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """体检:这台机器能不能跑,哪里不对,怎么修。"""
    from infra.doctor import examine  # noqa: PLC0415 - the SDK is slow to load
    from infra.screens import show_findings  # noqa: PLC0415

    findings = asyncio.run(examine(Settings()))
    leave(show_findings(findings, console, as_json=as_json))


@app.command()
def audit(*, as_json: Json = False) -> None:
    """审计:用各伙伴自己的账本核对六项承诺,逐条列出不符。"""
    from infra.demo.play import audit_now  # noqa: PLC0415 - the SDK is slow to load

    findings = asyncio.run(audit_now(Settings()))
    if as_json:
        typer.echo(json.dumps(findings.as_json(), ensure_ascii=False, indent=2))
    else:
        for mismatch in findings.mismatches:
            console.print(f"[red]不符[/red] {escape(mismatch)}")
        console.print(f"{findings.checks} 项检查,{len(findings.mismatches)} 处不符")
    leave(1 if findings.mismatches else 0)


@app.command()
def trace(order_no: OrderNo, *, as_json: Json = False) -> None:
    """画出一个订单的一生:每一步、每次重试、每个故障、每次人工。"""
    from infra.screens import show_trace  # noqa: PLC0415 - the SDK is slow to load

    run(show_trace(Settings(), order_no, console, as_json=as_json))


@order.command("list")
def list_orders(
    *, limit: Annotated[int, typer.Option(min=1, help="最多几行。")] = 20, as_json: Json = False
) -> None:
    """列出最近的订单。"""
    from infra.screens import show_orders  # noqa: PLC0415 - the SDK is slow to load

    run(show_orders(Settings(), limit, console, as_json=as_json))


@order.command("show")
def show_order(order_no: OrderNo, *, as_json: Json = False) -> None:
    """看一个订单现在在哪、为什么停、下一步是什么。"""
    from infra.screens import show_order as show  # noqa: PLC0415 - the SDK is slow to load

    run(show(Settings(), order_no, console, as_json=as_json))


@label.command("show")
def show_label(
    order_no: OrderNo,
    folder: Annotated[Path, typer.Option(help="图片写到哪个目录。")] = Path("var/labels"),
) -> None:
    """把订单的面单写成 PNG 图片。"""
    from infra.screens import write_labels  # noqa: PLC0415 - drawing libraries are slow to load

    for path in write_labels(Settings(), order_no, folder):
        console.print(str(path))


@skus.command("import")
def import_skus(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="CSV(UTF-8),列:sku,name,temperature(ambient/chilled/frozen),"
            "weight_g,volume_cm3,price_fen。",
        ),
    ],
) -> None:
    """导入商品主档:已有的更新,没有的新增;有一行不对就一行也不导入。"""
    from infra.screens import take_over_skus  # noqa: PLC0415 - drawing libraries are slow to load

    console.print(f"已导入 {take_over_skus(Settings(), file)} 个商品;运行中的工作进程重启后生效")


def run(work: Coroutine[Any, Any, int]) -> None:
    """Do the work and leave with its code; the SDK does not survive an ordinary exit."""
    leave(asyncio.run(work))


def main() -> None:
    """Run the command; what is wrong is one sentence, not a stack of calls."""
    try:
        app(standalone_mode=True)
    except (HubError, SandboxError) as fault:
        # As plain text: a sentence that names "[web] port" must not lose it as markup.
        Console(stderr=True).print(str(fault), style="red", markup=False, highlight=False)
        leave(2)


if __name__ == "__main__":
    main()
