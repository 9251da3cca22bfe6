"""What a claim asks for after its order is over: the answer, the goods, and the papers.

An order's life ends with its after-sale window, and has only one end. Channels let buyers ask for
their money after that all the same. Then the order as it ended is taken up again, under an id of
its own, until the claim is settled.
"""

from temporalio import workflow

from domain.claim import RefundStage
from domain.lifecycle import OrderStage
from domain.opening import Reopening
from domain.parcel import Parcel
from domain.view import ParcelView
from workflows.channel_side import ChannelSide
from workflows.claims import ClaimDesk
from workflows.handlers import OrderHandlers
from workflows.journey import Journey
from workflows.life import Life
from workflows.papers import PaperSide


@workflow.defn(name="after_sale")
class AfterSaleWorkflow(OrderHandlers):
    """Settles claims about an order that is over."""

    @workflow.init
    def __init__(self, reopening: Reopening) -> None:
        self._life = Life(reopening.opening)
        self._channel = ChannelSide(self._life)
        self._papers = PaperSide(self._life)
        self._claims = ClaimDesk(self._life, self._papers)
        self._take_up(reopening)

    @workflow.run
    async def run(self, reopening: Reopening) -> OrderStage:
        await workflow.wait_condition(lambda: self._life.errands.under_way)
        await self._life.everything_done()
        return self._life.stage()

    def _take_up(self, reopening: Reopening) -> None:
        """Go on from where the order ended; what was settled then is not asked about again."""
        life, ended = self._life, reopening.ended
        for parcel in ended.parcels:
            life.journeys.append(Journey.at_rest(life.outset(), _parcel(life, parcel), parcel))
        for claim in ended.refunds:
            life.claims.keep(claim)
        life.claims.came_back.update(ended.came_back)
        paid = (claim for claim in ended.refunds if claim.stage is RefundStage.REFUNDED)
        life.claims.written_off.update(claim.id for claim in paid)
        life.papers(settled=True)
        self._papers.restore(ended.papers)


def _parcel(life: Life, view: ParcelView) -> Parcel:
    return Parcel(
        order_id=life.order.id,
        no=view.no,
        warehouse=view.warehouse,
        carrier=view.waybill.carrier if view.waybill else "",
        items=view.items,
    )
