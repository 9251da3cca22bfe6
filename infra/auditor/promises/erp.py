"""Promise 4, the ERP: each order is there once, audited when its goods arrived, else cancelled.

An ERP that was never shown any order is not in use, and then nothing is missing in it.
"""

from collections.abc import Sequence

from infra.auditor.evidence import Evidence
from infra.auditor.promises import Check, Checks
from infra.auditor.records import ErpOrder

AUDITED, CANCELLED = "AUDITED", "CANCELLED"


def examine(evidence: Evidence) -> Checks:
    """No order is there twice; once a life is over, it stands there as it ended."""
    for order_id, shown in evidence.erp_orders.items():
        yield _at_most_once(order_id, shown)
    for order_id in evidence.orders if evidence.erp_orders else ():
        if evidence.is_over(order_id):
            yield _as_it_ended(evidence, order_id, evidence.erp_orders.get(order_id, ()))


def _at_most_once(order_id: str, shown: Sequence[ErpOrder]) -> Check:
    if len(shown) == 1:
        return None
    numbers = "、".join(order.number for order in shown)
    return f"订单 {order_id}:ERP 里有 {len(shown)} 张({numbers}),应为 1 张"


def _as_it_ended(evidence: Evidence, order_id: str, shown: Sequence[ErpOrder]) -> Check:
    arrived = any(map(evidence.reached_buyer, evidence.deliveries.get(order_id, ())))
    if arrived and not shown:
        return f"订单 {order_id}:货已签收,ERP 里没有这张订单"
    wanted, word = (AUDITED, "已审核") if arrived else (CANCELLED, "已作废")
    wrong = next((order for order in shown if order.status != wanted), None)
    if wrong is None:
        return None
    return f"订单 {order_id}:ERP 单 {wrong.number} 状态为 {wrong.status},应为{word}({wanted})"
