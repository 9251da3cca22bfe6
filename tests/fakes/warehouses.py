"""A WMS in memory, with state to look at and hands to move it."""

from datetime import UTC, datetime
from enum import StrEnum

from domain.comeback import Pieces, Receipt, ReturnOrder
from domain.errors import GatewayRefused
from domain.handover import CallBack, HandOver, HandOverAnswer
from domain.parcel import Dispatch

AT = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)


class Status(StrEnum):
    """How far a delivery order is; ``BARRED`` was called back before it came."""

    ACCEPTED = "accepted"
    LEFT = "left"
    CANCELLED = "cancelled"
    BARRED = "barred"


class FakeWarehouses:
    """Takes parcels in, lets them leave, gives them back, and takes in what comes back."""

    def __init__(self) -> None:
        self.orders: dict[str, Status] = {}
        self.closed: dict[str, str] = {}  # warehouse: reason
        self.handed_over: list[Dispatch] = []  # each accepted parcel once
        self.returns: dict[str, ReturnOrder] = {}
        self.received: dict[str, Receipt] = {}

    async def create(self, dispatch: Dispatch) -> HandOverAnswer:
        key, warehouse = dispatch.parcel.key, dispatch.parcel.warehouse
        known = self.orders.get(key)
        if known in {Status.CANCELLED, Status.BARRED}:
            return _refused(f"单据 {key} 已取消,不再接单")
        if known is None and warehouse in self.closed:
            return _refused(self.closed[warehouse])
        if known is None:
            self.orders[key] = Status.ACCEPTED
            self.handed_over.append(dispatch)
        return HandOverAnswer(outcome=HandOver.ACCEPTED, reason="", at=AT)

    async def cancel(self, dispatch: Dispatch) -> CallBack:
        key = dispatch.parcel.key
        match self.orders.get(key):
            case Status.LEFT:
                return CallBack.TOO_LATE
            case Status.ACCEPTED:
                self.orders[key] = Status.CANCELLED
            case None:
                self.orders[key] = Status.BARRED
            case Status.CANCELLED | Status.BARRED:
                pass
        return CallBack.CANCELLED

    async def announce(self, order: ReturnOrder) -> None:
        if self.orders.get(order.delivery_key) is not Status.LEFT:
            raise GatewayRefused("fake", "preDeliveryOrderCode", f"{order.delivery_key} 没有出库")
        self.returns.setdefault(order.key, order)

    def receive(self, key: str) -> Receipt:
        """Let an announced return arrive whole, and be found good."""
        order = self.returns[key]
        goods = tuple(Pieces(sku=item.sku, quantity=item.quantity) for item in order.items)
        receipt = Receipt(
            key=key, event_id=f"{key}#in", warehouse=order.warehouse, goods=goods, at=AT
        )
        return self.received.setdefault(key, receipt)

    def close(self, warehouse: str, reason: str) -> None:
        """Let a warehouse refuse every new parcel."""
        self.closed[warehouse] = reason

    def let_leave(self, key: str) -> None:
        """Let a parcel leave through the gate."""
        self.orders[key] = Status.LEFT


def _refused(reason: str) -> HandOverAnswer:
    return HandOverAnswer(outcome=HandOver.REFUSED, reason=reason, at=AT)
