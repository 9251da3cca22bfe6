"""Has a warehouse take in what a buyer sends back."""

from domain.claim import Refund
from domain.comeback import Receipt, ReturnOrder
from domain.lifecycle import ParcelStage
from domain.refunding import lines_of
from workflows.calls import PUT_BACK
from workflows.homecoming import missing_from, received
from workflows.journey import Journey
from workflows.life import Life


def return_key(claim: Refund, parcel_no: int) -> str:
    """Name what comes back of one parcel for one claim."""
    return f"{claim.order_id}/return/c{claim.id}/{parcel_no}"


class BuyerReturns:
    """What buyers send back of one order, each parcel's goods to where they came from."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._receipts: dict[str, Receipt] = {}

    def hear(self, receipt: Receipt) -> None:
        """Keep what a warehouse received; the first telling counts."""
        self._receipts.setdefault(receipt.key, receipt)

    def expect(self, claim: Refund) -> None:
        """Tell the warehouses of what a claim sends back, as soon as it has reached the buyer."""
        for journey in self._life.journeys:
            order = self._order(claim, journey)
            is_due = journey.stage is ParcelStage.DELIVERED and bool(order.items)
            if is_due and order.key not in self._life.claims.announced:
                self._life.claims.announced.add(order.key)
                self._life.errands.begin(self._take_in(order))

    async def _take_in(self, order: ReturnOrder) -> None:
        life = self._life
        receipt = await received(life.outset(), order, lambda: self._receipts.get(order.key))
        await life.door.do(PUT_BACK, receipt, subject=order.delivery_key)
        short = {item.line_no for item in missing_from(receipt, order.items)}
        life.claims.came_back |= {item.line_no for item in order.items} - short
        life.claims.short |= short
        if short:
            life.note(f"退货 {order.key} 短收或破损")
        life.heard()

    def _order(self, claim: Refund, journey: Journey) -> ReturnOrder:
        parcel, about = journey.parcel, lines_of(self._life.order, claim)
        came_back = self._life.claims.came_back
        wanted = about - came_back
        return ReturnOrder(
            key=return_key(claim, parcel.no),
            order_id=parcel.order_id,
            warehouse=parcel.warehouse,
            delivery_key=parcel.key,
            carrier="",
            number="",
            items=tuple(item for item in parcel.items if item.line_no in wanted),
        )
