"""What the order book knows of one order, and which orders are ours."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_

from domain.order import OrderId
from domain.sight import END_MARKS
from gateways.database import writable
from gateways.tables import ORDER_ID, ORDERS

NUMBER = 64  # what its column holds
SHOWN = ("order_id", "channel", "number", "received_at", "opened_at")
# An order that came to its end at the channel before it could begin here is no order of ours.
OURS = or_(
    ORDERS.c.opened_at.is_not(None), ORDERS.c.seen.is_(None), ORDERS.c.seen.not_in(END_MARKS)
)
# It is clear whether the order lives here, or has lived, or never will.
CLEAR = or_(ORDERS.c.opened_at.is_not(None), ORDERS.c.seen.in_(END_MARKS))


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedOrder:
    """One line of the book; ``opened_at`` is ``None`` until its workflow was started."""

    order_id: OrderId
    channel: str
    number: str
    received_at: datetime
    opened_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is known of an order here.

    Attributes:
        opened_at: When its life began; ``None`` when it did not, or when that is in doubt.
        seen: A hash of what its channel last showed of it; ``None`` when that is not known.
        seen_at: When the channel last changed what it showed.
    """

    opened_at: datetime | None
    seen: str | None
    seen_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """Tell whether the channel last showed that nothing is to be done any more."""
        return self.seen in END_MARKS

    @property
    def is_clear(self) -> bool:
        """Tell whether it is clear that the order lives here, has lived, or never will."""
        return self.opened_at is not None or self.has_ended

    def is_newer_than(self, at: datetime) -> bool:
        """Tell whether the channel has shown more than what it had at ``at``."""
        return self.seen_at is not None and at < self.seen_at


def has_room_for(order_id: OrderId) -> bool:
    """Tell whether an order of this name can be written down; partners send strange numbers."""
    _, _, number = order_id.partition("/")
    fits = 0 < len(number) <= NUMBER and len(order_id) <= ORDER_ID
    return fits and order_id == writable(order_id).rstrip()  # MySQL is blind to spaces at the end
