"""By when an exception must be seen to, and who is called when it is not: ``rules/alerts.yaml``.

Its times are people's, so the speed does not divide them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from domain.words import STEPS
from rulebook.faults import BrokenRules
from rulebook.sheet import Sheet, load_sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step up: so long after the deadline, these people are called.

    Attributes:
        to: The WeCom user ids that are mentioned; with none, the group is told all the same.
    """

    after: timedelta
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """How long people may take for a step's exceptions, and who is called after that, in turn."""

    within: timedelta
    ladder: tuple[Rung, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """The rules for every step.

    Attributes:
        gather: How long a new exception waits for others like it, so that one message tells all.
    """

    gather: timedelta
    default: StepRule
    steps: Mapping[str, StepRule]

    def of(self, step: str) -> StepRule:
        """Tell the rule for one step's exceptions."""
        return self.steps.get(step, self.default)


def load_alerts(rules_dir: Path) -> AlertRules:
    """Load ``alerts.yaml``.

    Raises:
        BrokenRules: with every fault that was found, each with its place, in Chinese.
    """
    sheet = load_sheet(rules_dir / "alerts.yaml", rules_dir / "schema" / "alerts.json")
    if faults := tuple(_faults(sheet)):
        raise BrokenRules(*faults)
    said = sheet.content
    ladders = {name: _ladder(rungs, said["people"]) for name, rungs in said["ladders"].items()}
    steps = {step: {**said["default"], **rule} for step, rule in said.get("steps", {}).items()}
    return AlertRules(
        gather=timedelta(seconds=said["gather_seconds"]),
        default=_rule(said["default"], ladders),
        steps={step: _rule(rule, ladders) for step, rule in steps.items()},
    )


def faults_of_alerts(rules_dir: Path) -> tuple[str, ...]:
    """List what is wrong with the rules for alerts, in Chinese; empty when they can be used."""
    try:
        load_alerts(rules_dir)
    except BrokenRules as broken:
        return broken.faults
    return ()


def _rule(said: Mapping[str, Any], ladders: Mapping[str, tuple[Rung, ...]]) -> StepRule:
    within = timedelta(minutes=said["deadline_minutes"])
    return StepRule(within=within, ladder=ladders[said["ladder"]])


def _ladder(rungs: list[Any], people: Mapping[str, list[str]]) -> tuple[Rung, ...]:
    return tuple(
        Rung(
            after=timedelta(minutes=rung["after_minutes"]),
            to=tuple(dict.fromkeys(user for name in rung["to"] for user in people[name])),
        )
        for rung in rungs
    )


def _faults(sheet: Sheet) -> Iterator[str]:
    """Find what the schema can not: names that nobody has, and ladders that go down."""
    said = sheet.content
    for name, rungs in said["ladders"].items():
        place = f"{sheet.name} ladders.{name}"
        for n, rung in enumerate(rungs):
            for unknown in (to for to in rung["to"] if to not in said["people"]):
                yield f"{place}[{n}].to: people 里没有名单 {unknown}"
        minutes = [rung["after_minutes"] for rung in rungs]
        if any(later <= earlier for earlier, later in pairwise(minutes)):
            yield f"{place}: 后一级的 after_minutes 必须大于前一级"
    rules = {"default": said["default"]}
    for step, rule in said.get("steps", {}).items():
        rules[f"steps.{step}"] = rule
        if step not in STEPS:
            yield f"{sheet.name} steps.{step}: 没有这个步骤,可用的有:{'、'.join(STEPS)}"
    for where, rule in rules.items():
        if rule.get("ladder", said["default"]["ladder"]) not in said["ladders"]:
            yield f"{sheet.name} {where}.ladder: ladders 里没有 {rule.get('ladder')}"
