"""What ``lifeline channels`` shows: tables for people, JSON for scripts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from channels.comparison import Difference
from channels.mapping import ChannelMapping
from channels.samples import SampleKind, plain
from channels.sheets import channels, versions
from domain.claim import RefundKind, RefundStage
from domain.clock import CHINA
from domain.reconciliation import Reconciliation
from domain.standing import Standing
from domain.words import zh
from gateways.channel_acts import Act, ChannelAct
from gateways.channel_shelf import ChannelShelf
from gateways.field_watch import NewField
from infra.channel_check import Checked, MappingFault
from infra.channel_desk import Tried
from rulebook.waybills import standard_numbers

ACTS: Mapping[Act, str] = {Act.ACTIVATED: "启用", Act.WITHDRAWN: "停用"}
KINDS_OF_WORDS: Mapping[str, str] = {
    "order": "订单",
    "refund": "售后",
    "refund_kind": "售后类型",
    "shipping": "发货状态",
    "carrier": "快递公司",
}
STATES: Mapping[str, type[StrEnum]] = {
    "order": Standing,
    "shipping": Standing,
    "refund": RefundStage,
    "refund_kind": RefundKind,
}
KINDS: Mapping[SampleKind, str] = {
    SampleKind.PUSH: "推送",
    SampleKind.ORDER: "订单",
    SampleKind.REFUND: "售后单",
}


def show_channels(shelf: ChannelShelf, console: Console, *, as_json: bool) -> int:
    """Show every channel with its versions; those in force in the order in which they are asked."""
    decided = shelf.decided()
    rows = [
        {
            "channel": name,
            "in_force": list(decided.get(name, ())),
            "versions": list(versions(name)),
            "title": next((m.title for m in shelf.in_force(name)), ""),
        }
        for name in dict.fromkeys((*channels(), *decided))
    ]
    if as_json:
        return _json(rows)
    table = Table("渠道", "名称", "启用(先问排在前面的)", "映射文件", title="渠道")
    for row in rows:
        lists = ("、".join(row["in_force"]) or "—", "、".join(row["versions"]) or "—")
        table.add_row(str(row["channel"]), str(row["title"]), *lists)
    console.print(table)
    return 0


def show_checked(checked: Sequence[Checked], console: Console, *, as_json: bool) -> int:
    """Show what is wrong with each mapping; 1 when anything is."""
    if as_json:
        _json([asdict(one) for one in checked])
    else:
        for one in checked:
            _show_checked(one, console)
    return 1 if any(one.faults for one in checked) else 0


def _show_checked(one: Checked, console: Console) -> None:
    name = f"{one.channel} {one.version}"
    if not one.faults:
        console.print(f"[green]正确[/green] {name}:试读存档报文 {one.samples} 份")
    for fault in one.faults:
        console.print(f"[red]有误[/red] {name} {_where(fault)}:{escape(fault.reason)}")


def _where(fault: MappingFault) -> str:
    return fault.file if fault.line is None else f"{fault.file} 第 {fault.line} 行"


def show_tried(mapping: ChannelMapping, tried: Tried, console: Console, *, as_json: bool) -> None:
    """Show what a payload is read as."""
    if not as_json:
        console.print(f"{mapping.title}({mapping.channel} {mapping.version}){KINDS[tried.kind]}:")
    typer.echo(json.dumps(tried.reads, ensure_ascii=False, indent=2))


def show_differences(
    differences: Sequence[Difference], documents: int, console: Console, *, as_json: bool
) -> int:
    """Show what two versions read differently."""
    if as_json:
        return _json({"documents": documents, "differences": [asdict(d) for d in differences]})
    if documents == 0:
        console.print("没有历史推送可重放:先让渠道推几单,或用 lifeline channels try 试读一份报文")
        return 0
    table = Table("单据", "字段", "旧版本", "新版本", title="读出来不一样的字段")
    for found in differences:
        table.add_row(*(escape(_short(v)) for v in (found.name, found.path, found.old, found.new)))
    if differences:
        console.print(table)
    console.print(f"重放 {documents} 份单据,{len(differences)} 处不同")
    return 0


def show_words(mappings: Sequence[ChannelMapping], console: Console, *, as_json: bool) -> None:
    """Show every word of a channel beside ours, for each of these versions."""
    tables = {m.version: {**m.statuses, "carrier": _turned(m.carriers)} for m in mappings}
    if as_json:
        _json(tables)
        return
    for version, words in tables.items():
        table = Table("类别", "渠道的词", "我们的词", "", title=f"协议版本 {version}")
        for kind, pairs in words.items():
            for theirs, ours in pairs.items():
                table.add_row(KINDS_OF_WORDS.get(kind, kind), theirs, ours, _zh(kind, ours))
        console.print(table)


def _turned(carriers: Mapping[str, str]) -> Mapping[str, str]:
    return {theirs: ours for ours, theirs in carriers.items()}


def _zh(kind: str, ours: str) -> str:
    """Say one of our words in Chinese."""
    states = STATES.get(kind)
    if states is not None:
        return zh(states(ours))
    profile = standard_numbers().carrier(ours) if kind == "carrier" else None
    return profile.name if profile is not None else ""


def show_acts(acts: Sequence[ChannelAct], console: Console, *, as_json: bool) -> None:
    """Show who let which version in or out."""
    if as_json:
        _json([plain(asdict(act)) for act in acts])
        return
    table = Table("时间", "渠道", "版本", "操作", "谁", "原因", title="协议版本的启用与停用")
    for act in acts:
        table.add_row(
            _local(act.at), act.channel, act.version, ACTS[act.act], act.by, escape(act.reason)
        )
    _print(table, acts, "还没有人启用或停用过版本:各渠道用的是随程序启用的版本", console)


def show_fields(seen: Sequence[NewField], console: Console, *, as_json: bool) -> None:
    """Show the fields that nobody had seen before."""
    if as_json:
        _json([plain(asdict(field)) for field in seen])
        return
    table = Table("渠道", "版本", "字段", "次数", "最早", "最近", title="没见过的字段")
    for field in seen:
        table.add_row(
            field.channel,
            field.version,
            escape(field.path),
            str(field.times),
            _local(field.first_seen),
            _local(field.last_seen),
        )
    _print(table, seen, "没有没见过的字段:渠道的报文和存档样例一致", console)


def show_reconciliations(
    looks: Sequence[Reconciliation], console: Console, *, as_json: bool
) -> None:
    """Show the latest looks at the channels."""
    if as_json:
        _json([plain(asdict(look)) for look in looks])
        return
    table = Table("渠道", "从", "到", "找到", "补建", "修正", "读不懂", title="对账")
    for look in looks:
        counts = (look.found, look.started, look.mended, look.parked)
        table.add_row(look.channel, _local(look.since), _local(look.until), *map(str, counts))
    _print(table, looks, "还没有对过账:中枢运行几分钟后会自动开始", console)


def _print(table: Table, rows: Sequence[object], empty: str, console: Console) -> None:
    console.print(table if rows else empty)


def _local(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%m-%d %H:%M:%S")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 - a cell on a screen


def _json(content: Iterable[object]) -> int:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
    return 0
