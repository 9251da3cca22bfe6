"""The life of one order, read from top to bottom the way its parcels travel.

What touches the world is an activity; what decides lives in ``domain``; what is known lives in
``Life``. The workflow id is built from the order's own number, so a push that arrives twice meets
the life that is there already. What partners tell and people do comes in by ``workflows.handlers``,
which record it and return; only the main line here and its parcels await.
"""

import asyncio
import contextlib
from datetime import timedelta

from temporalio import workflow

from domain.acceptance import Acceptance
from domain.lifecycle import OrderStage
from domain.opening import Opening
from domain.routing import Plan
from domain.trouble import PASSING, HoldReason
from workflows.calls import CHECK_BUYER, PLAN_ROUTE, TurnedBack
from workflows.channel_side import ChannelSide
from workflows.claims import ClaimDesk
from workflows.handlers import OrderHandlers
from workflows.journey import Journey, Why
from workflows.life import Life
from workflows.papers import PaperSide
from workflows.relay import ErpRelay


@workflow.defn(name="order")
class OrderWorkflow(OrderHandlers):
    """Takes one paid order to its buyer's door and through its papers."""

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        self._life = Life(opening)
        self._channel = ChannelSide(self._life)
        self._erp = ErpRelay(self._life)
        self._papers = PaperSide(self._life)
        self._claims = ClaimDesk(self._life, self._papers)
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
        while life.lines_waiting() or life.lines_undecided():
            seen = life.news
            with contextlib.suppress(TurnedBack):
                standing = await door.do(
                    CHECK_BUYER, life.order.buyer_key, subject=life.order.id, stop=life.called_off
                )
                left = (standing.frozen_until or workflow.now()) - workflow.now()
                if left <= timedelta(0):
                    break
                if life.asked:
                    life.decline(Acceptance.FROZEN, standing.reason)
                    break
                life.put_on_hold(HoldReason.FROZEN_BUYER, (standing.reason,))
                await self._hear_news(seen, left)
        life.take_off_hold()

    async def _send_out(self) -> None:
        """Route what has no parcel yet, again and again, until every parcel is at rest."""
        life, tries = self._life, 0
        while self._travelling or life.lines_waiting() or life.lines_undecided():
            seen = life.news
            if life.may_route():
                await self._route()
            retry = life.pace.next_try(tries) if life.hold and life.stopped() is None else None
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
        if self._decline(plan):
            return
        for parcel in plan.parcels:
            journey = Journey(life.outset(), parcel)
            life.journeys.append(journey)
            self._travelling.append(asyncio.create_task(self._travel(journey)))
        if plan.parcels or plan.awaited:  # the ERP has the goods made that are made to order
            self._erp.begin()
        self._hold_what_is_left(plan)

    def _decline(self, plan: Plan) -> bool:
        """Turn away an order that no warehouse serves, if somebody waits to hear that."""
        life = self._life
        if life.journeys or life.without or not plan.serves_nothing:
            life.take()
            return False
        if life.asked:
            life.decline(Acceptance.OUT_OF_RANGE, ";".join(_reasons(plan)))
        return life.asked

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
        if not (plan.short or plan.unserved or plan.awaited):
            life.take_off_hold()
            return
        reasons = _reasons(plan)
        hold = life.put_on_hold(self._why(plan), reasons)
        too_long = workflow.now() - hold.since > life.pace.hold_limit
        if too_long or hold.reason not in PASSING:
            life.door.report(PLAN_ROUTE.step, life.order.id, ";".join(reasons))
        else:
            life.door.clear(PLAN_ROUTE.step, life.order.id)

    def _why(self, plan: Plan) -> HoldReason:
        if not plan.unserved and not plan.short:
            return HoldReason.MADE_TO_ORDER
        if not plan.unserved or self._life.without:
            return HoldReason.SHORT_OF_STOCK  # a warehouse that turned it away may take it later
        no_place = self._life.receiver.place is None
        return HoldReason.BAD_ADDRESS if no_place else HoldReason.NO_WAREHOUSE

    async def _settle(self) -> None:
        """Invoice and book what reached the buyer and is not refunded."""
        if self._life.delivered():
            await self._papers.settle()

    async def _stay_open_for_refunds(self) -> None:
        """Keep the life open for the after-sale window, so that every refund meets it.

        It does not close before the ERP has audited it, and every claim and errand is done.
        """
        if self._life.delivered() and (window := self._life.pace.after_sale):
            await workflow.sleep(window, summary="售后期")
        await self._erp.end()
        await self._life.everything_done()
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


def _reasons(plan: Plan) -> tuple[str, ...]:
    """Tell a person why lines have no parcel, without saying anything twice."""
    return tuple(dict.fromkeys(refusal.reason for refusal in plan.refusals))[:6]
