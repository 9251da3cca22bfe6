"""A mini program shop in memory."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from domain.claim import ClaimAnswer, ClaimReply, Refund, RefundKind, RefundStage
from domain.errors import GatewayRefused
from domain.parcel import ShipmentNews

SECOND = timedelta(seconds=1)


@dataclass
class FakeShop:
    """Knows some orders and claims; remembers each shipment and each answer that it was told."""

    orders: set[str] = field(default_factory=set)
    shipments: dict[str, ShipmentNews] = field(default_factory=dict)
    claims: dict[str, Refund] = field(default_factory=dict)
    answers: list[ClaimReply] = field(default_factory=list)
    tellings: int = 0

    async def tell_shipped(self, news: ShipmentNews) -> None:
        """Hear of a shipment; what is known already is a yes."""
        self.tellings += 1
        if news.number not in self.orders:
            raise GatewayRefused(news.channel, "40401", f"订单 {news.number} 不存在")
        if self.shipments.setdefault(news.key, news) != news:
            raise GatewayRefused(news.channel, "40901", f"事件 {news.key} 已登记为另一次发货")

    async def answer_claim(self, reply: ClaimReply) -> Refund:
        """Hear what becomes of a claim; one that does not wait for this answer stays as it is."""
        if reply.claim_id not in self.claims:
            raise GatewayRefused(reply.channel, "40401", f"售后单 {reply.claim_id} 不存在")
        stage = _answered(self.claims[reply.claim_id], reply.answer)
        if stage is not None:
            self.answers.append(reply)
            self.turn(reply.claim_id, stage)
        return self.claims[reply.claim_id]

    def turn(self, claim_id: str, stage: RefundStage) -> Refund:
        """Let a claim come to another stage, a second later than it last changed."""
        claim = self.claims[claim_id]
        changed_at = claim.changed_at + SECOND
        self.claims[claim_id] = replace(claim, stage=stage, changed_at=changed_at)
        return self.claims[claim_id]

    @property
    def refunded_fen(self) -> int:
        """How much money went back in all."""
        refunded = (c for c in self.claims.values() if c.stage is RefundStage.REFUNDED)
        return sum(claim.amount_fen for claim in refunded)


def _answered(claim: Refund, answer: ClaimAnswer) -> RefundStage | None:
    """Tell where an answer takes a claim; ``None`` when the claim does not wait for it."""
    asked = claim.stage is RefundStage.ASKED
    sent_back = claim.stage in {RefundStage.AGREED, RefundStage.RETURNING}
    is_return = claim.kind is RefundKind.RETURN
    match answer:
        case ClaimAnswer.AGREE if asked or (is_return and sent_back):
            return RefundStage.REFUNDED
        case ClaimAnswer.AGREE_RETURN if asked and is_return:
            return RefundStage.AGREED
        case ClaimAnswer.REFUSE if asked or claim.stage is RefundStage.RETURNING:
            return RefundStage.REFUSED
        case _:
            return None
