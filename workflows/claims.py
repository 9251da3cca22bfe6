"""Sees every refund claim of an order through: the goods first, then the channel's answer.

A claim is looked at again whenever something about it has changed: what its channel says, where its
goods are, what a person decided. So it does not matter in which order things happen.
"""

import contextlib
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from domain.claim import ClaimAnswer, ClaimReply, Refund, RefundKind, RefundStage
from domain.comeback import Receipt
from domain.hands import ClaimDecision, Decided, Hand
from domain.parcel import Waybill
from domain.refunding import OPEN, left_for, lines_of, paid_for
from domain.ruling import ClaimCase, Ruling, Verdict, Whereabouts
from workflows.calls import ANSWER_CLAIM, JUDGE_CLAIM, TurnedBack
from workflows.claim_return import BuyerReturns
from workflows.doorway import DoneByHand
from workflows.life import Life
from workflows.loss import write_off
from workflows.papers import PaperSide
from workflows.whereabouts import whereabouts

DECIDE = "claim.decide"  # the step that only a person can do
AGREED = frozenset({RefundStage.AGREED, RefundStage.REFUNDED})
GONE = frozenset({Whereabouts.WITH_BUYER, Whereabouts.LOST, Whereabouts.ON_THE_WAY})
# Goods that are here, or that no claim is about, are nobody's loss.
NO_LOSS = frozenset({Whereabouts.WITH_US, Whereabouts.NO_MATTER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that the next step of a claim depends on.

    Attributes:
        goods: Where they are; ``None`` while that is in doubt.
        is_short: Whether a warehouse received less than the buyer sent back.
        retries: How often people had everything tried again: the rules may be others by now.
    """

    claim: Refund
    goods: Whereabouts | None
    decision: ClaimDecision | None
    is_short: bool
    retries: int


class ClaimDesk:
    """Sees the claims of one order through."""

    def __init__(self, life: Life, papers: PaperSide) -> None:
        self._life = life
        self._papers = papers
        self._seen_through: set[str] = set()
        self._returns = BuyerReturns(life)

    def hear(self, claim: Refund) -> None:
        """Keep a claim as its channel shows it, and stop what is not wanted any more."""
        life = self._life
        if not life.claims.keep(claim):
            return
        life.show()
        if life.heeds_claims:
            life.stop_unwanted()
            life.heard()
            if claim.id not in self._seen_through:
                self._seen_through.add(claim.id)
                life.errands.begin(self._see_through(claim.id))

    def received(self, receipt: Receipt) -> None:
        """Keep what a warehouse received: a parcel that was called back, or a buyer's return."""
        journey = next((j for j in self._life.journeys if j.return_key == receipt.key), None)
        if journey is None:
            self._returns.hear(receipt)
        elif journey.receipt is None:
            journey.receipt = receipt

    async def _see_through(self, claim_id: str) -> None:
        while not self._is_over(situation := self._situation(claim_id)):
            await self._take_step(situation)
            await self._change(situation)
        self._seen_through.discard(claim_id)
        await self._papers.true_up()

    def _situation(self, claim_id: str) -> Situation:
        claims = self._life.claims
        claim = claims.get(claim_id)
        assert claim is not None  # noqa: S101 - it was heard of
        return Situation(
            claim=claim,
            goods=whereabouts(self._life, claim),
            decision=claims.decisions.get(claim_id),
            is_short=bool(claims.short & lines_of(self._life.order, claim)),
            retries=self._life.retries,
        )

    async def _change(self, situation: Situation, within: timedelta | None = None) -> None:
        """Wait until something about a claim has changed."""
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._situation(situation.claim.id) != situation,
                timeout=within,
                timeout_summary="等待货物退回",
            )

    def _is_over(self, situation: Situation) -> bool:
        claim = situation.claim
        if claim.stage is RefundStage.REFUNDED:
            return situation.goods in NO_LOSS or claim.id in self._life.claims.written_off
        return claim.stage not in OPEN

    async def _take_step(self, situation: Situation) -> None:
        claim = situation.claim
        match claim.stage:
            case RefundStage.REFUNDED:
                await self._account_for(situation)
            case RefundStage.ASKED:
                await self._answer(situation)
            case _ if claim.kind is RefundKind.RETURN:
                self._returns.expect(claim)
                if situation.goods is Whereabouts.WITH_US or situation.is_short:
                    await self._answer(situation)
            case _:
                pass  # agreed to: the channel pays without us

    async def _answer(self, situation: Situation) -> None:
        """Answer as soon as it is certain where the goods are."""
        if situation.decision is not None:
            await self._obey(situation, situation.decision)
        elif situation.goods is not None:
            await self._rule(situation, situation.goods)

    async def _rule(self, situation: Situation, goods: Whereabouts) -> None:
        if situation.is_short:
            await self._ask(situation, "退货短收或破损,请核实后决定")
            return
        ruling = await self._judge(situation.claim, goods)
        match ruling.verdict:
            case Verdict.AGREE:
                rules = Hand(by=f"规则 {ruling.rule}", reason=ruling.reason)
                await self._agree(situation, rules)
            case Verdict.AGREE_RETURN:
                await self._reply(situation, ClaimAnswer.AGREE_RETURN, ruling.reason)
            case Verdict.REFUSE:
                await self._reply(situation, ClaimAnswer.REFUSE, ruling.reason)
            case Verdict.WAIT:
                await self._reply(situation, ClaimAnswer.SHIPPED, ruling.reason)
            case Verdict.ASK:
                await self._ask(situation, ruling.reason)

    async def _judge(self, claim: Refund, goods: Whereabouts) -> Ruling:
        order = self._life.order
        case = ClaimCase(
            refund=claim,
            channel=order.channel,
            goods=goods,
            paid_fen=paid_for(order, lines_of(order, claim)),
            left_fen=left_for(order, claim, self._life.claims.all()),
        )
        return await self._life.door.do(JUDGE_CLAIM, case, subject=self._subject(claim))

    async def _obey(self, situation: Situation, decision: ClaimDecision) -> None:
        self._life.claims.decisions.pop(situation.claim.id)
        if decision.decision is Decided.REFUSE:
            await self._reply(situation, ClaimAnswer.REFUSE, decision.hand.reason)
        else:
            await self._agree(situation, decision.hand)

    async def _agree(self, situation: Situation, hand: Hand) -> None:
        """Give the money back. Goods that are gone with it are somebody's loss: it is kept whose.

        What may still come back by itself is accounted for once the money is gone.
        """
        await self._reply(situation, ClaimAnswer.AGREE, hand.reason)
        now = self._situation(situation.claim.id).claim.stage
        if now in AGREED and situation.goods in GONE:
            await self._write_off(situation.claim, hand)

    async def _account_for(self, situation: Situation) -> None:
        """The money is gone: have a person say what becomes of goods that are not here."""
        claim, decision = situation.claim, situation.decision
        if decision is not None:
            self._life.claims.decisions.pop(claim.id)
            await self._write_off(claim, decision.hand)
        elif situation.goods in {Whereabouts.WITH_BUYER, Whereabouts.LOST}:
            await self._ask(situation, "款已退,货不在仓:请追回货物,或核销")
        else:
            await self._change(situation, within=self._life.pace.receipt_limit)
            if self._situation(claim.id) == situation:
                await self._ask(situation, "款已退,货迟迟没有退回:请催办,或核销")

    async def _write_off(self, claim: Refund, hand: Hand) -> None:
        life, about = self._life, lines_of(self._life.order, claim)
        gone = [
            item
            for journey in life.journeys
            for item in journey.parcel.items
            if item.line_no in about and life.carrier_of(item.line_no) is journey
        ]
        life.claims.written_off.add(claim.id)
        await write_off(life.outset(), claim.id, gone, hand)

    async def _ask(self, situation: Situation, question: str) -> None:
        """Call a person, for as long as nothing changes."""
        door, subject = self._life.door, self._subject(situation.claim)
        door.report(DECIDE, subject, question)
        await self._change(situation)
        door.clear(DECIDE, subject)

    async def _reply(self, situation: Situation, answer: ClaimAnswer, reason: str) -> None:
        """Tell the channel, unless it changes its mind first, and hear what it makes of it."""
        claim, claims = situation.claim, self._life.claims
        reply = ClaimReply(
            order_id=claim.order_id,
            channel=self._life.order.channel,
            number=self._life.order.number,
            claim_id=claim.id,
            kind=claim.kind,
            answer=answer,
            reason=reason,
            waybill=self._waybill(claim),
            protocol=claim.protocol,
        )
        with contextlib.suppress(TurnedBack, DoneByHand):
            said = await self._life.door.do(
                ANSWER_CLAIM,
                reply,
                subject=self._subject(claim),
                stop=lambda: claims.get(claim.id) != claim,
            )
            self.hear(said)

    def _waybill(self, claim: Refund) -> Waybill | None:
        about = lines_of(self._life.order, claim)
        out = (j for j in self._life.journeys if j.has_left and j.parcel.line_nos & about)
        return next((journey.waybill for journey in out), None)

    def _subject(self, claim: Refund) -> str:
        return claim_subject(claim.order_id, claim.id)


def claim_subject(order_id: str, claim_id: str) -> str:
    """Name a claim among an order's exceptions."""
    return f"{order_id}/claim/{claim_id}"
