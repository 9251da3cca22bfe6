"""Promise 2, the other way round: what is refunded is not out, once an order's life is over.

A refund wants goods back when the money for its lines is at least what was paid for them; less is
an allowance. What is refunded never left, or a warehouse has received it again, or a named person
wrote it off.
"""

from collections import Counter
from collections.abc import Sequence

from infra.auditor.evidence import Evidence
from infra.auditor.promises import Checks
from infra.auditor.records import Line, Refund, ShopOrder, pieces_of

COVERS_PERCENT = 98  # platforms round what they share among lines


def examine(evidence: Evidence) -> Checks:
    """Of each article no more pieces stay out than belong to lines that are paid for."""
    for order_id, refunds in evidence.refunds.items():
        order = evidence.orders.get(order_id)
        if order is not None and evidence.is_over(order_id):
            yield from _what_is_refunded_is_not_out(evidence, order, refunds)


def refunded_lines(order: ShopOrder, refunds: Sequence[Refund]) -> set[int]:
    """Tell the lines whose goods were paid back."""
    return {
        no for refund in refunds if _covers(order, refund, refunds) for no in _lines(order, refund)
    }


def _what_is_refunded_is_not_out(
    evidence: Evidence, order: ShopOrder, refunds: Sequence[Refund]
) -> Checks:
    borne = {no for loss in evidence.write_offs(order.id) for no in loss.lines}
    given_back = refunded_lines(order, refunds) - borne
    theirs = [line for no, line in enumerate(order.lines, start=1) if no not in given_back]
    may_be_out, out = pieces_of(line.goods for line in theirs), _out(evidence, order)
    for no in sorted(given_back):
        line = order.lines[no - 1]
        too_many = out[line.goods.sku] - may_be_out[line.goods.sku]
        yield None if too_many <= 0 else _sentence(order, no, line, too_many)


def _out(evidence: Evidence, order: ShopOrder) -> Counter[str]:
    """Count the pieces that left and have not come back."""
    parcels = evidence.deliveries.get(order.id, ())
    out = pieces_of(goods for parcel in parcels if parcel.has_left for goods in parcel.goods)
    returns = evidence.returns.get(order.id, ())
    out.subtract(pieces_of(goods for back in returns for goods in back.received))
    return out


def _covers(order: ShopOrder, refund: Refund, refunds: Sequence[Refund]) -> bool:
    lines = _lines(order, refund)
    paid_fen = sum(order.lines[no - 1].paid_fen for no in lines)
    about = (other for other in refunds if _lines(order, other) <= lines)
    return sum(other.amount_fen for other in about) * 100 >= paid_fen * COVERS_PERCENT


def _lines(order: ShopOrder, refund: Refund) -> set[int]:
    return set(refund.lines) or set(range(1, len(order.lines) + 1))


def _sentence(order: ShopOrder, no: int, line: Line, pieces: int) -> str:
    return (
        f"订单 {order.id}:第 {no} 行商品 {line.goods.sku} 已退款,还有 {pieces} 件在外,"
        "没有退回入库,也没有人核销"
    )
