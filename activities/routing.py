"""Durable step: decide how an order is split and from where each part leaves."""

from typing import Protocol

from temporalio import activity

from domain.routing import Plan, RoutingQuestion


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
