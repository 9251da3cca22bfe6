"""An order as the ERP is shown it, and what the ERP says of it.

The ERP keeps accounts, it sends nothing: of the receiver it is shown the region and a masked name.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.order import Line, Order, OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpOrder:
    """What the ERP may know of an order.

    Attributes:
        key: Names the order in the ERP for ever: ``{order id}/erp``.
        buyer: The receiver's name, masked but for its first letter.
        paid_fen: What the buyer paid in all: the lines and the freight.
    """

    key: str
    order_id: OrderId
    channel: str
    number: str
    leader: str | None
    paid_at: datetime
    buyer: str
    province: str
    city: str
    district: str
    lines: tuple[Line, ...]
    freight_fen: int
    paid_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """What is to be relayed; ``every`` is how long to leave the ERP alone between two questions."""

    order: ErpOrder
    every: timedelta


class ErpStanding(StrEnum):
    """Where an order stands in the ERP."""

    POSTED = "posted"  # it is there, and nobody has audited it yet
    AUDITED = "audited"
    CANCELLED = "cancelled"
    NOT_USED = "not_used"  # there is no ERP; nothing was posted


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpState:
    """What the ERP says of an order.

    Attributes:
        number: The ERP's own number of it; empty without an ERP.
        audited_by: Who audited it there, in the ERP's words.
    """

    standing: ErpStanding
    number: str = ""
    audited_by: str = ""
    audited_at: datetime | None = None


def erp_order_of(order: Order) -> ErpOrder:
    """Show the ERP an order: the goods and the money, and of the receiver no more than a region."""
    receiver = order.receiver
    return ErpOrder(
        key=f"{order.id}/erp",
        order_id=order.id,
        channel=order.channel,
        number=order.number,
        leader=order.leader,
        paid_at=order.paid_at,
        buyer=f"{receiver.name[:1]}**",
        province=receiver.province,
        city=receiver.city,
        district=receiver.district,
        lines=order.lines,
        freight_fen=order.freight_fen,
        paid_fen=order.paid_fen,
    )
