"""What every carrier of the sandbox keeps: orders, waybill numbers, and where the parcels are.

Ledger kinds: ``order`` by the client's order id, ``route`` by waybill number with one scan for each
stop, ``incident`` by waybill number for a label that left the warehouse although it was cancelled,
``counter`` so that no number is given twice, also not after a restart, ``policy`` for what the
carrier does when a parcel is to be called back. An ``order`` that was called back says when:
``intercepted``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.road import Road, Stop
from infra.sandbox.shop import PARCEL_CAME_BACK
from infra.sandbox.world import World

AT_THE_DOOR = {Stop.OUT_FOR_DELIVERY, Stop.DELIVERED, Stop.RETURNED}
ONWARD = (Stop.IN_TRANSIT, Stop.OUT_FOR_DELIVERY, Stop.DELIVERED)
LIVE = "live"
CANCELLED = "cancelled"


class Cancelling(StrEnum):
    """What became of a wish to cancel."""

    DONE = "done"
    UNKNOWN = "unknown"
    ALREADY = "already"
    ON_ITS_WAY = "on_its_way"


class Stopping(StrEnum):
    """What became of a wish to have a parcel brought back."""

    DONE = "done"
    UNKNOWN = "unknown"
    TOO_LATE = "too_late"


class Policy(StrEnum):
    """What the carrier does about such wishes; a person at the sandbox decides."""

    STOPS = "stops"
    NEVER = "never"
    PROMISES = "promises"  # says yes, and delivers all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What a carrier has to know to take a parcel; ``carrier`` is kuaidi100's code."""

    order_id: str
    carrier: str
    receiver_district: str
    phone_tail: str


class Carriage:
    """One partner's orders and parcels.

    Args:
        number: Makes a waybill number out of a carrier's code and a number that counts up.
        scanned: Told the waybill and its route after each stop, so that it can be pushed.
    """

    def __init__(
        self,
        world: World,
        partner: str,
        number: Callable[[str, int], str],
        scanned: Callable[[str, Doc], None],
    ) -> None:
        self._clock = world.clock
        self._ledger: Ledger = world.open_ledger(partner)
        self._number = number
        self._scanned = scanned
        self._world = world
        self._back = f"{partner}.back"  # on the agenda
        self._road = Road(world, partner, self._arrived)
        world.on_agenda(self._back, self._came_back)
        world.listen("left_warehouse", self._left_warehouse)

    def order(self, order_id: str) -> Doc | None:
        """Look an order up."""
        return self._ledger.get("order", order_id)

    def route(self, waybill: str) -> Doc | None:
        """Look up where a parcel has been."""
        return self._ledger.get("route", waybill)

    def book(self, booking: Booking) -> Doc:
        """Give a new order its waybill number."""
        waybill = self._number(booking.carrier, self._count())
        route = {
            "order_id": booking.order_id,
            "carrier": booking.carrier,
            "routes": [],
            "phone_tail": booking.phone_tail,
        }
        order = {
            "waybill": waybill,
            "carrier": booking.carrier,
            "status": LIVE,
            "receiver_district": booking.receiver_district,
            "created": self._clock.now().isoformat(),
        }
        # The order last: killed in between, the order is taken anew under another number.
        self._ledger.put("route", waybill, route)
        self._ledger.put("order", booking.order_id, order)
        return order

    def cancel(self, order_id: str) -> Cancelling:
        """Cancel an order, unless its parcel was collected already."""
        order = self.order(order_id)
        if order is None:
            return Cancelling.UNKNOWN
        if order["status"] == CANCELLED:
            return Cancelling.ALREADY
        if (self.route(order["waybill"]) or {}).get("routes"):
            return Cancelling.ON_ITS_WAY
        self._ledger.amend("order", order_id, status=CANCELLED)
        return Cancelling.DONE

    def intercept(self, waybill: str) -> Stopping:
        """Have a parcel brought back, unless it is at the buyer's door already."""
        route = self.route(waybill)
        order = None if route is None else self.order(route["order_id"])
        if route is None or order is None or order["status"] != LIVE:
            return Stopping.UNKNOWN
        if not order.get("intercepted"):
            policy = self._policy()
            if policy is Policy.NEVER or _stops(route) & AT_THE_DOOR:
                return Stopping.TOO_LATE
            now = self._clock.now().isoformat()
            self._ledger.amend("order", route["order_id"], intercepted=now, promised=policy.value)
        # Also the second time: killed in between, the parcel would stand still for ever.
        self._turn_around(waybill, route)
        return Stopping.DONE

    def _turn_around(self, waybill: str, route: Doc) -> None:
        """Send a parcel back, once the carrier has it; one that never comes stays where it is."""
        scans = route["routes"]
        if scans and self._turned(waybill) and Stop.RETURNED not in _stops(route):
            travelled = self._clock.now() - datetime.fromisoformat(scans[0]["at"])
            self._road.turn_around(waybill, travelled)

    def _policy(self) -> Policy:
        return Policy((self._ledger.get("policy", "intercepts") or {}).get("is", Policy.STOPS))

    def _turned(self, waybill: str) -> bool:
        order = self.order((self.route(waybill) or {}).get("order_id", "")) or {}
        return bool(order.get("intercepted")) and order["promised"] == Policy.STOPS

    async def _came_back(self, news: Doc) -> None:
        await self._world.tell(PARCEL_CAME_BACK, news)

    def _count(self) -> int:
        self._ledger.put("counter", "waybill", {"last": 0})
        last = (self._ledger.get("counter", "waybill") or {})["last"]
        return int(self._ledger.amend("counter", "waybill", last=last + 1)["last"])

    async def _left_warehouse(self, news: Doc) -> None:
        waybill = str(news["waybill"])
        route = self.route(waybill)
        if route is not None and self._is_live(waybill, route):
            self._road.set_off(waybill)

    def _arrived(self, waybill: str, stop: Stop) -> None:
        route = self.route(waybill)
        if route is None or not self._is_live(waybill, route):
            return
        if stop in ONWARD and self._turned(waybill):
            return  # it was called back before it came so far
        if all(scan["stop"] != stop for scan in route["routes"]):
            scan = {"stop": stop.value, "at": self._clock.now().isoformat()}
            route = self._ledger.amend("route", waybill, routes=[*route["routes"], scan])
        self._scanned(waybill, route)
        if stop is Stop.COLLECTED:
            self._turn_around(waybill, route)  # it was called back before it was collected
        if stop is Stop.RETURNED:
            self._world.later(timedelta(0), self._back, waybill, {"waybill": waybill})

    def _is_live(self, waybill: str, route: dict[str, Any]) -> bool:
        order = self.order(route["order_id"])
        if order is not None and order["status"] == LIVE:
            return True
        incident = {"order_id": route["order_id"], "what": "label shipped after cancellation"}
        self._ledger.put("incident", waybill, incident)
        return False


def _stops(route: Doc) -> set[str]:
    return {scan["stop"] for scan in route["routes"]}
