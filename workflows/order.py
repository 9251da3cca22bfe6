"""The life of one order, read from top to bottom the way its parcels travel.

What touches the world is an activity; what decides lives in ``domain``; what is known lives in
``Life``. The workflow id is built from the order's own number, so a push that arrives twice meets
the life that is there already. Handlers record a fact or a hand and return; only the main line and
its parcels await.
"""

import asyncio
import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.hands import AddressEdit, Hand, Reroute, Resolution
from domain.lifecycle import OrderStage
from domain.opening import Opening, PackedNews, RestockNews, ScanNews
from domain.papers import Bill, bill_of, sale_of
from domain.permission import Refusal, may_act, may_reroute, may_resolve, may_stop
from domain.routing import Plan
from domain.trouble import HoldReason
from domain.view import OrderView
from workflows.calls import BOOK_VOUCHER, CHECK_BUYER, ISSUE_INVOICE, PLAN_ROUTE, TurnedBack
from workflows.doorway import DoneByHand
from workflows.journey import Journey, Why
from workflows.life import Life


@workflow.defn(name="order")
class OrderWorkflow:
    """Takes one paid order to its buyer's door and through its papers.

    Signals (facts): ``scanned``, ``packed``, ``restocked``.
    Updates (hands): ``reroute``, ``hold``, ``release``, ``cancel``, ``edit_address``,
    ``retry_now``, ``resolve``. Queries: ``stage``, ``view``.
    """

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        self._life = Life(opening)
        self._travelling: list[asyncio.Task[None]] = []

    @workflow.run
    async def run(self, opening: Opening) -> OrderStage:
        await self._clear_buyer()
        await self._send_out()
        await self._settle()
        await self._stay_open_for_refunds()
        return self._life.stage()

    async def _clear_buyer(self) -> None:
        """Hold the order of a frozen buyer until the freeze ends."""
        life, door = self._life, self._life.door
        while not life.called_off():
            seen = life.news
            with contextlib.suppress(TurnedBack):
                standing = await door.do(
                    CHECK_BUYER, life.order.buyer_key, subject=life.order.id, stop=life.called_off
                )
                left = (standing.frozen_until or workflow.now()) - workflow.now()
                if left <= timedelta(0):
                    break
                life.put_on_hold(HoldReason.FROZEN_BUYER, (standing.reason,))
                await self._hear_news(seen, left)
        life.take_off_hold()

    async def _send_out(self) -> None:
        """Route what has no parcel yet, again and again, until every parcel is at rest."""
        life, tries = self._life, 0
        while self._travelling or life.lines_waiting():
            seen = life.news
            if life.may_route():
                await self._route()
            retry = life.pace.next_try(tries) if life.hold and life.held is None else None
            tries += 1
            if await self._hear_news(seen, retry):
                tries = 0
            else:
                life.without.clear()  # time has passed: ask everybody again
            await self._welcome_travellers()
        life.let_go()

    async def _welcome_travellers(self) -> None:
        """Forget the parcels that are at rest; a fault in their story stops the order's too."""
        for travel in [travel for travel in self._travelling if travel.done()]:
            self._travelling.remove(travel)
            await travel

    async def _route(self) -> None:
        """Decide from where each waiting line leaves, and set the parcels off side by side."""
        life = self._life
        if (plan := await self._plan()) is None:
            return  # somebody changed their mind meanwhile; the main line comes round again
        life.only = ()
        for parcel in plan.parcels:
            journey = Journey(life.outset(), parcel)
            life.journeys.append(journey)
            self._travelling.append(asyncio.create_task(self._travel(journey)))
        self._hold_what_is_left(plan)

    async def _plan(self) -> Plan | None:
        """Ask how to route; ``None`` when that is no longer the question."""
        life = self._life
        question = life.routing_question()

        def outdated() -> bool:
            return question != life.routing_question()

        with contextlib.suppress(TurnedBack):
            plan = await life.door.do(PLAN_ROUTE, question, subject=life.order.id, stop=outdated)
            return None if outdated() else plan
        return None

    async def _travel(self, journey: Journey) -> None:
        await journey.travel()
        if journey.turned_back is Why.WAREHOUSE:
            self._life.without.add(journey.parcel.warehouse)

    def _hold_what_is_left(self, plan: Plan) -> None:
        """Say why some lines have no parcel; what only a person can mend is an exception too."""
        life = self._life
        if not (plan.short or plan.unserved):
            life.take_off_hold()
            return
        reasons = tuple(dict.fromkeys(refusal.reason for refusal in plan.refusals))[:6]
        hold = life.put_on_hold(self._why(plan), reasons)
        too_long = workflow.now() - hold.since > life.pace.hold_limit
        if too_long or hold.reason is not HoldReason.SHORT_OF_STOCK:
            life.door.report(PLAN_ROUTE.step, life.order.id, ";".join(reasons))
        else:
            life.door.clear(PLAN_ROUTE.step, life.order.id)

    def _why(self, plan: Plan) -> HoldReason:
        if not plan.unserved or self._life.without:
            return HoldReason.SHORT_OF_STOCK  # a warehouse that turned it away may take it later
        no_place = self._life.receiver.place is None
        return HoldReason.BAD_ADDRESS if no_place else HoldReason.NO_WAREHOUSE

    async def _settle(self) -> None:
        """Invoice and book what reached the buyer."""
        life = self._life
        if not (delivered := life.delivered()):
            return
        bill = bill_of(life.order, delivered, life.pace.invoice_poll)
        if bill.lines:  # nothing is paid for gifts
            await self._book(bill)
        life.papers(settled=True)

    async def _book(self, bill: Bill) -> None:
        door, order = self._life.door, self._life.order
        invoice = await door.do(ISSUE_INVOICE, bill, subject=order.id)
        with contextlib.suppress(DoneByHand):
            await door.do(BOOK_VOUCHER, sale_of(order, invoice), subject=order.id)

    async def _stay_open_for_refunds(self) -> None:
        """Keep the life open for the after-sale window, so that every refund meets it."""
        if self._life.delivered() and (window := self._life.pace.after_sale):
            await workflow.sleep(window, summary="售后期")
        await self._life.door.alarms_rung()
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._life.papers(closed=True)

    async def _hear_news(self, seen: int, at_most: timedelta | None) -> bool:
        """Wait until something happens; ``False`` when nothing did for so long."""

        def something() -> bool:
            return self._life.news != seen or any(travel.done() for travel in self._travelling)

        try:
            await workflow.wait_condition(something, timeout=at_most, timeout_summary="再试一次")
        except TimeoutError:
            return False
        return True

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
