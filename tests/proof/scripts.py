"""What a buyer and a platform do about one order: every kind of claim that the hub must survive.

A script is a list of moves at the shop; each changes a claim there, and is told to the order.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from domain.claim import Refund, RefundKind, RefundStage
from domain.order import Order
from tests.fakes.channels import FakeShop
from tests.fakes.hub import LiveOrder
from tests.fakes.orders import PAID_AT

Move = Callable[[FakeShop, Order], Refund]
HandMove = Callable[[LiveOrder], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Script:
    """Moves, and then what people do, in their order; all at one point of the order's life."""

    name: str
    moves: tuple[Move, ...] = ()
    hands: tuple[HandMove, ...] = ()


def ask(
    no: int = 1,
    kind: RefundKind = RefundKind.REFUND_ONLY,
    lines: tuple[int, ...] = (),
    percent: int = 100,
) -> Move:
    """Claim the money of lines, or of the whole order with its freight; or a share of it."""

    def move(shop: FakeShop, order: Order) -> Refund:
        whole_fen = sum(line.paid_fen for line in order.lines if not lines or line.no in lines)
        freight_fen = 0 if lines else order.freight_fen
        claim = Refund(
            id=f"{order.number}-{no}",
            order_id=order.id,
            kind=kind,
            stage=RefundStage.ASKED,
            amount_fen=(whole_fen + freight_fen) * percent // 100,
            lines=tuple(line.ref for line in order.lines if line.no in lines),
            reason="不想要了",
            changed_at=PAID_AT,
            protocol=order.protocol,
        )
        return shop.claims.setdefault(claim.id, claim)

    return move


def turn(stage: RefundStage, no: int = 1) -> Move:
    """Let a claim come to another stage, unless it is over; no money goes back for an exchange."""

    def move(shop: FakeShop, order: Order) -> Refund:
        known = shop.claims[f"{order.number}-{no}"]
        over = known.stage in {RefundStage.REFUNDED, RefundStage.WITHDRAWN}
        never = known.kind is RefundKind.EXCHANGE and stage is not RefundStage.WITHDRAWN
        return known if over or never else shop.turn(known.id, stage)

    return move


def _scripts() -> Mapping[str, tuple[Move, ...]]:
    paid, withdrawn = RefundStage.REFUNDED, RefundStage.WITHDRAWN
    return {
        "whole": (ask(),),
        "line": (ask(lines=(1,)),),
        "allowance": (ask(percent=3),),
        "half": (ask(percent=50),),
        "return": (ask(kind=RefundKind.RETURN),),
        "return_line": (ask(kind=RefundKind.RETURN, lines=(2,)),),
        "exchange": (ask(kind=RefundKind.EXCHANGE),),
        "told_twice": (ask(), ask()),
        "two_claims": (ask(lines=(1,)), ask(no=2, lines=(2,))),
        "withdrawn": (ask(), turn(withdrawn)),
        "raised_again": (ask(), turn(withdrawn), ask(no=2)),
        "platform_agrees": (ask(), turn(RefundStage.AGREED), turn(paid)),
        "platform_pays": (ask(), turn(paid)),
        "platform_refuses": (ask(), turn(RefundStage.REFUSED)),
        "platform_pays_a_line": (ask(lines=(1,)), turn(paid)),
    }


SCRIPTS: Mapping[str, Script] = {name: Script(name, moves) for name, moves in _scripts().items()}
