"""What may be told to an order's life, done to it, and asked of it.

Handlers record a fact or a hand and return; what follows is the story's business
(``workflows.order``). A handler may run before the story has begun, so it relies on ``Life`` alone.
"""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.hands import AddressEdit, Hand, Reroute, Resolution
from domain.lifecycle import OrderStage
from domain.opening import PackedNews, RestockNews, ScanNews
from domain.permission import Refusal, may_act, may_reroute, may_resolve, may_stop
from domain.view import OrderView
from workflows.life import Life


class OrderHandlers:
    """The signals, updates and queries of an order.

    Signals (facts): ``scanned``, ``packed``, ``restocked``.
    Updates (hands): ``reroute``, ``hold``, ``release``, ``cancel``, ``edit_address``,
    ``retry_now``, ``resolve``. Queries: ``stage``, ``view``.
    """

    _life: Life

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
        held = self._life.held is not None
        _refuse(may_act(hand) or (None if held else "订单没有被人工挂起"))

    @workflow.update
    def cancel(self, hand: Hand) -> str:
        self._life.cancelled_by = hand
        for journey in self._life.stoppable():
            journey.turn_back()
        return self._life.hand(hand, "取消")

    @cancel.validator
    def _may_cancel(self, hand: Hand) -> None:
        _refuse(may_stop(hand, self._life.movable()))

    @workflow.update
    def edit_address(self, edit: AddressEdit) -> str:
        self._life.receiver = edit.receiver
        for journey in self._life.stoppable():
            journey.turn_back()
        return self._life.hand(edit.hand, "修改地址")

    @edit_address.validator
    def _may_edit_address(self, edit: AddressEdit) -> None:
        _refuse(may_stop(edit.hand, self._life.movable()))

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
