"""What is known of one order's life, and what follows from it. Nothing here awaits."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from temporalio import workflow

from domain.acceptance import Acceptance, Decision
from domain.claim import Refund
from domain.erp import ErpState
from domain.hands import Hand
from domain.lifecycle import OrderStage, Papers, ParcelStage, order_stage
from domain.opening import Opening
from domain.order import Receiver
from domain.parcel import Item
from domain.production import Production
from domain.routing import RoutingQuestion
from domain.trouble import Hold, HoldReason
from domain.view import OrderView, ParcelView
from workflows.doorway import Doorway
from workflows.errands import Errands
from workflows.journey import Journey, Outset
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
        erp: What the ERP says of it; ``None`` until it has audited it.
        without: Warehouses that turned a parcel away this time round.
        only: The warehouse that a person chose for what is routed next.
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
        self.erp: ErpState | None = None
        self.errands = Errands()
        self.production = Production(opening.order.lines)
        self.without: set[str] = set()
        self.only: tuple[str, ...] = ()
        self.news = 0
        self.door = Doorway(opening.order.id, opening.pace, self.show)
        self._called_off_at: datetime | None = None
        self._refunds: dict[str, Refund] = {}
        self._papers = Papers()
        self._notes: list[str] = []
        self._story = Story()

    # What follows.

    def lines_waiting(self) -> tuple[int, ...]:
        """The numbers of the lines that no parcel carries, or carried to an end."""
        if self.called_off():
            return ()
        carrying = (j for j in self.journeys if j.stage is not ParcelStage.CANCELLED)
        carried = {no for journey in carrying for no in journey.parcel.line_nos}
        return tuple(line.no for line in self.order.lines if line.no not in carried)

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

    def delivered(self) -> Sequence[Item]:
        """Everything that reached the buyer."""
        home = (j for j in self.journeys if j.stage is ParcelStage.DELIVERED)
        return [item for journey in home for item in journey.parcel.items]

    def stage(self) -> OrderStage:
        """Where the order stands as a whole."""
        return order_stage(
            [journey.stage for journey in self.journeys],
            self._papers,
            waiting=bool(self.hold or self.stopped()),
            unrouted=bool(self.lines_waiting()),
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
            moved=self.show,
            note=self.note,
        )

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

    def refunded(self, refund: Refund) -> None:
        """Keep a refund claim as the channel shows it; what is older than what is known is not."""
        known = self._refunds.get(refund.id)
        if known is None or known.changed_at < refund.changed_at:
            self._refunds[refund.id] = refund
            self.show()

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
            refunds=tuple(self._refunds.values()),
            erp=self.erp,
        )

    def show(self) -> None:
        """Show it where people look."""
        self._story.show(self.view())
