"""The rules that staff change: can the hub read them?"""

from collections.abc import Sequence
from pathlib import Path

from infra.doctor.finding import Finding, fine, wrong
from rulebook.alerts import faults_of_alerts
from rulebook.claims import faults_of_claims
from rulebook.erp import faults_of_erp
from rulebook.risk import faults_of_risk
from rulebook.routing import faults_of_routing
from rulebook.statuses import faults_of_statuses
from rulebook.waybills import faults_of_numbers

RULES = Path(__file__).parents[2] / "rules"


def routing() -> Finding:
    """Look at the routing rules and the warehouses."""
    return _judged(
        "分仓规则", faults_of_routing(RULES), "rules/routing.yaml 与 rules/warehouses.yaml 可用"
    )


def carriers(rules_dir: Path = RULES) -> Finding:
    """Look at the rules for waybill numbers, and try their samples."""
    return _judged(
        "运单号规则", faults_of_numbers(rules_dir), "rules/carriers.yaml 可用,样例都对得上"
    )


def statuses(rules_dir: Path = RULES) -> Finding:
    """Look at what partners' status words mean."""
    return _judged("状态词", faults_of_statuses(rules_dir), "rules/statuses.yaml 可用")


def erp(rules_dir: Path = RULES) -> Finding:
    """Look at how orders are written for the ERP."""
    return _judged("ERP 字段", faults_of_erp(rules_dir), "rules/erp.yaml 可用")


def risk(rules_dir: Path = RULES) -> Finding:
    """Look at the rule of the buyers' guard."""
    return _judged("买家守卫", faults_of_risk(rules_dir), "rules/risk.yaml 可用")


def claims(rules_dir: Path = RULES) -> Finding:
    """Look at what claims are answered."""
    return _judged("售后规则", faults_of_claims(rules_dir), "rules/claims.yaml 可用")


def alerts(rules_dir: Path = RULES) -> Finding:
    """Look at the deadlines of exceptions, and who is called when they pass."""
    return _judged("异常期限", faults_of_alerts(rules_dir), "rules/alerts.yaml 可用")


def _judged(what: str, faults: Sequence[str], well: str) -> Finding:
    return wrong(what, ";".join(faults)) if faults else fine(what, well)
