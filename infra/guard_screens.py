"""What ``lifeline guard`` shows: frozen buyers, one guard, and what was done to a buyer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.table import Column, Table

from domain.clock import CHINA
from domain.freeze import GuardState, standing_words
from domain.money import yuan
from domain.words import zh
from gateways.buyer_acts import BuyerAct
from gateways.buyers import Act, Frozen

ACTS: Mapping[str, str] = {
    Act.FREEZE: "冻结",
    Act.UNFREEZE: "解冻",
    Act.LAPSE: "无人确认,自动解冻",
    Act.CONFIRM: "确认风险",
    Act.LOOK: "看历史订单",
    Act.DRY_RUN: "试运行:本来会冻结",
    Act.CARD: "发风控卡片",
}


def frozen_table(frozen: Sequence[Frozen]) -> Table:
    """Draw who is frozen; the reason has what room is left."""
    table = Table("买家标识", "冻结至", "谁", Column("原因", ratio=1))
    for buyer in frozen:
        row = (buyer.buyer_key, _wall(buyer.until), escape(buyer.by), escape(buyer.reason))
        table.add_row(*row)
    return table


def acts_table(acts: Sequence[BuyerAct]) -> Table:
    """Draw what was done to a buyer, the latest first."""
    table = Table("时间", "操作", "谁", "冻结至", Column("原因", ratio=1))
    for act in acts:
        until = _wall(act.until) if act.until else ""
        deed = ACTS.get(act.act, act.act)
        table.add_row(_wall(act.at), deed, escape(act.by), until, escape(act.reason))
    return table


def state_lines(buyer_key: str, frozen: Frozen | None, state: GuardState | None) -> Iterator[str]:
    """Write where a buyer stands, a fact a line."""
    yield f"买家 {buyer_key}"
    if frozen is None:
        yield "现在没有被冻结"
    else:
        yield f"冻结至 {_wall(frozen.until)}({frozen.by}):{frozen.reason}"
    if state is None:
        yield "守卫没有在看这个买家"
        return
    if state.freeze is not None:
        yield f"守卫的冻结 {state.freeze.no}:{standing_words(state.freeze)}"
    for known in state.claims:
        claim = known.last
        money = f"¥{yuan(claim.amount_fen)}"
        yield f"  {_wall(claim.at)} {claim.order_id} {zh(claim.kind)} {money} {zh(claim.stage)}"
    for trouble in state.troubles:
        yield f"未完成:{trouble}"


def data_of(thing: Any) -> dict[str, Any]:  # noqa: ANN401 - any of our records
    """Tell a record for scripts."""
    told: dict[str, Any] = _plain(asdict(thing))
    return told


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON values
    match value:
        case datetime():
            return value.isoformat()
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _wall(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%m-%d %H:%M:%S")
