"""The rule of the buyers' guard, loaded from ``rules/risk.yaml``."""

from functools import cache
from pathlib import Path

from domain.claim import RefundKind
from domain.guard import Action, Breaker, Measure, RiskRule
from rulebook.faults import BrokenRules
from rulebook.sheet import load_sheet

RULES = Path(__file__).parents[1] / "rules"


@cache
def standard_risk() -> RiskRule:
    """Load the rule that is shipped; once in each process.

    Raises:
        BrokenRules: as ``load_risk``.
    """
    return load_risk(RULES)


def load_risk(rules_dir: Path) -> RiskRule:
    """Load ``risk.yaml``.

    Raises:
        BrokenRules: with every fault that was found, each with its cell, in Chinese.
    """
    sheet = load_sheet(rules_dir / "risk.yaml", rules_dir / "schema" / "risk.json")
    said, actions = sheet.content, sheet.content["actions"]
    return RiskRule(
        count=said["count"],
        window_minutes=said["window_minutes"],
        amount_fen=said["amount_fen"],
        measure=Measure(said["measure"]),
        channels=() if said["channels"] == "all" else tuple(said["channels"]),
        kinds=tuple(RefundKind(kind) for kind in said["kinds"]),
        freeze_hours=actions["freeze_hours"],
        actions=tuple(action for action in Action if actions[action.value]),
        breaker=Breaker(said["breaker"]),
    )


def faults_of_risk(rules_dir: Path) -> tuple[str, ...]:
    """List what is wrong with the guard's rule, in Chinese; empty when it can be used."""
    try:
        load_risk(rules_dir)
    except BrokenRules as broken:
        return broken.faults
    return ()
