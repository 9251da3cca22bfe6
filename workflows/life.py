"""What is known of one order's life, and what follows from it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from temporalio import workflow

from domain.acceptance import Acceptance, Decision
from domain.erp import ErpState
from domain.hands import Hand
from domain.lifecycle import OrderStage, Papers, ParcelStage, order_stage
from domain.opening import Opening
from domain.order import Receiver
from domain.parcel import Parcel
from domain.production import Production
from domain.routing import RoutingQuestion
from domain.trouble import Hold, HoldReason
from domain.view import OrderView, ParcelView
from workflows.claim_facts import ClaimFacts
from workflows.doorway import Doorway
from workflows.errands import Errands
from workflows.journey import Journey
from workflows.outset import Outset
from workflows.story import Story


class Life:
    """The facts of an order's life. Stages and open lines are derived, never set beside them.

    Attributes:
        hold: For what the order stands still, if it does.
        held: The hold that a person put on it, if one did.
        paused: The hold that its channel put on it, if it did.
        readdressed_by: The person who gave it another address, if one did.
        decision: What whoever opened the order and waits is to hear; ``None`` until it is clear.
        asked: Whether somebody waits to hear that.
        closed: Whether its channel has closed it, so that even what has left is unwanted.
        erp: What the ERP says of it; ``None`` until it has audited it.
        without: Warehouses that turned a parcel away this time round.
        only: The warehouse that a person chose for what is routed next.
        retries: Counts how often people had what waits tried again.
        news: Counts whatever may let waiting lines go on.
    """

    def __init__(self, opening: Opening) -> None:
        self.order = opening.order
        self.pace = opening.pace
        self.receiver = opening.order.receiver
        self.journeys: list[Journey] = []
        self.hold: Hold | None = None
        self.held: Hold | None = None
        self.paused: Hold | None = None
        self.readdressed_by: Hand | None = None
        self.decision: Decision | None = None
        self.asked = False
        self.closed = False
        self.erp: ErpState | None = None
        self.errands = Errands()
        self.production = Production(opening.order.lines)
        self.claims = ClaimFacts(opening.order, heeded=self.heeds_claims)
        self.without: set[str] = set()
        self.only: tuple[str, ...] = ()
        self.news = 0
        self.retries = 0
        self.door = Doorway(opening.order.id, opening.pace, self.show)
        self._called_off_at: datetime | None = None
        self._papers = Papers()
        self._notes: list[str] = []
        self._story = Story()

    # What follows.

    def lines_waiting(self) -> tuple[int, ...]:
        """The numbers of the lines that are wanted and that no parcel carries, or carried."""
        if self.called_off():
            return ()
        gone = self._carried() | self.claims.given_back()
        return tuple(line.no for line in self.order.lines if line.no not in gone)

    def lines_undecided(self) -> frozenset[int]:
        """The lines that lie here because of claims which may still be withdrawn."""
        return frozenset() if self.called_off() else self.claims.undecided() - self._carried()

    def carrier_of(self, line_no: int) -> Journey | None:
        """The parcel that carries a line, or carried it to its end; ``None`` when it is here."""
        carrying = (j for j in self.journeys if line_no in j.parcel.line_nos and not j.is_back)
        return next(carrying, None)

    def unwanted(self, parcel: Parcel) -> bool:
        """Whether nobody wants a parcel's goods any more."""
        return (self.closed and self.heeds_claims) or self.claims.is_unwanted(parcel)

    @property
    def heeds_claims(self) -> bool:
        """Whether claims are acted on; an order from before that only shows them."""
        return self.pace.receipt_limit is not None

    def _carried(self) -> frozenset[int]:
        carrying = (journey for journey in self.journeys if not journey.is_back)
        return frozenset(no for journey in carrying for no in journey.parcel.line_nos)

    def may_route(self) -> bool:
        """Whether lines wait that may be routed now.

        A warehouse that a person chose waits until the goods it was chosen for are back.
        """
        awaited = bool(self.only) and any(journey.turning_back for journey in self.journeys)
        return bool(self.lines_waiting()) and self.stopped() is None and not awaited

    def waits_for(self, skus: Collection[str]) -> bool:
        """Whether a line that has no parcel wants one of these articles."""
        waiting = self.lines_waiting()
        return any(line.sku in skus for line in self.order.lines if line.no in waiting)

    def called_off(self) -> bool:
        """Whether the order is cancelled: by a person, by its channel, or not taken at all."""
        return self._called_off_at is not None

    def stopped(self) -> Hold | None:
        """By whose word no new step may be begun, if by anybody's."""
        return self.held or self.paused

    def delivered(self) -> frozenset[int]:
        """The lines that reached the buyer."""
        home = (j for j in self.journeys if j.stage is ParcelStage.DELIVERED)
        return frozenset(no for journey in home for no in journey.parcel.line_nos)

    def stage(self) -> OrderStage:
        """Where the order stands as a whole."""
        return order_stage(
            [journey.stage for journey in self.journeys],
            self._papers,
            waiting=bool(self.hold or self.stopped()),
            unrouted=bool(self.lines_waiting() or self.lines_undecided()),
        )

    def routing_question(self) -> RoutingQuestion:
        """What is to be routed now."""
        return RoutingQuestion(
            order=self.order,
            receiver=self.receiver,
            lines=self.lines_waiting(),
            next_parcel_no=len(self.journeys) + 1,
            without=tuple(sorted(self.without)),
            only=self.only,
            made=self.production.ready(),
        )

    def outset(self) -> Outset:
        """What a new parcel sets out with."""
        return Outset(
            order=self.order,
            receiver=self.receiver,
            pace=self.pace,
            door=self.door,
            held=lambda: self.stopped() is not None,
            unwanted=self.unwanted,
            untold=self.claims.is_refunded,
            told_before=self._told_before,
            moved=self.show,
            note=self.note,
        )

    def _told_before(self, parcel: Parcel) -> str:
        """Tell under which number the channel knows goods that came back and go out again."""
        numbers = (
            journey.telling.told
            for journey in reversed(self.journeys)
            if journey.is_back and journey.parcel.line_nos == parcel.line_nos
        )
        return next((number for number in numbers if number), "")

    def stoppable(self) -> Sequence[Journey]:
        """The parcels that can still be stopped inside our walls."""
        return [journey for journey in self.journeys if journey.may_turn_back]

    def movable(self) -> bool:
        """Whether something is left that a person can still send elsewhere, hold, or call off."""
        on_the_shelf = self.lines_waiting() or any(j.turning_back for j in self.journeys)
        return bool(self.stoppable() or (on_the_shelf and not self.called_off()))

    def journey(self, no: int) -> Journey | None:
        """The parcel with this number."""
        return self.journeys[no - 1] if 0 < no <= len(self.journeys) else None

    async def everything_done(self) -> None:
        """Wait until every errand is run, every alarm rung, and every handler finished."""
        while self.errands.under_way:
            await self.errands.done()
            await self.door.alarms_rung()
        await self.door.alarms_rung()
        await workflow.wait_condition(workflow.all_handlers_finished)

    # What happens.

    def put_on_hold(self, reason: HoldReason, details: tuple[str, ...]) -> Hold:
        """Stand still for a reason; the clock of a hold that goes on is not set back."""
        since = self.hold.since if self.hold else workflow.now()
        self.hold = Hold(reason=reason, since=since, details=details)
        self.show()
        return self.hold

    def hold_by_hand(self, hand: Hand) -> None:
        """Stand still because a person says so."""
        details = (f"{hand.by}:{hand.reason}",)
        self.held = Hold(reason=HoldReason.BY_HAND, since=workflow.now(), details=details)

    def recall(self) -> None:
        """Turn back whatever can still be stopped."""
        for journey in self.stoppable():
            journey.turn_back()

    def call_off(self) -> None:
        """Cancel the order: what can be stopped comes back, and nothing new is routed."""
        self._called_off_at = workflow.now()
        self.decision = self.decision or Decision(
            acceptance=Acceptance.ACCEPTED, reason="订单已接收,随后被取消"
        )
        self.recall()
        self.heard()

    def decline(self, acceptance: Acceptance, reason: str) -> None:
        """Do not take the order; nobody was asked to wait for it."""
        self.decision = Decision(acceptance=acceptance, reason=reason)
        self.call_off()
        self.note(f"未接单:{reason}")

    def take(self) -> None:
        """Take the order."""
        self.decision = self.decision or Decision(acceptance=Acceptance.ACCEPTED)

    def readdress(self, receiver: Receiver) -> None:
        """Send what has not left to another receiver."""
        self.receiver = receiver
        self.recall()
        self.heard()

    def stop_unwanted(self) -> None:
        """Turn back whatever carries goods that the buyer does not want, if it can be stopped."""
        unwanted = self.claims.given_back()
        for journey in self.stoppable():
            if journey.parcel.line_nos & unwanted:
                journey.turn_back()

    def heard(self) -> None:
        """Let whatever waits look again."""
        self.news += 1
        self.show()

    def take_off_hold(self) -> None:
        """Go on."""
        self.hold = None
        self.door.clear("routing.plan", self.order.id)
        self.show()

    def let_go(self) -> None:
        """End every hold: nothing is left that it could stop."""
        self.held = self.paused = None
        self.take_off_hold()

    def papers(self, *, settled: bool = False, closed: bool = False) -> None:
        """Keep which papers are done."""
        self._papers = replace(
            self._papers,
            settled=self._papers.settled or settled,
            closed=self._papers.closed or closed,
        )
        self.show()

    def hand(self, hand: Hand, deed: str) -> str:
        """Keep what a person did, and let whatever waits look again."""
        self._notes.append(f"{hand.by} {deed}:{hand.reason}")
        self.heard()
        return deed

    def note(self, text: str) -> None:
        """Keep something that a person should be able to see later."""
        self._notes.append(text)
        self.show()

    def view(self) -> OrderView:
        """Tell the whole of it."""
        return OrderView(
            stage=self.stage(),
            hold=self.stopped() or self.hold,
            troubles=self.door.troubles,
            parcels=tuple(
                ParcelView(
                    no=journey.parcel.no,
                    warehouse=journey.parcel.warehouse,
                    stage=journey.stage,
                    waybill=journey.waybill,
                    items=journey.parcel.items,
                )
                for journey in self.journeys
            ),
            notes=tuple(self._notes),
            refunds=tuple(self.claims.all()),
            erp=self.erp,
            came_back=tuple(sorted(self.claims.came_back)),
        )

    def show(self) -> None:
        """Show it where people look."""
        self._story.show(self.view())
