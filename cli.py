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
from infra import (
    carrier_commands,
    channel_commands,
    exception_commands,
    guard_commands,
    inbox_commands,
    ops_commands,
    sandbox_commands,
)
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
app.add_typer(channel_commands.app, name="channels")
app.add_typer(carrier_commands.app, name="carriers")
app.add_typer(inbox_commands.app, name="inbox")
app.add_typer(exception_commands.app, name="exceptions")
app.add_typer(guard_commands.app, name="guard")
app.add_typer(ops_commands.app, name="ops")
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
def demo(  # noqa: PLR0913 - each is an option of the command
    *,
    orders: Annotated[int, typer.Option(min=1, help="样例订单数。")] = 200,
    seed: Annotated[int, typer.Option(help="随机种子:同一种子,同样的订单。")] = 7,
    speed: Speed = 200,
    chaos: Annotated[
        float, typer.Option(min=0, max=1, help="每个伙伴的故障率:一半在生效前,一半在生效后。")
    ] = 0.0,
    lost_pushes: Annotated[
        float, typer.Option(min=0, max=1, help="渠道推送丢失的比例;1 表示只靠主动对账。")
    ] = 0.0,
    rate: Annotated[float, typer.Option(min=0.1, help="每秒下单数。")] = 4.0,
    channels: Annotated[
        str, typer.Option(help="在哪些渠道下单,逗号分隔;all 表示全部渠道轮流。")
    ] = "all",
    refunds: Annotated[
        float,
        typer.Option(min=0, max=1, help="要退款的订单比例:各个时刻、整单、单行、退货、撤销……"),
    ] = 0.0,
    abuse: Annotated[
        bool, typer.Option("--abuse", help="加几个滥用仅退款的买家:第三笔售后应被冻结。")
    ] = False,
    leave_when_done: Annotated[
        bool, typer.Option("--exit", help="跑完即退出;全部走完且审计无误时返回 0。")
    ] = False,
) -> None:
    """启动中枢,让样例订单走完一生,打印小结,并写入 var/run.json。"""
    from infra.demo.play import perform  # noqa: PLC0415 - the SDK is slow to load
    from infra.demo.run import Play  # noqa: PLC0415

    play = Play(
        orders=orders,
        seed=seed,
        rate=rate,
        channels=sandbox_commands.shops(channels),
        refunds=refunds,
        abuse=abuse,
        speed=speed,
    )
    rehearsal = Rehearsal(seed=seed, chaos=chaos, lost_pushes=lost_pushes)
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
    source: Annotated[
        str,
        typer.Argument(
            metavar="文件或渠道",
            help="CSV(UTF-8),列:sku, name, temperature(ambient/chilled/frozen), weight_g, "
            "volume_cm3, price_fen, made_to_order(可不写);或渠道名,例如 youzan。",
        ),
    ],
) -> None:
    """导入商品主档:文件里已有的更新、没有的新增,有一行不对就一行也不导入;渠道只更新价格、名称和重量。"""
    from infra.sku_import import import_skus as take_over  # noqa: PLC0415 - slow to load

    take_over(Settings(), source, console)


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
