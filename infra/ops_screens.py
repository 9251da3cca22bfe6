"""What ``lifeline ops`` shows: a look before, the answers after, and a buyer's record."""

from collections.abc import Mapping, Sequence

from rich.console import Group
from rich.markup import escape
from rich.table import Column, Table

from domain.clock import CHINA
from domain.hands import Deed
from domain.order import OrderId
from domain.words import zh
from web.bulk import SHOWN
from web.buyers import BuyerCard
from web.handled import Handled, Outcome

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.DONE: "完成",
    Outcome.REFUSED: "拒绝",
    Outcome.OVER: "已完结",
    Outcome.UNKNOWN: "没有此单",
    Outcome.AWAY: "没有答复",
}


def preview_of(found: Sequence[OrderId], deed: Deed) -> Group:
    """Draw which orders are about to be changed."""
    table = Table("订单", title=f"{zh(deed)}:{len(found)} 个订单", title_justify="left")
    for order_id in found[:SHOWN]:
        table.add_row(escape(order_id))
    more = f"……另有 {len(found) - SHOWN} 个" if len(found) > SHOWN else ""
    return Group(table, more)


def answers_table(answers: Sequence[Handled]) -> Table:
    """Draw answers, one a row."""
    table = Table("订单", "结果", Column("说明", ratio=1))
    for answer in answers:
        table.add_row(escape(answer.order_id), OUTCOMES[answer.outcome], escape(answer.said))
    return table


def answer_of(answer: Handled) -> dict[str, str]:
    """Tell an answer for scripts."""
    return {"order_id": answer.order_id, "outcome": answer.outcome.value, "said": answer.said}


def buyer_table(card: BuyerCard) -> Group:
    """Draw a buyer's standing and record."""
    until = card.standing.frozen_until
    frozen = f"冻结到 {until.astimezone(CHINA):%Y-%m-%d %H:%M}" if until else "可以下单"
    table = Table("时间", "操作", "操作人", "冻结到", Column("原因", ratio=1))
    for act in card.acts:
        table.add_row(
            f"{act.at.astimezone(CHINA):%m-%d %H:%M:%S}",
            act.act,
            escape(act.by),
            f"{act.until.astimezone(CHINA):%m-%d %H:%M}" if act.until else "",
            escape(act.reason),
        )
    return Group(f"{card.buyer_key}:{frozen} {escape(card.standing.reason)}".rstrip(), table)


def buyer_of(card: BuyerCard) -> dict[str, object]:
    """Tell a buyer for scripts."""
    until = card.standing.frozen_until
    acts = [
        {"act": act.act, "by": act.by, "reason": act.reason, "at": act.at.isoformat()}
        for act in card.acts
    ]
    frozen = {"frozen_until": until.isoformat() if until else None}
    return {"buyer_key": card.buyer_key, **frozen, "reason": card.standing.reason, "acts": acts}
