"""Sifts the warehouses for each line of an order: who may serve it, and why the others may not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.catalogue import Sku
from domain.cover import Want
from domain.geography import distance_m
from domain.order import Line, Place
from domain.routing import Refusal, RoutingQuestion
from domain.warehouse import Warehouse
from rulebook.facts import Pair
from rulebook.judge import Hearing, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """What was known when the decision was made.

    Attributes:
        skus: The articles of the order by code; an unknown one is missing.
        stock: Free pieces by ``(warehouse, sku)``; what is missing is zero.
    """

    skus: Mapping[str, Sku]
    stock: Mapping[tuple[str, str], int]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """One line after sifting.

    Attributes:
        want: What is to be found, when at least one warehouse may serve the line.
        refusals: One for each warehouse that may not.
        passing: At least one of the refusals passes with time.
        awaited: Some warehouse may serve it once its goods are made.
    """

    line_no: int
    want: Want | None
    refusals: tuple[Refusal, ...]
    passing: bool
    awaited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A warehouse, seen from the receiver."""

    warehouse: Warehouse
    distance_m: int

    @property
    def cost_fen(self) -> int:
        """What one parcel from here costs."""
        return self.warehouse.cost_fen(self.distance_m)


def sites(warehouses: Iterable[Warehouse], receiver: Place) -> tuple[Site, ...]:
    """Measure every warehouse's way to the receiver."""
    return tuple(
        Site(warehouse=warehouse, distance_m=distance_m(warehouse.place, receiver))
        for warehouse in warehouses
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """Everything that sifting one order needs."""

    question: RoutingQuestion
    shelves: Shelves
    sites: tuple[Site, ...]
    hearing: Hearing

    def sift(self, line: Line) -> Sifted:
        """Hear every warehouse about one line."""
        sku = self.shelves.skus.get(line.sku)
        if sku is None:
            reason = f"商品主档里没有 {line.sku}({line.name}),请先导入"
            return unserved(line, "catalogue", reason)
        verdicts = {site.warehouse.code: self._verdict(sku, site) for site in self.sites}
        refused = {code: verdict for code, verdict in verdicts.items() if verdict}
        sources = verdicts.keys() - refused.keys()
        if sources and sku.made_to_order and line.no not in self.question.made:
            return _awaited(line)
        return Sifted(
            line_no=line.no,
            want=_want(line, sku, sources),
            refusals=tuple(
                Refusal(line_no=line.no, warehouse=code, rule=no.rule, reason=no.reason)
                for code, no in refused.items()
            ),
            passing=any(verdict.passing for verdict in refused.values()),
        )

    def _verdict(self, sku: Sku, site: Site) -> Verdict | None:
        house = site.warehouse
        if self.question.only and house.code not in self.question.only:
            reason = f"人工指定了 {'、'.join(self.question.only)},不用{house.name}"
            return Verdict(rule="only", reason=reason, passing=False)
        verdict = self.hearing.verdict(self._pair(sku, site))
        lasting = verdict is not None and not verdict.passing
        if house.code in self.question.without and not lasting:
            reason = f"{house.name}的库存刚被别的订单锁走,或仓库退回了包裹,这次不派给它"
            return Verdict(rule="without", reason=reason, passing=True)
        return verdict

    def _pair(self, sku: Sku, site: Site) -> Pair:
        return Pair(
            sku=sku,
            warehouse=site.warehouse,
            distance_m=site.distance_m,
            available=self.shelves.stock.get((site.warehouse.code, sku.code), 0),
        )


def unserved(line: Line, rule: str, reason: str) -> Sifted:
    """Say of a line that no warehouse was even asked."""
    refusal = Refusal(line_no=line.no, warehouse="", rule=rule, reason=reason)
    return Sifted(line_no=line.no, want=None, refusals=(refusal,), passing=False)


def _awaited(line: Line) -> Sifted:
    """Say of a line that it goes nowhere before its goods are made."""
    reason = f"{line.name}是定制商品,共 {line.quantity} 件,等产线完工"
    refusal = Refusal(line_no=line.no, warehouse="", rule="made_to_order", reason=reason)
    return Sifted(line_no=line.no, want=None, refusals=(refusal,), passing=False, awaited=True)


def _want(line: Line, sku: Sku, sources: Iterable[str]) -> Want | None:
    named = frozenset(sources)
    if not named:
        return None
    return Want(line_no=line.no, sku=sku.code, band=sku.band, quantity=line.quantity, sources=named)
