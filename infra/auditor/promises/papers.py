"""Promise 4, papers: one hot invoice for an order, one voucher for a fact, and vouchers balance."""

from collections.abc import Sequence

from infra.auditor.evidence import Evidence, grouped
from infra.auditor.promises import Check, Checks
from infra.auditor.records import Invoice, Voucher, order_of, yuan

AUDITED = "C"


def examine(evidence: Evidence) -> Checks:
    """Every paper is there once; once a life is over, none that it needs is missing."""
    for voucher in evidence.vouchers:
        yield _balances(voucher)
    facts = grouped(
        (voucher for voucher in evidence.vouchers if voucher.reference),
        lambda voucher: voucher.reference,
    )
    for reference, vouchers in facts.items():
        yield _booked_once(reference, vouchers)
    for order_id in {**evidence.orders, **evidence.invoices}:
        blue = [paper for paper in evidence.invoices.get(order_id, ()) if not paper.red]
        yield _at_most_one_invoice(order_id, blue)
        sales = facts.get(f"{order_id}/voucher/sale", ())
        if evidence.is_over(order_id):
            yield _sale_is_booked(order_id, blue, sales)
        for voucher in sales:
            yield _proven(order_id, blue, voucher)


def _balances(voucher: Voucher) -> Check:
    if voucher.debit_fen == voucher.credit_fen:
        return None
    return (
        f"订单 {order_of(voucher.reference)}:金蝶凭证 {voucher.number} 借方 "
        f"{yuan(voucher.debit_fen)},贷方 {yuan(voucher.credit_fen)},不平"
    )


def _booked_once(reference: str, vouchers: Sequence[Voucher]) -> Check:
    if len(vouchers) == 1:
        return None
    numbers = "、".join(voucher.number for voucher in vouchers)
    return f"订单 {order_of(reference)}:业务 {reference} 在金蝶有 {len(vouchers)} 张凭证:{numbers}"


def _at_most_one_invoice(order_id: str, blue: Sequence[Invoice]) -> Check:
    if len(blue) <= 1:
        return None
    amounts = "、".join(yuan(paper.amount_fen) for paper in blue)
    return f"订单 {order_id}:诺诺有 {len(blue)} 张蓝票({amounts}),应至多 1 张"


def _sale_is_booked(order_id: str, blue: Sequence[Invoice], sales: Sequence[Voucher]) -> Check:
    """An invoice that was issued is booked, and its voucher is through review."""
    if not any(paper.issued for paper in blue):
        return None
    if not sales:
        return f"订单 {order_id}:诺诺已开票 {yuan(blue[0].amount_fen)},金蝶没有销售凭证"
    unaudited = next((voucher for voucher in sales if voucher.status != AUDITED), None)
    if unaudited is None:
        return None
    return (
        f"订单 {order_id}:金蝶凭证 {unaudited.number} 状态为 {unaudited.status},"
        f"应为已审核({AUDITED})"
    )


def _proven(order_id: str, blue: Sequence[Invoice], voucher: Voucher) -> Check:
    """A sale is booked for as much as its invoice says."""
    invoiced = [paper.amount_fen for paper in blue if paper.issued]
    if voucher.debit_fen in invoiced:
        return None
    amounts = "、".join(map(yuan, invoiced)) or "没有"
    return (
        f"订单 {order_id}:金蝶凭证 {voucher.number} 记销售 {yuan(voucher.debit_fen)},"
        f"诺诺已开蓝票:{amounts}"
    )
