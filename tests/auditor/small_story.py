"""A true story: six orders meet six fates."""

from tests.auditor.small_world import BY_WMS, COLD, MILK, RICE, SOAP, WARM, Packed, SmallWorld


def tell_small_story(world: SmallWorld) -> None:
    """Let every order go its way."""
    for tell in (_delivered, _cancelled, _handed_over, _rerouted, _waiting, _half_delivered):
        tell(world)


def _delivered(world: SmallWorld) -> None:
    """A: two parcels with two carriers, delivered and settled."""
    world.sell("A", (RICE, 2, 3000), (MILK, 1, 1250))
    for parcel in (
        Packed(no=1, warehouse=WARM, line_nos=(1,)),
        Packed(no=2, warehouse=COLD, line_nos=(2,), carrier="kuaidi100"),
    ):
        world.hand_over("A", parcel)
        world.deliver("A", parcel)
    world.bill("A", 4850)
    world.live("A")


def _cancelled(world: SmallWorld) -> None:
    """B: stopped inside the house."""
    world.sell("B", (SOAP, 1, 990))
    parcel = Packed(no=1, warehouse=WARM, line_nos=(1,))
    world.hand_over("B", parcel)
    world.call_back("B", parcel)
    world.relay("B", "CANCELLED")
    world.live("B")


def _handed_over(world: SmallWorld) -> None:
    """C: open, and not picked yet."""
    world.sell("C", (RICE, 5, 7500), freight=0)
    world.hand_over("C", Packed(no=1, warehouse=WARM, line_nos=(1,)))
    world.relay("C", "WAIT_AUDIT")
    world.live("C", is_open=True)


def _rerouted(world: SmallWorld) -> None:
    """D: called back from one warehouse, delivered from one whose stock the WMS counts."""
    world.sell("D", (MILK, 2, 2500))
    first = Packed(no=1, warehouse=COLD, line_nos=(1,))
    world.hand_over("D", first)
    world.call_back("D", first)
    second = Packed(no=2, warehouse=BY_WMS, line_nos=(1,))
    world.hand_over("D", second)
    world.deliver("D", second)
    world.bill("D", 3100)
    world.live("D")


def _waiting(world: SmallWorld) -> None:
    """E: waits for a person."""
    world.sell("E", (SOAP, 3, 2970))
    world.live("E", is_open=True, waits=True)


def _half_delivered(world: SmallWorld) -> None:
    """F: one line delivered, the other cancelled."""
    world.sell("F", (RICE, 1, 1500), (SOAP, 1, 990))
    parcel = Packed(no=1, warehouse=WARM, line_nos=(1,))
    world.hand_over("F", parcel)
    world.deliver("F", parcel)
    world.bill("F", 2100)
    world.live("F")
