"""Asks the rules whether a warehouse may serve an article.

Most of an answer does not depend on the order: that goods are frozen, or that a warehouse is warm,
stays true. So each rule is first asked as far as the article and the warehouse alone decide; only
what is then still open is asked again for each order, and once only where the article is not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from domain.catalogue import Sku
from rulebook.expression import Scene
from rulebook.facts import Facts, Pair, sku_facts, warehouse_facts
from rulebook.routing import RoutingBook, Rule

STANDING = frozenset({"sku", "warehouse"})
OF_THE_ARTICLE = frozenset({"sku", "available"})
ARTICLES_KEPT = 20_000  # with ten warehouses about 40 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a warehouse may not serve an article; ``passing`` as on the rule."""

    rule: str
    reason: str
    passing: bool


Standing = Verdict | tuple[Rule, ...]  # refused whatever the order, or the rules still to be asked


class Judge:
    """Knows the rules, and what they say about each article whatever the order."""

    def __init__(self, book: RoutingBook) -> None:
        # A lasting refusal is the stronger answer, so lasting rules speak first.
        self._rules = sorted(book.rules, key=lambda rule: rule.passing)
        self.houses = {house.code: warehouse_facts(house) for house in book.warehouses}
        self.standing = lru_cache(maxsize=ARTICLES_KEPT)(self._standing)

    def _standing(self, sku: Sku) -> Mapping[str, Standing]:
        scene = Scene({"sku": sku_facts(sku)})
        standing = dict[str, Standing]()
        for code, house in self.houses.items():
            scene.put("warehouse", house)
            standing[code] = self._stand(scene)
        return standing

    def _stand(self, scene: Scene) -> Standing:
        still_open = list[Rule]()
        for rule in self._rules:
            if rule.when and rule.when.reads <= STANDING and not rule.when.value(scene):
                continue
            if not rule.reads <= STANDING:
                still_open.append(rule)
            elif verdict := judge(rule, scene):
                return verdict
        return tuple(still_open)


class Hearing:
    """The rules asked for one order; not for use by two threads at once."""

    def __init__(self, judge: Judge, shared: Facts) -> None:
        self._judge = judge
        self._scene = Scene(shared)
        self._said = dict[tuple[str, str], Verdict | None]()

    def verdict(self, pair: Pair) -> Verdict | None:
        """Tell the first refusal, or ``None`` when the warehouse may serve the article.

        Raises:
            BrokenRules: a rule can not be evaluated on these facts.
        """
        standing = self._judge.standing(pair.sku)[pair.warehouse.code]
        if isinstance(standing, Verdict):
            return standing
        return next((said for rule in standing if (said := self._ask(rule, pair))), None)

    def _ask(self, rule: Rule, pair: Pair) -> Verdict | None:
        if rule.reads & OF_THE_ARTICLE:
            return judge(rule, self._set(rule, pair))
        key = (rule.name, pair.warehouse.code)
        if key not in self._said:
            self._said[key] = judge(rule, self._set(rule, pair))
        return self._said[key]

    def _set(self, rule: Rule, pair: Pair) -> Scene:
        self._scene.put("warehouse", self._judge.houses[pair.warehouse.code])
        self._scene.put("distance_m", pair.distance_m)
        self._scene.put("available", pair.available)
        if "sku" in rule.reads:
            self._scene.put("sku", sku_facts(pair.sku))
        return self._scene


def judge(rule: Rule, scene: Scene) -> Verdict | None:
    """Ask one rule."""
    if (rule.when and not rule.when.value(scene)) or rule.must.value(scene):
        return None
    return Verdict(rule=rule.name, reason=rule.reason.fill(scene), passing=rule.passing)
