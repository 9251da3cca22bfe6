"""How an order is written for the ERP and its answer is read, loaded from ``rules/erp.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from domain.clock import CHINA
from domain.erp import ErpOrder, ErpStanding, ErpState
from domain.money import yuan
from rulebook.expression import Expression, Scene, Vocabulary, compile_expression
from rulebook.facts import Facts
from rulebook.faults import BrokenRules
from rulebook.sheet import Sheet, load_sheet

FUNCTIONS = {"yuan": yuan}
LINE: Facts = {"no": 1, "sku": "28165", "name": "生日蛋糕", "quantity": 1, "paid_fen": 9900}
ORDER = Vocabulary(
    sample={
        "order": {
            "key": "miniprogram/MP7-00001/erp",
            "id": "miniprogram/MP7-00001",
            "channel": "miniprogram",
            "number": "MP7-00001",
            "status": "paid",
            "paid_at": "2026-11-22T14:40:00+08:00",
            "leader": "L-7",
            "buyer": "张**",
            "province": "浙江省",
            "city": "杭州市",
            "district": "西湖区",
            "goods_fen": 9900,
            "freight_fen": 600,
            "paid_fen": 10500,
            "lines": [LINE],
        }
    },
    functions=FUNCTIONS,
)
# What an ERP answers is its own business, so nothing of it can be tried when the file is loaded.
ANSWER = Vocabulary(sample={"answer": None}, functions=FUNCTIONS)


class Wish(StrEnum):
    """What the ERP is to know of an order, in the words of ``order.status``."""

    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSheet:
    """The ERP's fields, and what of its answers is read."""

    order: Mapping[str, Expression]
    answer: Mapping[str, Expression]

    def written(self, order: ErpOrder, wish: Wish) -> Mapping[str, object]:
        """Write an order in the ERP's own fields."""
        scene = Scene({"order": _facts(order, wish)}, FUNCTIONS)
        return {field: cell.value(scene) for field, cell in self.order.items()}

    def read(self, answer: object) -> ErpState:
        """Read what the ERP answered.

        Raises:
            BrokenRules: the answer has another shape than the rules say; the cell is named.
        """
        scene = Scene({"answer": answer}, FUNCTIONS)
        said = {name: str(cell.value(scene)) for name, cell in self.answer.items()}
        place = self.answer["standing"].place
        if said["standing"] not in set(ErpStanding):
            raise BrokenRules.at(place, f"不认识的状态 {said['standing']}")
        return ErpState(
            standing=ErpStanding(said["standing"]),
            number=said["number"],
            audited_by=said["audited_by"],
            audited_at=self._time(said["audited_at"]),
        )

    def _time(self, text: str) -> datetime | None:
        if not text:
            return None
        place = self.answer["audited_at"].place
        try:
            at = datetime.fromisoformat(text)
        except ValueError as fault:
            raise BrokenRules.at(place, f"不是 ISO 8601 时间:{text}") from fault
        if at.tzinfo is None:
            raise BrokenRules.at(place, f"时间没有时区:{text}")
        return at


def load_erp(rules_dir: Path) -> ErpSheet:
    """Load ``erp.yaml``.

    Raises:
        BrokenRules: with every fault that was found, each with its place, in Chinese.
    """
    sheet = load_sheet(rules_dir / "erp.yaml", rules_dir / "schema" / "erp.json")
    faults = list[str]()
    order = _cells(sheet, "order", ORDER, object, faults)
    answer = _cells(sheet, "answer", ANSWER, str, faults)
    if faults:
        raise BrokenRules(*faults)
    return ErpSheet(order=order, answer=answer)


def faults_of_erp(rules_dir: Path) -> tuple[str, ...]:
    """List what is wrong with the ERP's rules, in Chinese; empty when they can be used."""
    try:
        load_erp(rules_dir)
    except BrokenRules as broken:
        return broken.faults
    return ()


def _cells(
    sheet: Sheet, part: str, vocabulary: Vocabulary, kind: type, faults: list[str]
) -> Mapping[str, Expression]:
    cells = dict[str, Expression]()
    for name, text in sheet.content[part].items():
        place = f"{sheet.name} {part}.{name}"
        try:
            cells[name] = compile_expression(text, place=place, vocabulary=vocabulary, kind=kind)
        except BrokenRules as broken:
            faults.extend(broken.faults)
    return cells


def _facts(order: ErpOrder, wish: Wish) -> Facts:
    return {
        "key": order.key,
        "id": order.order_id,
        "channel": order.channel,
        "number": order.number,
        "status": wish.value,
        "paid_at": order.paid_at.astimezone(CHINA).isoformat(),
        "leader": order.leader or "",
        "buyer": order.buyer,
        "province": order.province,
        "city": order.city,
        "district": order.district,
        "goods_fen": sum(line.paid_fen for line in order.lines),
        "freight_fen": order.freight_fen,
        "paid_fen": order.paid_fen,
        "lines": [{name: getattr(line, name) for name in LINE} for line in order.lines],
    }
