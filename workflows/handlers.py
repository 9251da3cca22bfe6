"""What may be told to an order's life, done to it, and asked of it.

Handlers record a fact or a hand and return; what follows is the story's business
(``workflows.order``). A handler may run before the story has begun, so it relies on ``Life`` alone.
"""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.acceptance import Decision
from domain.claim import Refund
from domain.hands import AddressEdit, Hand, Reroute, Resolution, WaybillCorrection
from domain.lifecycle import OrderStage, ParcelStage
from domain.opening import ChannelNews, MadeNews, PackedNews, RestockNews, ScanNews
from domain.permission import Refusal, may_act, may_correct, may_reroute, may_resolve, may_stop
from domain.view import OrderView
from workflows.channel_side import ChannelSide
from workflows.life import Life


class OrderHandlers:
    """The signals, updates and queries of an order.

    Signals (facts): ``scanned``, ``packed``, ``restocked``, ``channel_changed``, ``refunded``,
    ``made``. Updates (hands): ``reroute``, ``hold``, ``release``, ``cancel``, ``edit_address``,
    ``correct_waybill``, ``retry_now``, ``resolve``. Update (whoever opened it): ``accept``.
    Queries: ``stage``, ``view``.
    """

    _life: Life
    _channel: ChannelSide

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
    def channel_changed(self, news: ChannelNews) -> None:
        self._channel.hear(news)

    @workflow.signal
    def refunded(self, refund: Refund) -> None:
        """Keep a refund claim, so that it can be seen; nothing is stopped or taken back for it."""
        self._life.refunded(refund)

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
        life = self._life
        for journey in life.stoppable():
            if request.parcel_no in {None, journey.parcel.no}:
                journey.turn_back()
                life.without.add(journey.parcel.warehouse)
        life.without.discard(request.warehouse)
        life.only = (request.warehouse,) if request.warehouse else ()
        return life.hand(request.hand, "改派仓库")

    @reroute.validator
    def _may_reroute(self, request: Reroute) -> None:
        numbers = {journey.parcel.no for journey in self._life.stoppable()}
        _refuse(may_reroute(request, self._life.movable(), numbers))

    @workflow.update
    def hold(self, hand: Hand) -> str:
        self._life.hold_by_hand(hand)
        return self._life.hand(hand, "挂起")

    @hold.validator
    def _may_hold(self, hand: Hand) -> None:
        _refuse(may_stop(hand, self._life.movable()))

    @workflow.update
    def release(self, hand: Hand) -> str:
        self._life.held = None
        return self._life.hand(hand, "解除挂起")

    @release.validator
    def _may_release(self, hand: Hand) -> None:
        life = self._life
        by_channel = "订单由渠道暂停发货,渠道恢复后自动继续;人工没有挂起它"
        not_held = by_channel if life.paused else "订单没有被人工挂起"
        _refuse(may_act(hand) or (None if life.held else not_held))

    @workflow.update
    def cancel(self, hand: Hand) -> str:
        self._life.call_off()
        return self._life.hand(hand, "取消")

    @cancel.validator
    def _may_cancel(self, hand: Hand) -> None:
        _refuse(may_stop(hand, self._life.movable()))

    @workflow.update
    def edit_address(self, edit: AddressEdit) -> str:
        self._life.readdressed_by = edit.hand
        self._life.readdress(edit.receiver)
        return self._life.hand(edit.hand, "修改地址")

    @edit_address.validator
    def _may_edit_address(self, edit: AddressEdit) -> None:
        _refuse(may_stop(edit.hand, self._life.movable()))

    @workflow.update
    def correct_waybill(self, correction: WaybillCorrection) -> str:
        """Take another number for a parcel; a channel that was told the old one hears of it."""
        life = self._life
        if journey := life.journey(correction.parcel_no):
            journey.correct(correction.carrier, correction.number, workflow.now())
            life.errands.begin(journey.tell_again())
        return life.hand(correction.hand, f"更正包裹 {correction.parcel_no} 的运单号")

    @correct_waybill.validator
    def _may_correct_waybill(self, correction: WaybillCorrection) -> None:
        journey = self._life.journey(correction.parcel_no)
        alive = journey is not None and journey.stage is not ParcelStage.CANCELLED
        _refuse(may_correct(correction, journey.waybill if journey and alive else None))

    @workflow.update
    def retry_now(self, hand: Hand) -> str:
        self._life.without.clear()
        self._life.door.retry_all()
        return self._life.hand(hand, "立即重试")

    @retry_now.validator
    def _may_retry(self, hand: Hand) -> None:
        waiting = self._life.hold is not None or bool(self._life.door.troubles)
        _refuse(may_act(hand) or (None if waiting else "订单没有在等待的步骤"))

    @workflow.update
    def resolve(self, resolution: Resolution) -> str:
        self._life.door.decide(resolution.subject, resolution.remedy)
        return self._life.hand(resolution.hand, "处理异常")

    @resolve.validator
    def _may_resolve(self, resolution: Resolution) -> None:
        _refuse(may_resolve(resolution, self._life.door.open_to(resolution.subject)))

    @workflow.query
    def stage(self) -> OrderStage:
        return self._life.stage()

    @workflow.query
    def view(self) -> OrderView:
        return self._life.view()


def _refuse(reason: Refusal) -> None:
    if reason is not None:
        raise ApplicationError(reason, type="Refused")
