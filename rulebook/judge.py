"""Asks the rules whether a warehouse may serve an article.

Most of an answer does not depend on the order: that goods are frozen, or that a warehouse is warm,
stays true. So each rule is first asked as far as the article and the warehouse alone decide; only
what is then still open is asked again for each order.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

from domain.catalogue import Sku
from domain.warehouse import Warehouse
from rulebook.facts import Facts, Pair, sku_facts, warehouse_facts
from rulebook.routing import RoutingBook, Rule

STANDING = frozenset({"sku", "warehouse"})
WITHOUT_ARTICLE = frozenset({"warehouse", "address", "order", "distance_m", "now"})
PAIRS_KEPT = 200_000  # twenty thousand articles in ten warehouses, about 30 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a warehouse may not serve an article; ``passing`` as on the rule."""

    rule: str
    reason: str
    passing: bool


class Judge:
    """Knows the rules and what they say about every article it has met."""

    def __init__(self, book: RoutingBook) -> None:
        # A lasting refusal is the stronger answer, so lasting rules speak first.
        self._rules = sorted(book.rules, key=lambda rule: rule.passing)
        self._warehouse_facts = cache(warehouse_facts)
        self._sku_facts = lru_cache(maxsize=PAIRS_KEPT)(sku_facts)
        self.standing = lru_cache(maxsize=PAIRS_KEPT)(self._standing)

    def facts(self, sku: Sku, warehouse: Warehouse) -> dict[str, object]:
        """Tell what never changes about a pair."""
        return {"sku": self._sku_facts(sku), "warehouse": self._warehouse_facts(warehouse)}

    def _standing(self, sku: Sku, warehouse: Warehouse) -> Verdict | tuple[Rule, ...]:
        """Refuse whatever the order, or tell the rules that the order still has to pass."""
        facts, still_open = self.facts(sku, warehouse), []
        for rule in self._rules:
            if rule.when and rule.when.reads <= STANDING and not rule.when.value(facts):
                continue
            if not rule.reads <= STANDING:
                still_open.append(rule)
            elif verdict := judge(rule, facts):
                return verdict
        return tuple(still_open)


class Hearing:
    """The rules asked for one order."""

    def __init__(self, judge: Judge, shared: Facts) -> None:
        self._judge = judge
        self._shared = shared
        self._said: dict[tuple[str, str], Verdict | None] = {}

    def verdict(self, pair: Pair) -> Verdict | None:
        """Tell the first refusal, or ``None`` when the warehouse may serve the article.

        Raises:
            BrokenRules: a rule can not be evaluated on these facts.
        """
        standing = self._judge.standing(pair.sku, pair.warehouse)
        if isinstance(standing, Verdict):
            return standing
        return next((said for rule in standing if (said := self._ask(rule, pair))), None)

    def _ask(self, rule: Rule, pair: Pair) -> Verdict | None:
        if not rule.reads <= WITHOUT_ARTICLE:
            return judge(rule, self._facts(pair))
        key = (rule.name, pair.warehouse.code)
        if key not in self._said:
            self._said[key] = judge(rule, self._facts(pair))
        return self._said[key]

    def _facts(self, pair: Pair) -> Facts:
        return {
            **self._shared,
            **self._judge.facts(pair.sku, pair.warehouse),
            "distance_m": pair.distance_m,
            "available": pair.available,
        }


def judge(rule: Rule, facts: Facts) -> Verdict | None:
    """Ask one rule."""
    if (rule.when and not rule.when.value(facts)) or rule.must.value(facts):
        return None
    return Verdict(rule=rule.name, reason=rule.reason.fill(facts), passing=rule.passing)
