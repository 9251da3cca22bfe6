"""What is known of one order's life, and what follows from it. Nothing here awaits."""

from collections.abc import Sequence
from dataclasses import replace

from temporalio import workflow

from domain.hands import Hand
from domain.lifecycle import OrderStage, Papers, ParcelStage, order_stage
from domain.opening import Opening
from domain.parcel import Item
from domain.routing import RoutingQuestion
from domain.trouble import Hold, HoldReason
from domain.view import OrderView, ParcelView
from workflows.doorway import Doorway
from workflows.journey import Journey, Outset
from workflows.story import Story


class Life:
    """The facts of an order's life. Stages and open lines are derived, never set beside them.

    Attributes:
        hold: For what the order stands still, if it does.
        held_by: The person who holds it, if one does.
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
        self.held_by: Hand | None = None
        self.cancelled_by: Hand | None = None
        self.without: set[str] = set()
        self.only: tuple[str, ...] = ()
        self.news = 0
        self.door = Doorway(opening.order.id, opening.pace, self.show)
        self._papers = Papers()
        self._notes: list[str] = []
        self._story = Story()

    # What follows.

    def lines_waiting(self) -> tuple[int, ...]:
        """The numbers of the lines that no parcel carries, or carried to an end."""
        if self.cancelled_by is not None:
            return ()
        carrying = (j for j in self.journeys if j.stage is not ParcelStage.CANCELLED)
        carried = {no for journey in carrying for no in journey.parcel.line_nos}
        return tuple(line.no for line in self.order.lines if line.no not in carried)

    def delivered(self) -> Sequence[Item]:
        """Everything that reached the buyer."""
        home = (j for j in self.journeys if j.stage is ParcelStage.DELIVERED)
        return [item for journey in home for item in journey.parcel.items]

    def stage(self) -> OrderStage:
        """Where the order stands as a whole."""
        waiting = self.hold is not None or self.held_by is not None
        return order_stage([j.stage for j in self.journeys], self._papers, waiting=waiting)

    def routing_question(self) -> RoutingQuestion:
        """What is to be routed now."""
        return RoutingQuestion(
            order=self.order,
            receiver=self.receiver,
            lines=self.lines_waiting(),
            next_parcel_no=len(self.journeys) + 1,
            without=tuple(sorted(self.without)),
            only=self.only,
        )

    def outset(self) -> Outset:
        """What a new parcel sets out with."""
        return Outset(
            order=self.order,
            receiver=self.receiver,
            pace=self.pace,
            door=self.door,
            held=lambda: self.held_by is not None,
            moved=self.show,
        )

    def stoppable(self) -> Sequence[Journey]:
        """The parcels that can still be stopped inside our walls."""
        return [journey for journey in self.journeys if journey.may_turn_back]

    def journey(self, no: int) -> Journey | None:
        """The parcel with this number."""
        return self.journeys[no - 1] if 0 < no <= len(self.journeys) else None

    # What happens.

    def put_on_hold(self, reason: HoldReason, details: tuple[str, ...]) -> None:
        """Stand still for a reason; the clock of a hold that goes on is not set back."""
        since = self.hold.since if self.hold else workflow.now()
        self.hold = Hold(reason=reason, since=since, details=details)
        self.show()

    def take_off_hold(self) -> None:
        """Go on."""
        self.hold = None
        self.door.clear("routing.plan", self.order.id)
        self.show()

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
        self.news += 1
        self.show()
        return deed

    def note(self, text: str) -> None:
        """Keep something that a person should be able to see later."""
        self._notes.append(text)
        self.show()

    def view(self) -> OrderView:
        """Tell the whole of it."""
        return OrderView(
            stage=self.stage(),
            hold=self.hold,
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
        )

    def show(self) -> None:
        """Show it where people look."""
        self._story.show(self.view())
