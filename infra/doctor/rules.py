"""The rules that staff change: can the hub read them?"""

from pathlib import Path

from infra.doctor.finding import Finding, fine, wrong
from rulebook.routing import faults_of_routing

RULES = Path(__file__).parents[2] / "rules"


def routing() -> Finding:
    """Look at the routing rules and the warehouses."""
    faults = faults_of_routing(RULES)
    if faults:
        return wrong("分仓规则", ";".join(faults))
    return fine("分仓规则", "rules/routing.yaml 与 rules/warehouses.yaml 可用")
