"""What every carrier of the sandbox keeps: orders, waybill numbers, and where the parcels are.

Ledger kinds: ``order`` by the client's order id, ``route`` by waybill number with one scan for each
stop, ``incident`` by waybill number for a label that left the warehouse although it was cancelled,
``counter`` so that no number is given twice, also not after a restart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.road import Road, Stop
from infra.sandbox.world import World

LIVE = "live"
CANCELLED = "cancelled"


class Cancelling(StrEnum):
    """What became of a wish to cancel."""

    DONE = "done"
    UNKNOWN = "unknown"
    ALREADY = "already"
    ON_ITS_WAY = "on_its_way"


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
        self._road = Road(world, partner, self._arrived)
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
        if all(scan["stop"] != stop for scan in route["routes"]):
            scan = {"stop": stop.value, "at": self._clock.now().isoformat()}
            route = self._ledger.amend("route", waybill, routes=[*route["routes"], scan])
        self._scanned(waybill, route)

    def _is_live(self, waybill: str, route: dict[str, Any]) -> bool:
        order = self.order(route["order_id"])
        if order is not None and order["status"] == LIVE:
            return True
        incident = {"order_id": route["order_id"], "what": "label shipped after cancellation"}
        self._ledger.put("incident", waybill, incident)
        return False
