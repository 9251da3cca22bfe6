"""Promise 1: no order is lost, none is doubled.

Holds at all times. An order that the shop sells while the audit runs may be seen without its life;
the next audit sees both.
"""

from infra.auditor.evidence import Evidence
from infra.auditor.promises import Check, Checks
from infra.auditor.records import Life


def examine(evidence: Evidence) -> Checks:
    """Every order that is due has exactly one life, and every life an order."""
    for order in evidence.orders.values():
        if order.due:
            yield _has_one_life(order.id, evidence.lives.get(order.id))
    for order_id in evidence.lives:
        known = order_id in evidence.orders
        yield None if known else f"订单 {order_id}:中枢有它的生命,渠道账本里没有这张订单"


def _has_one_life(order_id: str, life: Life | None) -> Check:
    if life is None:
        return f"订单 {order_id}:渠道有这张订单,中枢没有它的生命"
    if life.runs != 1:
        return f"订单 {order_id}:中枢有 {life.runs} 段生命,应恰好 1 段"
    return None
