"""What may be told to an order's life, done to it, and asked of it.

Handlers record a fact or a hand and return; what follows is the story's business
(``workflows.order``). A handler may run before the story has begun, so it relies on ``Life`` alone.
"""

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.acceptance import Decision
from domain.claim import Refund
from domain.comeback import Receipt
from domain.hands import (
    AddressEdit,
    ClaimDecision,
    Hand,
    Reroute,
    Resolution,
    WaybillCorrection,
)
from domain.lifecycle import OrderStage
from domain.opening import ChannelNews, MadeNews, PackedNews, RestockNews, ScanNews
from domain.permission import Refusal
from domain.view import OrderView
from workflows import deeds
from workflows.channel_side import ChannelSide
from workflows.claims import ClaimDesk
from workflows.life import Life
from workflows.papers import PaperSide
from workflows.requests import OrderRequests


class OrderHandlers(OrderRequests):
    """The signals, updates and queries of an order.

    Signals (facts): ``scanned``, ``packed``, ``restocked``, ``channel_changed``, ``refunded``,
    ``returned``, ``made``, ``buyer_cleared``. Updates (hands): ``reroute``, ``hold``, ``release``,
    ``cancel``, ``edit_address``, ``correct_waybill``, ``decide_claim``, ``retry_now``,
    ``resolve``; the same as signals, for whoever can only signal: ``workflows.requests``. Update
    (whoever opened it): ``accept``. Queries: ``stage``, ``view``.
    """

    _life: Life
    _channel: ChannelSide
    _claims: ClaimDesk
    _papers: PaperSide

    # Facts.

    @workflow.signal
    def scanned(self, news: ScanNews) -> None:
        if journey := self._life.journey(news.parcel_no):
            journey.scanned(news.scan)

    @workflow.signal
    def packed(self, news: PackedNews) -> None:
        if journey := self._life.journey(news.parcel_no):
            journey.packed_at = news.at

    @workflow.signal
    def restocked(self, news: RestockNews) -> None:
        if self._life.waits_for(news.skus):
            self._life.without.clear()
            self._life.news += 1

    @workflow.signal
    def buyer_cleared(self) -> None:
        """Look again whether the buyer may order: a freeze was ended before its time."""
        self._life.heard()

    @workflow.signal
    def channel_changed(self, news: ChannelNews) -> None:
        self._channel.hear(news)

    @workflow.signal
    def refunded(self, refund: Refund) -> None:
        """Keep a refund claim as its channel shows it, and stop what is not wanted any more."""
        self._claims.hear(refund)

    @workflow.signal
    def returned(self, receipt: Receipt) -> None:
        """Keep what a warehouse received of what came back."""
        self._claims.received(receipt)

    @workflow.signal
    def made(self, news: MadeNews) -> None:
        if self._life.production.hear(news):
            self._life.heard()

    # The opener's question.

    @workflow.update
    async def accept(self) -> Decision:
        """Answer whether the order is taken, once that is clear; an order that is not ends here.

        Only who asks is turned away: an order that nobody asks about waits for better days.
        """
        life = self._life
        if life.decision is None:
            life.asked = True
            life.heard()
            await workflow.wait_condition(lambda: life.decision is not None)
        assert life.decision is not None  # noqa: S101 - it was just waited for
        return life.decision

    # Hands. A validator's refusal reaches the person at once and leaves no history.

    @workflow.update
    def reroute(self, request: Reroute) -> str:
        return deeds.REROUTE.do(self._life, request)

    @reroute.validator
    def _may_reroute(self, request: Reroute) -> None:
        _refuse(deeds.REROUTE.may(self._life, request))

    @workflow.update
    def hold(self, hand: Hand) -> str:
        return deeds.HOLD.do(self._life, hand)

    @hold.validator
    def _may_hold(self, hand: Hand) -> None:
        _refuse(deeds.HOLD.may(self._life, hand))

    @workflow.update
    def release(self, hand: Hand) -> str:
        return deeds.RELEASE.do(self._life, hand)

    @release.validator
    def _may_release(self, hand: Hand) -> None:
        _refuse(deeds.RELEASE.may(self._life, hand))

    @workflow.update
    def cancel(self, hand: Hand) -> str:
        return deeds.CANCEL.do(self._life, hand)

    @cancel.validator
    def _may_cancel(self, hand: Hand) -> None:
        _refuse(deeds.CANCEL.may(self._life, hand))

    @workflow.update
    def edit_address(self, edit: AddressEdit) -> str:
        return deeds.EDIT_ADDRESS.do(self._life, edit)

    @edit_address.validator
    def _may_edit_address(self, edit: AddressEdit) -> None:
        _refuse(deeds.EDIT_ADDRESS.may(self._life, edit))

    @workflow.update
    def correct_waybill(self, correction: WaybillCorrection) -> str:
        return deeds.CORRECT_WAYBILL.do(self._life, correction)

    @correct_waybill.validator
    def _may_correct_waybill(self, correction: WaybillCorrection) -> None:
        _refuse(deeds.CORRECT_WAYBILL.may(self._life, correction))

    @workflow.update
    def decide_claim(self, decision: ClaimDecision) -> str:
        return deeds.DECIDE_CLAIM.do(self._life, decision)

    @decide_claim.validator
    def _may_decide_claim(self, decision: ClaimDecision) -> None:
        _refuse(deeds.DECIDE_CLAIM.may(self._life, decision))

    @workflow.update
    def retry_now(self, hand: Hand) -> str:
        return deeds.RETRY_NOW.do(self._life, hand)

    @retry_now.validator
    def _may_retry(self, hand: Hand) -> None:
        _refuse(deeds.RETRY_NOW.may(self._life, hand))

    @workflow.update
    def resolve(self, resolution: Resolution) -> str:
        return deeds.RESOLVE.do(self._life, resolution)

    @resolve.validator
    def _may_resolve(self, resolution: Resolution) -> None:
        _refuse(deeds.RESOLVE.may(self._life, resolution))

    @workflow.query
    def stage(self) -> OrderStage:
        return self._life.stage()

    @workflow.query
    def view(self) -> OrderView:
        view, open_now = self._life.view(), deeds.open_deeds(self._life)
        return replace(view, deeds=open_now, papers=self._papers.view())


def _refuse(reason: Refusal) -> None:
    if reason is not None:
        raise ApplicationError(reason, type="Refused")
