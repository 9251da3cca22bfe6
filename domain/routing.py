"""What a routing decision is. The solver that makes one is ``domain.cover``."""

from dataclasses import dataclass
from datetime import datetime

from domain.order import Order, Receiver
from domain.parcel import Parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one warehouse may not, or can not, serve one line; ``reason`` is read by people."""

    line_no: int
    warehouse: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How an order is split and from where each part leaves.

    Attributes:
        parcels: What can be sent now; empty when nothing can.
        short: Lines that some warehouse may serve but none has in stock now.
        unserved: Lines that no warehouse may serve, whatever its stock.
        awaited: Lines that some warehouse may serve once their goods are made.
        refusals: Every refusal that the decision met, for the trace.
        rules: Hash of the rule set that decided.
        exact: ``False`` when the order was too large for the exact search.
    """

    parcels: tuple[Parcel, ...]
    short: tuple[int, ...]
    unserved: tuple[int, ...]
    refusals: tuple[Refusal, ...]
    rules: str
    exact: bool
    at: datetime
    awaited: tuple[int, ...] = ()

    @property
    def serves_nothing(self) -> bool:
        """Whether no warehouse may serve any line that was asked about."""
        return bool(self.unserved) and not (self.parcels or self.short or self.awaited)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingQuestion:
    """What is to be routed now.

    Attributes:
        order: The order as it came.
        receiver: Where it goes now; differs from the order's after an address edit.
        lines: The numbers of the lines that have no parcel yet.
        next_parcel_no: Numbers for new parcels start here.
        without: Warehouses that lost the race for the stock or refused the parcel.
        only: Warehouses that a person chose; empty means any.
        made: Lines whose goods were made to order and are ready.
    """

    order: Order
    receiver: Receiver
    lines: tuple[int, ...]
    next_parcel_no: int
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    made: tuple[int, ...] = ()
