"""What people ask of orders, and what becomes of it."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import HubError
from domain.hands import (
    AddressEdit,
    ClaimDecision,
    Hand,
    Reroute,
    Resolution,
    WaybillCorrection,
)
from domain.order import OrderId
from domain.view import OrderView

Asked = Hand | Reroute | AddressEdit | WaybillCorrection | ClaimDecision | Resolution


class NoSuchOrder(HubError):
    """The engine does not know the order."""

    def __init__(self, order_id: OrderId) -> None:
        super().__init__(f"没有订单 {order_id},或它的历史已超过引擎的保留期:请核对渠道和订单号")


class Outcome(StrEnum):
    """What became of a hand."""

    DONE = "done"
    REFUSED = "refused"  # the order says why not
    OVER = "over"  # the order's life is over
    UNKNOWN = "unknown"  # there is no such order
    AWAY = "away"  # the engine or its worker did not answer; whether it was done is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """The answer to a hand; ``said`` is for people, in Chinese."""

    order_id: OrderId
    outcome: Outcome
    said: str

    @property
    def done(self) -> bool:
        """Tell whether the order has done what was asked."""
        return self.outcome is Outcome.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An order as it stands, for whoever is about to act on it; no buyer's data but the key.

    Attributes:
        closed: Whether its life is over, so that nothing can be done to it.
    """

    order_id: OrderId
    buyer_key: str
    closed: bool
    view: OrderView
