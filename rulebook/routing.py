"""The routing rules and the warehouses, loaded from ``rules/``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from domain.order import Place
from domain.parcel import Band
from domain.warehouse import Warehouse
from rulebook.expression import Expression, compile_expression
from rulebook.facts import ROUTING
from rulebook.faults import BrokenRules
from rulebook.sheet import Sheet, load_sheet, version_of
from rulebook.template import Template, compile_template

Loaded = TypeVar("Loaded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: where ``when`` is true, ``must`` has to be true, or the pair is refused.

    Attributes:
        reads: Everything that its cells need to know.
        passing: The refusal passes with time (a holiday, a reserve): the line waits for it
            instead of going to a person.
    """

    name: str
    when: Expression | None
    must: Expression
    reason: Template
    passing: bool
    reads: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingBook:
    """Everything that decides a route but the order; ``version`` is on record with each plan."""

    rules: tuple[Rule, ...]
    warehouses: tuple[Warehouse, ...]
    version: str


def load_routing(rules_dir: Path) -> RoutingBook:
    """Load ``routing.yaml`` and ``warehouses.yaml``.

    Raises:
        BrokenRules: with every fault that was found, each with its place, in Chinese.
    """
    names = ("routing", "warehouses")
    sheets = _collect(names, lambda _, name: _sheet(rules_dir, name))
    routing, warehouses = sheets
    _check_once(routing, "rules", "name")
    _check_once(warehouses, "warehouses", "code")
    return RoutingBook(
        rules=tuple(_collect(routing.content["rules"], lambda at, row: _rule(routing, at, row))),
        warehouses=tuple(map(_warehouse, warehouses.content["warehouses"])),
        version=version_of(*sheets),
    )


def faults_of_routing(rules_dir: Path) -> tuple[str, ...]:
    """List what is wrong with the routing rules, in Chinese; empty when they can be used."""
    try:
        load_routing(rules_dir)
    except BrokenRules as broken:
        return broken.faults
    return ()


def _sheet(rules_dir: Path, name: str) -> Sheet:
    return load_sheet(rules_dir / f"{name}.yaml", rules_dir / "schema" / f"{name}.json")


def _collect(rows: Iterable[Any], load: Callable[[int, Any], Loaded]) -> list[Loaded]:
    """Load every row, so that all faults are told at once and not one in each run."""
    loaded = list[Loaded]()
    faults = list[str]()
    for at, row in enumerate(rows):
        try:
            loaded.append(load(at, row))
        except BrokenRules as broken:
            faults.extend(broken.faults)
    if faults:
        raise BrokenRules(*faults)
    return loaded


def _rule(sheet: Sheet, at: int, row: Any) -> Rule:  # noqa: ANN401 - a row that the schema promised
    where = f"{sheet.name} rules[{at}]"
    when = _condition(row["when"], f"{where}.when") if "when" in row else None
    must = _condition(row["must"], f"{where}.must")
    reason = compile_template(row["reason"], place=f"{where}.reason", vocabulary=ROUTING)
    return Rule(
        name=row["name"],
        when=when,
        must=must,
        reason=reason,
        passing=row.get("passing", False),
        reads=must.reads | reason.reads | (when.reads if when else frozenset()),
    )


def _condition(text: str, place: str) -> Expression:
    return compile_expression(text, place=place, vocabulary=ROUTING, kind=bool)


def _warehouse(row: Any) -> Warehouse:  # noqa: ANN401 - a row that the schema promised
    plain = ("code", "name", "district", "carrier", "radius_m", "rank", "parcel_fen", "fen_per_km")
    return Warehouse(
        **{key: row[key] for key in plain},
        bands=tuple(map(Band, row["bands"])),
        place=Place(longitude=row["longitude"], latitude=row["latitude"]),
        regions=tuple(row["regions"]),
        reserve=row.get("reserve", 0),
        closed_on=tuple(map(date.fromisoformat, row.get("closed_on", ()))),
        rest_weekdays=tuple(row.get("rest_weekdays", ())),
        opens_hour=row.get("opens_hour", 0),
        closes_hour=row.get("closes_hour", 24),
    )


def _check_once(sheet: Sheet, rows: str, key: str) -> None:
    """Refuse two rows of the same name: a reason or a parcel would point at both."""
    names = [row[key] for row in sheet.content[rows]]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise BrokenRules.at(f"{sheet.name} {rows}[{at}].{key}", f"{name} 写了两次")
