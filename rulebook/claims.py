"""The rules of claims, loaded from ``rules/claims.yaml``: what a claim is answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.ruling import ClaimCase, Ruling, Verdict
from rulebook.expression import Expression, Scene, Vocabulary, compile_expression
from rulebook.faults import BrokenRules
from rulebook.sheet import load_sheet, version_of
from rulebook.template import Template, compile_template

FACTS = Vocabulary(
    sample={
        "channel": "douyin",
        "kind": "refund_only",
        "stage": "asked",
        "goods": "with_us",
        "amount_fen": 1990,
        "paid_fen": 1990,
        "left_fen": 1990,
    }
)
NO_RULE = "没有符合的规则,请人工决定"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRule:
    """One rule."""

    name: str
    when: Expression
    verdict: Verdict
    reason: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRuleBook:
    """All rules, in their order; ``version`` names them as they are now."""

    rules: tuple[ClaimRule, ...]
    version: str

    def rule(self, case: ClaimCase) -> Ruling:
        """Tell what the first rule that fits says; ``ASK`` when none does.

        Raises:
            BrokenRules: a cell can not be evaluated on this case.
        """
        scene = Scene(_facts(case))
        for rule in self.rules:
            if rule.when.value(scene):
                return self._ruling(rule.verdict, rule.reason.fill(scene), rule.name)
        return self._ruling(Verdict.ASK, NO_RULE, "")

    def _ruling(self, verdict: Verdict, reason: str, name: str) -> Ruling:
        return Ruling(verdict=verdict, reason=reason, rule=name, digest=self.version)


def load_claim_rules(rules_dir: Path) -> ClaimRuleBook:
    """Load ``claims.yaml``.

    Raises:
        BrokenRules: with every fault that was found, each with its cell, in Chinese.
    """
    sheet = load_sheet(rules_dir / "claims.yaml", rules_dir / "schema" / "claims.json")
    rows: list[Mapping[str, Any]] = sheet.content["rules"]
    rules, faults = list[ClaimRule](), [*_told_twice(sheet.name, rows)]
    for index, row in enumerate(rows):
        try:
            rules.append(_rule(f"{sheet.name} rules[{index}]", row))
        except BrokenRules as broken:
            faults += broken.faults
    if faults:
        raise BrokenRules(*faults)
    return ClaimRuleBook(rules=tuple(rules), version=version_of(sheet))


def faults_of_claims(rules_dir: Path) -> tuple[str, ...]:
    """List what is wrong with the rules of claims, in Chinese; empty when they can be used."""
    try:
        load_claim_rules(rules_dir)
    except BrokenRules as broken:
        return broken.faults
    return ()


def _rule(place: str, row: Mapping[str, Any]) -> ClaimRule:
    return ClaimRule(
        name=row["name"],
        when=compile_expression(row["when"], place=f"{place}.when", vocabulary=FACTS, kind=bool),
        verdict=Verdict(row["verdict"]),
        reason=compile_template(row["reason"], place=f"{place}.reason", vocabulary=FACTS),
    )


def _told_twice(name: str, rows: list[Mapping[str, Any]]) -> Iterator[str]:
    names = [row["name"] for row in rows]
    for index, told in enumerate(names):
        if told in names[:index]:
            yield f"{name} rules[{index}].name: 名字「{told}」已经用过"


def _facts(case: ClaimCase) -> Mapping[str, object]:
    return {
        "channel": case.channel,
        "kind": case.refund.kind.value,
        "stage": case.refund.stage.value,
        "goods": case.goods.value,
        "amount_fen": case.refund.amount_fen,
        "paid_fen": case.paid_fen,
        "left_fen": case.left_fen,
    }
