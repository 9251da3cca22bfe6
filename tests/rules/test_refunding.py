"""Which goods a buyer gives back, and which are paid back, by what is claimed and what was paid."""

import pytest

from domain.claim import Refund, RefundKind, RefundStage
from domain.refunding import given_back, left_for, refunded_lines
from tests.fakes.orders import PAID_AT, an_order

ORDER = an_order(lines=3)
EVERY = frozenset(line.no for line in ORDER.lines)


def a_claim(name: str, amount_fen: int, stage: RefundStage) -> Refund:
    return Refund(
        id=name,
        order_id=ORDER.id,
        kind=RefundKind.REFUND_ONLY,
        stage=stage,
        amount_fen=amount_fen,
        lines=(),
        reason="不想要了",
        changed_at=PAID_AT,
        protocol="1",
    )


def test_a_paid_allowance_beside_an_open_claim_for_everything_pays_for_no_goods() -> None:
    claims = [
        a_claim("1", 198, RefundStage.REFUNDED),
        a_claim("2", ORDER.paid_fen, RefundStage.ASKED),
    ]

    assert frozenset() == refunded_lines(ORDER, claims)
    assert EVERY == given_back(ORDER, claims)


@pytest.mark.parametrize("parts", [(100,), (50, 50), (30, 30, 40)])
def test_goods_are_paid_back_once_all_of_their_price_is(parts: tuple[int, ...]) -> None:
    shares = [ORDER.paid_fen * part // 100 for part in parts]
    claims = [a_claim(str(n), fen, RefundStage.REFUNDED) for n, fen in enumerate(shares)]

    assert EVERY == refunded_lines(ORDER, claims)


@pytest.mark.parametrize(
    ("stage", "left_fen"),
    [
        (RefundStage.ASKED, ORDER.paid_fen),
        (RefundStage.REFUSED, ORDER.paid_fen),
        (RefundStage.WITHDRAWN, ORDER.paid_fen),
        (RefundStage.AGREED, ORDER.paid_fen - 198),
        (RefundStage.REFUNDED, ORDER.paid_fen - 198),
    ],
)
def test_what_is_promised_or_paid_to_one_claim_is_not_left_for_another(
    stage: RefundStage, left_fen: int
) -> None:
    asked = a_claim("2", ORDER.paid_fen, RefundStage.ASKED)

    assert left_fen == left_for(ORDER, asked, [a_claim("1", 198, stage), asked])
