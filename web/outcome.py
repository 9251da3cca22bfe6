"""What came of telling an event, and why one could not be told."""

from dataclasses import dataclass
from enum import StrEnum

from domain.order import OrderId


class Did(StrEnum):
    """What telling an event has done."""

    OPENED = "opened"  # the order's life began
    CHANGED = "changed"  # the order heard that its channel changed it
    TOLD = "told"  # the order heard a fact
    NO_NEWS = "no_news"  # known already, older than what is known, or the order's life is over
    NOT_DUE = "not_due"  # no life here, and none is to begin: unpaid, held, sent or cancelled there


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was done, and about which order, if it was about one."""

    did: Did
    order_id: OrderId | None = None


class Unknown(Exception):
    """A partner speaks of an order or a parcel that the hub never heard of.

    Attributes:
        path: The field that names it.
        order_id: The order, when that much is clear: it may yet come.
    """

    def __init__(self, path: str, found: str, order_id: OrderId | None = None) -> None:
        super().__init__(f"没有与 {found} 对应的订单:核对后可重放")
        self.path = path
        self.order_id = order_id
