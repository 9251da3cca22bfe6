"""What the ``lifeline`` command shows of orders, their past, and this machine."""

import json
from pathlib import Path

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree
from temporalio.client import Client, WorkflowExecution, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from domain.clock import CHINA
from domain.errors import HubError
from domain.lifecycle import OrderStage
from domain.order import OrderId
from domain.trouble import HoldReason
from domain.view import OrderView
from domain.words import STEPS, zh
from gateways.database import open_database
from gateways.label_store import LabelStore, write_png
from gateways.order_book import OrderBook
from infra import histories
from infra.connect import connect
from infra.doctor import Finding
from settings import Settings
from web.lives import workflow_id
from workflows import chronicle
from workflows.attributes import EXCEPTION, STAGE, WAREHOUSES
from workflows.chronicle import Kind, Moment
from workflows.order import OrderWorkflow
from workflows.story import details

VIEW = TypeAdapter(OrderView)
WORDS_OF_FACTS = {
    "opened": "接单",
    "closed": "完结",
    "scanned": "物流推送",
    "packed": "仓库出库",
    "restocked": "到货通知",
    "channel_changed": "渠道变更",
    "refunded": "退款申请",
    "made": "产线完工",
    "accept": "询问是否接单",
    "reroute": "改派仓库",
    "hold": "人工挂起",
    "release": "解除挂起",
    "cancel": "取消",
    "edit_address": "修改地址",
    "correct_waybill": "更正运单号",
    "retry_now": "立即重试",
    "resolve": "处理异常",
}


class NoSuchOrder(HubError):
    """Nobody here knows the order."""


def find(settings: Settings, number: str) -> OrderId:
    """Find an order by the channel's number or by our id.

    Raises:
        NoSuchOrder: No such order, or more than one channel has the number.
    """
    hub = open_database(settings.hub.url)
    found = OrderBook(hub).by_number(number)
    hub.dispose()
    if len(found) == 1:
        return found[0].order_id
    if not found:
        raise NoSuchOrder(
            f"没有订单 {number}:请核对渠道订单号,或用 lifeline order list 查看最近的订单"
        )
    ids = "、".join(order.order_id for order in found)
    raise NoSuchOrder(f"{number} 在多个渠道出现,请用完整编号:{ids}")


async def show_orders(settings: Settings, limit: int, console: Console, *, as_json: bool) -> int:
    """Show the latest orders."""
    client = await connect(settings, within_s=5)
    found = [life async for life in client.list_workflows('WorkflowType = "order"', limit=limit)]
    if as_json:
        typer.echo(json.dumps([_row(life) for life in found], ensure_ascii=False, indent=2))
        return 0
    if not found:
        console.print("还没有订单。运行 make run 看样例订单走完一生,或让渠道推送第一单。")
        return 0
    table = Table("订单", "阶段", "仓库", "异常", "接单时间")
    for life in found:
        row = _row(life)
        stage = zh(OrderStage(row["stage"])) if row["stage"] else ""
        since = life.start_time.astimezone(CHINA).strftime("%m-%d %H:%M:%S")
        table.add_row(row["order_id"], stage, row["warehouses"], _trouble(row["exception"]), since)
    console.print(table)
    return 0


def _trouble(name: str) -> str:
    """Say in Chinese which step is in trouble, or for what the order waits."""
    if not name:
        return ""
    return STEPS[name].zh if name in STEPS else zh(HoldReason(name))


def _row(life: WorkflowExecution) -> dict[str, str]:
    seen = life.typed_search_attributes
    return {
        "order_id": life.id.removeprefix("order/"),
        "stage": seen.get(STAGE) or "",
        "warehouses": " ".join(seen.get(WAREHOUSES) or ()),
        "exception": seen.get(EXCEPTION) or "",
        "status": life.status.name if life.status else "",
    }


