"""A router that answers at once, for tests and benches of everything behind it."""

from collections.abc import Iterable, Mapping, Sequence

from domain.clock import utc_now
from domain.order import Line
from domain.parcel import Band, Item, Parcel
from domain.routing import Plan, Refusal, RoutingQuestion

WAREHOUSES: Mapping[str, str] = {"HZ-GS": "shunfeng", "HZ-XH": "zhongtong", "HZ-LA": "yuantong"}


class FakeRouter:
    """Sends every line from the first of its warehouses that the question allows.

    ``apart`` sends single lines from elsewhere (line number → warehouse), ``short`` and
    ``unserved`` are lines that can not go, ``to_order`` those that must be made first; all four may
    be changed between questions.
    ``asked`` are the questions so far.
    """

    def __init__(self, warehouses: Mapping[str, str] = WAREHOUSES) -> None:
        self.warehouses = warehouses
        self.apart: dict[int, str] = {}
        self.short: set[int] = set()
        self.unserved: set[int] = set()
        self.to_order: set[int] = set()
        self.asked: list[RoutingQuestion] = []

    def plan(self, question: RoutingQuestion) -> Plan:
        self.asked.append(question)
        open_to = [
            code for code in question.only or self.warehouses if code not in question.without
        ]
        stuck = self.unserved & set(question.lines)
        awaited = self.to_order & set(question.lines) - set(question.made) - stuck
        short = (self.short if open_to else set(question.lines)) & set(question.lines) - stuck
        short -= awaited
        going = [n for n in sorted(question.lines) if n not in stuck | short | awaited]
        return Plan(
            parcels=tuple(self._parcels(question, open_to, going)),
            short=tuple(sorted(short)),
            unserved=tuple(sorted(stuck)),
            refusals=(*_refusals(stuck, "region"), *_refusals(short | awaited, "stock")),
            rules="fake",
            exact=True,
            at=utc_now(),
            awaited=tuple(sorted(awaited)),
        )

    def _parcels(
        self, question: RoutingQuestion, open_to: Sequence[str], going: Iterable[int]
    ) -> Iterable[Parcel]:
        loads: dict[str, list[Line]] = {}
        by_no = {line.no: line for line in question.order.lines}
        for number in going:
            wanted = self.apart.get(number, "")
            loads.setdefault(wanted if wanted in open_to else open_to[0], []).append(by_no[number])
        for no, (warehouse, lines) in enumerate(loads.items(), question.next_parcel_no):
            yield Parcel(
                order_id=question.order.id,
                no=no,
                warehouse=warehouse,
                carrier=self.warehouses[warehouse],
                items=tuple(map(_item, lines)),
            )


def _refusals(lines: Iterable[int], rule: str) -> Iterable[Refusal]:
    for line in sorted(lines):
        yield Refusal(
            line_no=line, warehouse="HZ-GS", rule=rule, reason=f"第 {line} 行按剧本发不了"
        )


def _item(line: Line) -> Item:
    return Item(
        line_no=line.no,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        band=Band.AMBIENT,
        weight_g=500,
        volume_cm3=800,
        paid_fen=line.paid_fen,
    )
