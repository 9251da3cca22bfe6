"""What buyers' claims ask of an order's goods and of its money (design 12, promise 2). Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import IntEnum

from domain.claim import Refund, RefundKind, RefundStage
from domain.order import Line, Order

OPEN = frozenset({RefundStage.ASKED, RefundStage.AGREED, RefundStage.RETURNING})
LIVE = OPEN | {RefundStage.REFUNDED}
MONEY_BACK = frozenset({RefundKind.REFUND_ONLY, RefundKind.RETURN})
FREIGHT = 0  # the place of the freight among the lines, which count from 1


COVERING_PERCENT = 98  # short of the price by rounding only
ROUNDING_FEN = 100  # channels round what they share among lines and pieces


class Reach(IntEnum):
    """How far a claim's word goes: a buyer who wants to return something keeps it on its way."""

    INSIDE = 1  # what has not left is kept here
    ROAD = 2  # what is on the road is called back, too


def lines_of(order: Order, claim: Refund) -> frozenset[int]:
    """Tell the numbers of the lines that a claim is about; one that names none means them all.

    A claim about lines that the order does not have is about no line: a person has to look. One
    that wants more than its lines and the freight cost is about the whole order: there are channels
    that name one article of several (protocols 1.3).
    """
    every = frozenset(line.no for line in order.lines)
    named = frozenset(line.no for line in order.lines if _name(line) in claim.lines)
    more = claim.amount_fen > paid_for(order, named) + order.freight_fen + ROUNDING_FEN
    return every if not claim.lines or (named and more) else named


def paid_for(order: Order, line_nos: Collection[int]) -> int:
    """Add up what was paid for lines, without freight, in fen."""
    return sum(line.paid_fen for line in order.lines if line.no in line_nos)


def covers_goods(order: Order, claim: Refund, claims: Iterable[Refund]) -> bool:
    """Tell whether a live claim gives goods back, and not only some of their price.

    It does when it and the other live claims about the same lines, or some of them, come to what
    was paid for those lines: a claim of 5 yuan on goods of 50 leaves the goods where they are.
    """
    lines = lines_of(order, claim)
    if claim.stage not in LIVE or claim.kind not in MONEY_BACK or not lines:
        return False
    about = (other for other in _live(claims) if lines_of(order, other) <= lines)
    claimed_fen = sum(other.amount_fen for other in about)
    return claimed_fen * 100 >= paid_for(order, lines) * COVERING_PERCENT


def given_back(
    order: Order, claims: Collection[Refund], reach: Reach = Reach.INSIDE
) -> frozenset[int]:
    """Tell the lines whose goods the buyer does not want, as far as the claims reach."""
    far = (
        claim for claim in claims if reach is Reach.INSIDE or claim.kind is RefundKind.REFUND_ONLY
    )
    covering = (claim for claim in far if covers_goods(order, claim, claims))
    return frozenset(no for claim in covering for no in lines_of(order, claim))


def is_unsettled(claim: Refund) -> bool:
    """Tell whether a claim may still take money back, so that nothing is invoiced meanwhile."""
    return claim.stage in OPEN and claim.kind in MONEY_BACK


def refunded_fen(claims: Iterable[Refund]) -> int:
    """Add up what went back."""
    return sum(claim.amount_fen for claim in claims if claim.stage is RefundStage.REFUNDED)


def left_for(order: Order, claim: Refund, claims: Iterable[Refund]) -> int:
    """Tell how much of an order's price other claims leave, in fen: nobody gets more than that."""
    granted = {RefundStage.AGREED, RefundStage.REFUNDED}
    others = (other for other in claims if other.id != claim.id and other.stage in granted)
    return order.paid_fen - sum(other.amount_fen for other in others)


def kept(order: Order, arrived: Collection[int], claims: Collection[Refund]) -> Mapping[int, int]:
    """Tell what is kept of each line that arrived, in fen; ``FREIGHT`` is the freight.

    In all it is the lesser of what arrived cost, freight with it, and what was paid and has not
    gone back. What is too much is taken from the lines that were refunded, then from the others,
    from the freight last. A fen that rounding left over goes to the first line.
    """
    earned = {line.no: line.paid_fen for line in order.lines if line.no in arrived}
    if not earned:
        return {}
    earned[FREIGHT] = order.freight_fen
    left_fen = max(0, order.paid_fen - refunded_fen(claims))
    too_much = sum(earned.values()) - left_fen
    if too_much < 0 and _everything_else_is_refunded(order, arrived, claims):
        earned[min(no for no in earned if no != FREIGHT)] -= too_much
    for no in _as_they_are_taken(order, claims, earned):
        cut = max(0, min(earned[no], too_much))
        earned[no] -= cut
        too_much -= cut
    return {no: fen for no, fen in earned.items() if fen > 0}


def refunded_lines(order: Order, claims: Collection[Refund]) -> frozenset[int]:
    """Tell the lines whose goods are paid back.

    Only money that went back counts: a paid allowance beside an open claim pays for no goods.
    """
    paid = [claim for claim in claims if claim.stage is RefundStage.REFUNDED]
    covering = (claim for claim in paid if covers_goods(order, claim, paid))
    return frozenset(no for claim in covering for no in lines_of(order, claim))


def _everything_else_is_refunded(
    order: Order, arrived: Collection[int], claims: Collection[Refund]
) -> bool:
    missing = {line.no for line in order.lines} - set(arrived)
    return bool(missing) and missing <= refunded_lines(order, claims)


def _as_they_are_taken(
    order: Order, claims: Iterable[Refund], earned: Mapping[int, int]
) -> Iterator[int]:
    refunded = {
        no
        for claim in claims
        if claim.stage is RefundStage.REFUNDED and claim.lines
        for no in lines_of(order, claim)
    }
    yield from sorted(earned, key=lambda no: (no == FREIGHT, no not in refunded, no))


def _live(claims: Iterable[Refund]) -> Iterator[Refund]:
    return (claim for claim in claims if claim.stage in LIVE and claim.kind in MONEY_BACK)


def _name(line: Line) -> str:
    return line.ref or str(line.no)
