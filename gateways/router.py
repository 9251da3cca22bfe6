"""Answers routing questions from the rules, the article master and the stock of this moment."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Protocol

from domain.catalogue import Sku
from domain.clock import utc_now
from domain.routing import Plan, RoutingQuestion
from rulebook.planner import Planner
from rulebook.routing import RoutingBook
from rulebook.sifting import Shelves


class Articles(Protocol):
    """Knows articles by code; ``gateways.catalogue`` does."""

    def lookup(self, codes: Collection[str]) -> Mapping[str, Sku]:
        """Tell the known ones of these articles."""
        ...


class StockSnapshot(Protocol):
    """Knows what is free to sell."""

    def snapshot(self, skus: Collection[str]) -> Mapping[tuple[str, str], int]:
        """Tell the free pieces by ``(warehouse, sku)``; what is missing is zero.

        Raises:
            GatewayBusy: a warehouse's stock can not be read now.
        """
        ...


class RuleRouter:
    """Routes by the rules; ``now`` tells the time that calendars are held against."""

    def __init__(
        self,
        book: RoutingBook,
        articles: Articles,
        stock: StockSnapshot,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._planner = Planner(book)
        self._articles = articles
        self._stock = stock
        self._now = now

    def plan(self, question: RoutingQuestion) -> Plan:
        """Decide from where each line leaves.

        Raises:
            GatewayBusy: a warehouse's stock can not be read now.
            BrokenRules: a rule can not be evaluated on this order.
        """
        asked = set(question.lines)
        codes = sorted({line.sku for line in question.order.lines if line.no in asked})
        skus = self._articles.lookup(codes)
        stock = self._stock.snapshot(sorted(skus))
        return self._planner.plan(question, Shelves(skus=skus, stock=stock, at=self._now()))
