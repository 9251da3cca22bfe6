"""The rules that staff change: can the hub read them?"""

from pathlib import Path

from infra.doctor.finding import Finding, fine, wrong
from rulebook.alerts import faults_of_alerts
from rulebook.erp import faults_of_erp
from rulebook.risk import faults_of_risk
from rulebook.routing import faults_of_routing
from rulebook.statuses import faults_of_statuses
from rulebook.waybills import faults_of_numbers

RULES = Path(__file__).parents[2] / "rules"


def routing() -> Finding:
    """Look at the routing rules and the warehouses."""
    faults = faults_of_routing(RULES)
    if faults:
        return wrong("分仓规则", ";".join(faults))
    return fine("分仓规则", "rules/routing.yaml 与 rules/warehouses.yaml 可用")


def carriers(rules_dir: Path = RULES) -> Finding:
    """Look at the rules for waybill numbers, and try their samples."""
    faults = faults_of_numbers(rules_dir)
    if faults:
        return wrong("运单号规则", ";".join(faults))
    return fine("运单号规则", "rules/carriers.yaml 可用,样例都对得上")


def statuses(rules_dir: Path = RULES) -> Finding:
    """Look at what partners' status words mean."""
    faults = faults_of_statuses(rules_dir)
    if faults:
        return wrong("状态词", ";".join(faults))
    return fine("状态词", "rules/statuses.yaml 可用")


def erp(rules_dir: Path = RULES) -> Finding:
    """Look at how orders are written for the ERP."""
    faults = faults_of_erp(rules_dir)
    if faults:
        return wrong("ERP 字段", ";".join(faults))
    return fine("ERP 字段", "rules/erp.yaml 可用")


def risk(rules_dir: Path = RULES) -> Finding:
    """Look at the rule of the buyers' guard."""
    faults = faults_of_risk(rules_dir)
    if faults:
        return wrong("买家守卫", ";".join(faults))
    return fine("买家守卫", "rules/risk.yaml 可用")


def alerts(rules_dir: Path = RULES) -> Finding:
    """Look at the deadlines of exceptions, and who is called when they pass."""
    faults = faults_of_alerts(rules_dir)
    if faults:
        return wrong("异常期限", ";".join(faults))
    return fine("异常期限", "rules/alerts.yaml 可用")
