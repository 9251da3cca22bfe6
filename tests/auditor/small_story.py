"""A true story: ten orders meet ten fates."""

from tests.auditor.small_world import (
    BY_WMS,
    COLD,
    MILK,
    RICE,
    SOAP,
    WARM,
    NoonClock,
    Packed,
    SmallWorld,
)


def tell_small_story(world: SmallWorld) -> None:
    """Let every order go its way."""
    for tell in (
        _delivered,
        _cancelled,
        _handed_over,
        _rerouted,
        _waiting,
        _half_delivered,
        _sent_back,
        _written_off,
        _called_back,
        _made_cheaper,
    ):
        tell(world)
    world.abuse("薅羊毛", "B", "G", "H", frozen_at=NoonClock().now())


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


def _sent_back(world: SmallWorld) -> None:
    """G: delivered and invoiced, refunded as a whole, and back on its shelf."""
    world.sell("G", (SOAP, 2, 1980))
    parcel = Packed(no=1, warehouse=WARM, line_nos=(1,))
    world.hand_over("G", parcel)
    world.deliver("G", parcel)
    world.bill("G", 2580)
    world.refund("G", 2580)
    world.redden("G", 2580)
    world.take_back("G", parcel)
    world.live("G")


def _written_off(world: SmallWorld) -> None:
    """H: one of its two lines was refunded, lost on its way, and written off by a person."""
    world.sell("H", (SOAP, 1, 990), (RICE, 1, 1500))
    parcel = Packed(no=1, warehouse=WARM, line_nos=(1, 2))
    world.hand_over("H", parcel)
    world.deliver("H", parcel)
    world.bill("H", 3090)
    world.refund("H", 990, 1)
    world.redden("H", 990)
    world.write_off("H", 1)
    world.live("H")


def _called_back(world: SmallWorld) -> None:
    """J: refunded on the road, called back there, and on its shelf again."""
    world.sell("J", (MILK, 1, 1250))
    parcel = Packed(no=1, warehouse=COLD, line_nos=(1,))
    world.hand_over("J", parcel)
    world.turn_back("J", parcel)
    world.refund("J", 1850)
    world.take_back("J", parcel)
    world.relay("J", "CANCELLED")
    world.live("J")


def _made_cheaper(world: SmallWorld) -> None:
    """K: delivered and invoiced; some of the price was paid back, and the goods stay."""
    world.sell("K", (MILK, 1, 1250))
    parcel = Packed(no=1, warehouse=COLD, line_nos=(1,))
    world.hand_over("K", parcel)
    world.deliver("K", parcel)
    world.bill("K", 1850)
    world.refund("K", 200, 1)
    world.redden("K", 200)
    world.live("K")
