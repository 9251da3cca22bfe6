"""What ``lifeline exceptions`` shows: the queue in a table, or one with what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from rich.markup import escape
from rich.table import Column, Table

from domain.clock import CHINA
from domain.trouble import Remedy
from domain.words import STEPS, zh
from gateways.exception_rows import OpenException
from gateways.exceptions import Part

EMPTY: Mapping[Part, str] = {
    Part.OPEN: "没有未处理的异常:订单都在走,不必操作。",
    Part.OVERDUE: "没有超过期限的异常。",
    Part.UNTAKEN: "没有等人领取的异常:未处理的都有人在办。",
    Part.CLEARED: "还没有处理完的异常。",
}
# With which command each remedy is done.
COMMANDS: Mapping[Remedy, str] = {
    Remedy.RETRY: "resolve {order} --subject {subject} --remedy retry",
    Remedy.DONE_BY_HAND: "resolve {order} --subject {subject} --remedy done_by_hand",
    Remedy.REROUTE: "reroute {order}",
    Remedy.EDIT_ADDRESS: "edit-address {order}",
    Remedy.CANCEL: "cancel {order}",
}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def table_of(found: Sequence[OpenException], now: datetime) -> Table:
    """Draw the queue; the reason has what room is left."""
    table = Table(
        Column("编号", overflow="fold"), "步骤", "已等", "期限", "领取人", Column("原因", ratio=1)
    )
    for each in found:
        table.add_row(
            escape(each.key),
            step_of(each),
            span(now - each.since),
            deadline_of(each, now),
            escape(each.owner or ""),
            escape(each.reason),
        )
    return table


def facts_of(found: OpenException, now: datetime) -> Table:
    """Draw what is known of one exception, and the commands that are open."""
    rung = f"{_clock(found.rung_at)},催办 {found.escalations} 次" if found.rung_at else "还没有"
    facts = {
        "编号": found.key,
        "订单": found.order_id,
        "步骤": step_of(found),
        "原因": found.reason,
        "起始": f"{_clock(found.since)},已等 {span(now - found.since)}",
        "期限": deadline_of(found, now),
        "领取人": found.owner or "无",
        "通知": rung,
        "可选操作": "\n".join(commands_of(found)) or "查看订单",
    }
    table = Table.grid(padding=(0, 2))
    for name, fact in facts.items():
        table.add_row(name, escape(fact))
    return table


def commands_of(found: OpenException) -> list[str]:
    """Tell the command behind each thing that may be done."""
    return [
        f"{zh(remedy)}:lifeline ops "
        + COMMANDS[remedy].format(order=found.order_id, subject=found.subject)
        for remedy in Remedy
        if remedy in found.remedies
    ]


def step_of(found: OpenException) -> str:
    """Say in Chinese what stands still."""
    return STEPS[found.step].zh if found.step in STEPS else found.step


def deadline_of(found: OpenException, now: datetime) -> str:
    """Say by when it must be closed, and how far past that it is."""
    late = now - found.deadline
    if found.cleared_at or late < timedelta(0):
        return _clock(found.deadline)
    return f"{_clock(found.deadline)},超期 {span(late)}"


def span(time: timedelta) -> str:
    """Say how long, in the largest unit that is not zero."""
    if time >= DAY:
        return f"{time // DAY} 天"
    if time >= HOUR:
        return f"{time // HOUR} 小时"
    return f"{max(time // MINUTE, 0)} 分钟"


def data_of(found: OpenException) -> dict[str, object]:
    """Tell an exception for scripts."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(found).items()
    }


def _clock(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%m-%d %H:%M")
