"""Promise 4, papers that take back: within the invoice, and each booked once for its amount."""

from collections import Counter
from collections.abc import Sequence

from infra.auditor.evidence import Evidence, grouped
from infra.auditor.promises import Check, Checks
from infra.auditor.records import Invoice, Voucher, order_of, yuan


def examine(evidence: Evidence) -> Checks:
    """No more is taken back than was invoiced; once a life is over, all of it is booked."""
    booked = grouped(
        (voucher for voucher in evidence.vouchers if "/voucher/refund/" in voucher.reference),
        lambda voucher: order_of(voucher.reference),
    )
    for order_id in {**evidence.invoices, **booked}:
        papers = evidence.invoices.get(order_id, ())
        yield _within_the_invoice(order_id, papers)
        if evidence.is_over(order_id):
            yield _booked_each(order_id, papers, booked.get(order_id, ()))


def _within_the_invoice(order_id: str, papers: Sequence[Invoice]) -> Check:
    blue = sum(paper.amount_fen for paper in papers if not paper.red and paper.issued)
    red = sum(paper.amount_fen for paper in papers if paper.red and paper.issued)
    if red <= blue:
        return None
    return f"订单 {order_id}:红字发票共 {yuan(red)},超过蓝票 {yuan(blue)}"


def _booked_each(order_id: str, papers: Sequence[Invoice], booked: Sequence[Voucher]) -> Check:
    reds = Counter(paper.amount_fen for paper in papers if paper.red and paper.issued)
    vouchers = Counter(-voucher.debit_fen for voucher in booked)
    if reds == vouchers:
        return None
    told, found = (
        "、".join(yuan(fen) for fen in sorted(counted.elements())) or "没有"
        for counted in (reds, vouchers)
    )
    return f"订单 {order_id}:红字发票 {told},金蝶冲销凭证 {found},应一一对应"
