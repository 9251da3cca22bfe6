"""Decides a route: pure, so that past orders can be decided again with other rules.

A line that nothing may serve goes to a person. A line that only lacks stock, or waits for a
warehouse to open, is short and is tried again. The lines that can go, go now.
"""

from collections.abc import Iterable, Mapping, Sequence

from domain.catalogue import Sku
from domain.cover import Cover, Depot, Part, Want, cover
from domain.order import Line
from domain.parcel import Item, Parcel
from domain.routing import Plan, Refusal, RoutingQuestion
from domain.warehouse import Warehouse
from rulebook.facts import order_facts
from rulebook.judge import Hearing, Judge
from rulebook.routing import RoutingBook
from rulebook.sifting import Shelves, Sieve, Sifted, Site, sites, unserved

NO_PLACE = "地址缺少坐标,无法计算距离,请修改地址"


class Planner:
    """Routes orders by one version of the rules."""

    def __init__(self, book: RoutingBook) -> None:
        self._judge = Judge(book)
        self._houses = {house.code: house for house in book.warehouses}
        self._version = book.version

    def plan(self, question: RoutingQuestion, shelves: Shelves) -> Plan:
        """Decide; the same question and shelves get the same plan.

        Raises:
            BrokenRules: a rule can not be evaluated on this order.
        """
        place = question.receiver.place
        around = sites(self._houses.values(), place) if place else ()
        sifted = self._sift(question, shelves, around)
        wants = [one.want for one in sifted if one.want]
        answer = cover(wants, map(_depot, around), shelves.stock)
        return Plan(
            parcels=self._parcels(question, shelves.skus, answer.parts),
            short=_short(sifted, answer),
            unserved=tuple(s.line_no for s in sifted if not (s.want or s.passing or s.awaited)),
            refusals=(
                *(refusal for one in sifted for refusal in one.refusals),
                *self._shortages([w for w in wants if w.line_no in answer.unfilled], shelves),
            ),
            rules=self._version,
            exact=answer.exact,
            at=shelves.at,
            awaited=tuple(s.line_no for s in sifted if s.awaited),
        )

    def _sift(
        self, question: RoutingQuestion, shelves: Shelves, around: tuple[Site, ...]
    ) -> Sequence[Sifted]:
        lines = [line for line in question.order.lines if line.no in question.lines]
        if not around:
            return [unserved(line, "place", NO_PLACE) for line in lines]
        shared = order_facts(question.order, question.receiver, shelves.at)
        hearing = Hearing(self._judge, shared)
        sieve = Sieve(question=question, shelves=shelves, sites=around, hearing=hearing)
        return [sieve.sift(line) for line in lines]

    def _parcels(
        self, question: RoutingQuestion, skus: Mapping[str, Sku], parts: Iterable[Part]
    ) -> tuple[Parcel, ...]:
        by_no = {line.no: line for line in question.order.lines}
        return tuple(
            Parcel(
                order_id=question.order.id,
                no=no,
                warehouse=part.depot,
                carrier=self._houses[part.depot].carrier,
                items=tuple(_item(by_no[at], skus[by_no[at].sku]) for at in part.line_nos),
            )
            for no, part in enumerate(parts, question.next_parcel_no)
        )

    def _shortages(self, open_wants: Iterable[Want], shelves: Shelves) -> Iterable[Refusal]:
        """Say of each warehouse that may serve a short line why it does not."""
        for want in open_wants:
            for code in sorted(want.sources):
                free = shelves.stock.get((code, want.sku), 0)
                reason = _shortage(self._houses[code], shelves.skus[want.sku], free, want.quantity)
                yield Refusal(line_no=want.line_no, warehouse=code, rule="stock", reason=reason)


def _depot(site: Site) -> Depot:
    house = site.warehouse
    return Depot(code=house.code, cost_fen=site.cost_fen, rank=house.rank)


def _short(sifted: Iterable[Sifted], answer: Cover) -> tuple[int, ...]:
    waiting = {one.line_no for one in sifted if not one.want and one.passing}
    return tuple(sorted(waiting.union(answer.unfilled)))


def _shortage(house: Warehouse, sku: Sku, free: int, wanted: int) -> str:
    have = f"{house.name}的{sku.name}可用 {free} 件"
    if free < wanted:
        return f"{have},不够 {wanted} 件"
    return f"{have},已派给本单的其他行,不够再发 {wanted} 件"


def _item(line: Line, sku: Sku) -> Item:
    return Item(
        line_no=line.no,
        sku=sku.code,
        name=line.name,
        quantity=line.quantity,
        band=sku.band,
        weight_g=sku.weight_g,
        volume_cm3=sku.volume_cm3,
        paid_fen=line.paid_fen,
    )
