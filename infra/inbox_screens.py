"""What ``lifeline inbox`` shows: pushes in a table, or one of them with what is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.markup import escape
from rich.table import Column, Table

from domain.clock import CHINA
from domain.events import Push
from gateways.inbox_desk import Entry
from gateways.tables import InboxState

STATES: Mapping[InboxState, str] = {
    InboxState.NEW: "待处理",
    InboxState.DONE: "已处理",
    InboxState.PARKED: "搁置",
    InboxState.EARLY: "等订单",
    InboxState.DROPPED: "已忽略",
}
EMPTY: Mapping[InboxState | None, str] = {
    None: "还没有推送:请核对各平台填写的推送地址,或运行 make run 看样例订单。",
    InboxState.NEW: "没有待处理的推送:收到的都已处理。",
    InboxState.DONE: "还没有处理完的推送:用 --state new 或 --state parked 看它们停在哪里。",
    InboxState.PARKED: "没有搁置的推送:收到的都能识别,不必处理。",
    InboxState.EARLY: "没有在等订单的推送,不必处理。",
    InboxState.DROPPED: "没有被忽略的推送。",
}


def table_of(entries: Sequence[Entry]) -> Table:
    """Draw a list; the reason has what room is left."""
    table = Table("编号", "来源", "状态", "收到", "订单", "字段", Column("原因", ratio=1))
    for entry in entries:
        table.add_row(
            str(entry.id),
            entry.door,
            STATES[entry.state],
            entry.received_at.astimezone(CHINA).strftime("%m-%d %H:%M:%S"),
            entry.order_id or "",
            escape(entry.fault_path or ""),
            escape(entry.fault_reason or ""),
        )
    return table


def facts_of(entry: Entry) -> Table:
    """Draw what is known of one push."""
    facts = {
        "编号": str(entry.id),
        "来源": entry.door,
        "事件": entry.key,
        "状态": STATES[entry.state],
        "收到": entry.received_at.astimezone(CHINA).isoformat(sep=" ", timespec="milliseconds"),
        "订单": entry.order_id or "",
        "字段": entry.fault_path or "",
        "原因": entry.fault_reason or "",
        "尝试": f"{entry.attempts} 次",
        "操作人": entry.settled_by or "",
        "操作原因": entry.settled_why or "",
    }
    table = Table.grid(padding=(0, 2))
    for name, fact in facts.items():
        if fact:
            table.add_row(name, escape(fact))
    return table


def text_of(push: Push) -> str:
    """Write a push as it came, but for what proves it."""
    head = [f"{name}: {value}" for name, value in push.headers.items()]
    query = [f"?{name}={value}" for name, value in push.query.items()]
    return "\n".join([*query, *head, "", push.body.decode(errors="backslashreplace")])


def data_of(entry: Entry) -> dict[str, object]:
    """Tell a push for scripts."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in asdict(entry).items()
    }