async def show_order(settings: Settings, number: str, console: Console, *, as_json: bool) -> int:
    """Show where an order stands, why it stands still, and what may be done."""
    order_id = find(settings, number)
    client = await connect(settings, within_s=5)
    view = await _handle(client, order_id).query(OrderWorkflow.view)
    if as_json:
        typer.echo(VIEW.dump_json(view, indent=2).decode())
    else:
        console.print(f"[bold]{order_id}[/bold]", highlight=False)
        console.print(details(view).replace("**", ""), markup=False, highlight=False)
    return 0


async def show_trace(settings: Settings, number: str, console: Console, *, as_json: bool) -> int:
    """Draw an order's past from its history."""
    order_id = find(settings, number)
    moments = await _past(await connect(settings, within_s=5), order_id)
    if as_json:
        adapter = TypeAdapter(tuple[Moment, ...])
        typer.echo(adapter.dump_json(moments, indent=2).decode())
        return 0
    tree = Tree(f"[bold]{order_id}[/bold]")
    for moment in moments:
        tree.add(_line(moment))
    console.print(tree, highlight=False)
    return 0


async def _past(client: Client, order_id: OrderId) -> tuple[Moment, ...]:
    try:
        events = await histories.fetch(client, workflow_id(order_id))
    except RPCError as fault:
        if fault.status is RPCStatusCode.NOT_FOUND:
            raise NoSuchOrder(f"{order_id} 的历史已超过引擎的保留期") from fault
        raise
    return chronicle.read(events)


def _line(moment: Moment) -> str:
    at = moment.at.astimezone(CHINA).strftime("%H:%M:%S.%f")[:-3]
    if moment.kind is Kind.STEP:
        line = f"{at}  {moment.summary or STEPS[moment.name].zh}"
    else:
        line = f"{at}  {WORDS_OF_FACTS[moment.name]}{_subject(moment)}"
    if moment.kind is Kind.HAND:
        return f"{line}  [cyan]{escape(_who(moment))}[/cyan]"
    if moment.attempts > 1:
        line += f"  [yellow]第 {moment.attempts} 次[/yellow]"
    if moment.fault:
        line += f"  [red]{escape(moment.fault)}[/red]"
    return line if moment.done else f"{line}  [yellow]进行中[/yellow]"


def _who(moment: Moment) -> str:
    """Tell who acted and why, as far as they said; a signal may say anything."""
    asked = moment.asked if isinstance(moment.asked, dict) else {}
    hand = asked.get("hand", asked)
    said = hand if isinstance(hand, dict) else {}
    return f"{said.get('by', '?')}:{said.get('reason', '?')}"


def _subject(moment: Moment) -> str:
    asked = moment.asked if isinstance(moment.asked, dict) else {}
    parcel = asked.get("parcel_no")
    milestone = asked.get("scan", {}).get("text", "")
    return (f" 包裹 {parcel}" if parcel else "") + (f" {milestone}" if milestone else "")


def _handle(client: Client, order_id: OrderId) -> WorkflowHandle[OrderWorkflow, OrderStage]:
    return client.get_workflow_handle_for(OrderWorkflow.run, workflow_id(order_id))


def write_labels(settings: Settings, number: str, folder: Path) -> list[Path]:
    """Write an order's labels as PNG files."""
    order_id = find(settings, number)
    hub = open_database(settings.hub.url)
    paths = write_png(LabelStore(hub), order_id, folder)
    hub.dispose()
    if not paths:
        raise NoSuchOrder(f"{order_id} 还没有面单:先用 lifeline order show 看它停在哪一步")
    return paths


def show_findings(findings: list[Finding], console: Console, *, as_json: bool) -> int:
    """Show what the doctor found; 1 when something is in the way."""
    if as_json:
        typer.echo(TypeAdapter(list[Finding]).dump_json(findings, indent=2).decode())
    else:
        for finding in findings:
            mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
            console.print(f"{mark} {finding.name}:{escape(finding.sentence)}", highlight=False)
    return 0 if all(finding.ok for finding in findings) else 1
