"""How long people may take for an exception, and what the author of those rules is told."""

from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from rulebook.alerts import Rung, StepRule, faults_of_alerts, load_alerts
from rulebook.faults import BrokenRules
from tests.rules.routing_cases import RULES

GROUPS = "people:\n  值班: []\n  主管: []\n"
ALERTS = load_alerts(RULES)


def rewritten(folder: Path, old: str, new: str) -> Path:
    """Copy the rules, with one change to those for alerts."""
    rules = folder / "rules"
    copytree(RULES, rules)
    file = rules / "alerts.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return rules


def test_a_printer_waits_for_less_long_than_other_steps() -> None:
    assert timedelta(minutes=10) == ALERTS.of("printer.print").within
    assert ALERTS.default == ALERTS.of("label.create")


def test_a_step_that_names_no_ladder_has_the_usual_one() -> None:
    assert ALERTS.default.ladder == ALERTS.of("voucher.book").ladder
    assert timedelta(hours=8) == ALERTS.of("voucher.book").within


def test_a_list_of_people_becomes_their_accounts_each_once(tmp_path: Path) -> None:
    rules = rewritten(tmp_path, GROUPS, "people:\n  值班: [li.si, wangwu]\n  主管: [li.si]\n")

    alerts = load_alerts(rules)

    assert alerts.of("printer.print") == StepRule(
        within=timedelta(minutes=10),
        ladder=(
            Rung(after=timedelta(0), to=("li.si", "wangwu")),
            Rung(after=timedelta(minutes=10), to=("li.si", "wangwu")),
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("gather_seconds: 10", "gather_seconds: 31", "alerts.yaml gather_seconds: 不能大于 30"),
        ("to: [主管]", "to: [经理]", "alerts.yaml ladders.日常[1].to: people 里没有名单 经理"),
        ("minutes: 30, to", "minutes: 0, to", "alerts.yaml ladders.日常: 后一级的 after_minutes"),
        ("ladder: 日常}", "ladder: 夜间}", "alerts.yaml default.ladder: ladders 里没有 夜间"),
        ("15, ladder: 现场", "15, ladder: 夜间", "steps.handover.create.ladder: ladders 里没有"),
        ("printer.print:", "printer.prnt:", "alerts.yaml steps.printer.prnt: 没有这个步骤"),
        ("deadline_minutes: 240", "deadline_minutes: 0", "deadline_minutes: 不能小于 1"),
        ("  值班: []", "  值班: ['<@all>']", "[0]: 格式不对"),
        ("default:", "defalt:", "缺少 default"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, fault: str) -> None:
    rules = rewritten(tmp_path, old, new)

    assert any(fault in told for told in faults_of_alerts(rules))
    with pytest.raises(BrokenRules):
        load_alerts(rules)


def test_the_rules_that_are_delivered_have_no_fault() -> None:
    assert () == faults_of_alerts(RULES)
