"""Durable step: decide how an order is split and from where each part leaves."""

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.order import Order, Receiver
from domain.routing import Plan


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
    """

    order: Order
    receiver: Receiver
    lines: tuple[int, ...]
    next_parcel_no: int
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()


class Router(Protocol):
    """What this step needs: rules, map, catalogue and a snapshot of the stock."""

    def plan(self, question: RoutingQuestion) -> Plan: ...


class RoutingActivities:
    """Routes orders."""

    def __init__(self, router: Router) -> None:
        self._router = router

    @activity.defn(name="routing.plan")
    def plan(self, question: RoutingQuestion) -> Plan:
        """Plan the parcels. The stock is a snapshot: the lock decides.

        Raises:
            GatewayBusy: a warehouse's stock can not be read now.
        """
        return self._router.plan(question)
