"""How a parcel travels in the sandbox: from the warehouse's door to the buyer's, in world time."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum

from infra.sandbox.ledger import Doc
from infra.sandbox.world import World


class Stop(StrEnum):
    """Where a parcel is scanned, in the order of the road, then on the way back."""

    COLLECTED = "collected"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    TURNED_BACK = "turned_back"
    RETURNED = "returned"  # at the sender's again


# When each stop is reached after the parcel left the warehouse, and by how much that may vary.
USUALLY: dict[Stop, timedelta] = {
    Stop.COLLECTED: timedelta(minutes=40),
    Stop.IN_TRANSIT: timedelta(hours=5),
    Stop.OUT_FOR_DELIVERY: timedelta(hours=36),
    Stop.DELIVERED: timedelta(hours=42),
}
TURNS_AFTER = timedelta(minutes=20)  # from the moment at which the carrier has it and knows
SHORTEST_WAY_BACK = timedelta(hours=2)
JITTER = 0.12  # small enough that no stop overtakes the next

Arrived = Callable[[str, Stop], None]


def timetable(waybill: str) -> dict[Stop, timedelta]:
    """Tell when a parcel reaches each stop; the number decides, so a repeat tells the same."""
    luck = 1 + JITTER * random.Random(waybill).uniform(-1, 1)
    return {stop: usual * luck for stop, usual in USUALLY.items()}


class Road:
    """Moves one partner's parcels along the world's agenda.

    Args:
        arrived: Told the waybill and the stop; it must be safe to tell twice.
    """

    def __init__(self, world: World, partner: str, arrived: Arrived) -> None:
        self._world = world
        self._what = f"{partner}.move"
        world.on_agenda(self._what, _deed(arrived))

    def set_off(self, waybill: str) -> None:
        """Put every stop of a parcel on the agenda."""
        for stop, after in timetable(waybill).items():
            payload = {"waybill": waybill, "stop": stop.value}
            self._world.later(after, self._what, f"{waybill}/{stop}", payload)

    def turn_around(self, waybill: str, travelled: timedelta) -> None:
        """Put the way back of a parcel on the agenda; it is as long as the way was so far."""
        back = TURNS_AFTER + max(SHORTEST_WAY_BACK, travelled)
        for stop, after in ((Stop.TURNED_BACK, TURNS_AFTER), (Stop.RETURNED, back)):
            payload = {"waybill": waybill, "stop": stop.value}
            self._world.later(after, self._what, f"{waybill}/{stop}", payload)


def _deed(arrived: Arrived) -> Callable[[Doc], Awaitable[None]]:
    async def deed(payload: Doc) -> None:
        arrived(payload["waybill"], Stop(payload["stop"]))

    return deed
