"""The outside world of one order: the WMS lets go, carriers carry, buyers send back, people decide.

Each call moves one thing at most, so that the order has settled before the next thing happens.
"""

from collections.abc import Awaitable, Callable

from domain.claim import Refund, RefundKind, RefundStage
from domain.hands import ClaimDecision, Decided, Hand, Resolution
from domain.opening import PackedNews, ScanNews
from domain.order import Order
from domain.parcel import Milestone, Scan, Waybill
from domain.refunding import left_for
from domain.trouble import Remedy
from domain.view import OrderView
from tests.fakes.hub import A_HAND, Hub
from tests.fakes.orders import PAID_AT
from tests.fakes.warehouses import Status

CLERK = Hand(by="客服", reason="与买家说好了")
Announce = Callable[[str], Awaitable[bool]]  # tells whether something happened before the event


class Outside:
    """Everything that happens around one order; ``announce`` is told before each event."""

    def __init__(self, hub: Hub, order: Order, announce: Announce) -> None:
        self._hub = hub
        self._order = order
        self._announce = announce
        self._lives = hub.lives()

    async def move(self) -> bool:
        """Let the next thing happen; ``False`` when nothing is due."""
        moves = (
            self._leave,
            self._collect,
            self._arrive,
            self._send_back,
            self._receive,
            self._pay,
        )
        for move in moves:
            if await move():
                return True
        return False

    async def decide(self, view: OrderView) -> Hand | ClaimDecision | Resolution | None:
        """Tell what a person does about the order as it stands, if there is anything to do."""
        for trouble in view.troubles:
            if Remedy.DECIDE_CLAIM in trouble.remedies:
                return self._decision(self._hub.shop.claims[trouble.subject.rpartition("/")[2]])
        if view.troubles:
            return Resolution(hand=A_HAND, subject="", remedy=Remedy.RETRY)
        return None

    def _decision(self, claim: Refund) -> ClaimDecision:
        """Agree to what the buyer may have; no money is left for the rest."""
        claims = self._hub.shop.claims.values()
        if claim.stage is RefundStage.REFUNDED:
            decided = Decided.WRITE_OFF
        elif claim.kind is RefundKind.EXCHANGE or claim.amount_fen > left_for(
            self._order, claim, claims
        ):
            decided = Decided.REFUSE
        else:
            decided = Decided.AGREE
        return ClaimDecision(hand=CLERK, claim_id=claim.id, decision=decided)

    async def _leave(self) -> bool:
        for dispatch in self._hub.warehouses.handed_over:
            key = dispatch.parcel.key
            if self._hub.warehouses.orders[key] is Status.ACCEPTED:
                if await self._announce("packed"):
                    return True
                self._hub.warehouses.let_leave(key)
                news = PackedNews(parcel_no=dispatch.parcel.no, event_id=key, at=PAID_AT)
                await self._lives.packed(self._order.id, news)
                return True
        return False

    async def _collect(self) -> bool:
        for no, waybill in self._on_the_road():
            if waybill.number not in self._hub.carriers.traces:
                if await self._announce("collected"):
                    return True
                await self._scan(no, waybill, Milestone.COLLECTED)
                return True
        return False

    async def _arrive(self) -> bool:
        for no, waybill in self._on_the_road():
            if len(self._hub.carriers.traces.get(waybill.number, ())) == 1:
                if await self._announce("arrived"):
                    return True
                back = f"{self._order.id}/{no}" in self._hub.carriers.intercepted
                end = Milestone.RETURNED if back else Milestone.DELIVERED
                await self._scan(no, waybill, end)
                return True
        return False

    async def _send_back(self) -> bool:
        """A buyer whose return was agreed on sends it, once it is there and is expected."""
        for claim in self._hub.shop.claims.values():
            expected = f"{claim.order_id}/return/c{claim.id}/"
            announced = any(key.startswith(expected) for key in self._hub.warehouses.returns)
            if announced and claim.stage is RefundStage.AGREED:
                if await self._announce("sent_back"):
                    return True
                told = self._hub.shop.turn(claim.id, RefundStage.RETURNING)
                await self._lives.refunded(self._order.id, told)
                return True
        return False

    async def _receive(self) -> bool:
        for key in list(self._hub.warehouses.returns):
            if key not in self._hub.warehouses.received and self._has_come(key):
                if await self._announce("received"):
                    return True
                receipt = self._hub.warehouses.receive(key)
                await self._lives.returned(self._order.id, receipt)
                return True
        return False

    def _has_come(self, key: str) -> bool:
        what = key.partition("/return/")[2]
        if what.startswith("p"):
            return True  # announced once the carrier had brought it back
        claim = self._hub.shop.claims[what[1:].partition("/")[0]]
        return claim.stage in {RefundStage.RETURNING, RefundStage.REFUNDED}

    async def _pay(self) -> bool:
        """A platform that has agreed by itself pays."""
        for claim in self._hub.shop.claims.values():
            if claim.stage is RefundStage.AGREED and claim.kind is RefundKind.REFUND_ONLY:
                told = self._hub.shop.turn(claim.id, RefundStage.REFUNDED)
                await self._lives.refunded(self._order.id, told)
                return True
        return False

    def _on_the_road(self) -> list[tuple[int, Waybill]]:
        return [
            (dispatch.parcel.no, self._hub.carriers.booked[dispatch.parcel.key])
            for dispatch in self._hub.warehouses.handed_over
            if self._hub.warehouses.orders[dispatch.parcel.key] is Status.LEFT
        ]

    async def _scan(self, no: int, waybill: Waybill, milestone: Milestone) -> None:
        traces = self._hub.carriers.traces
        scan = Scan(id=f"{no}/{milestone}", milestone=milestone, at=PAID_AT, text=milestone.value)
        traces[waybill.number] = (*traces.get(waybill.number, ()), scan)
        await self._lives.scanned(self._order.id, ScanNews(parcel_no=no, scan=scan))
