"""What every parcel of an order sets out with."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.order import Order, Receiver
from domain.pace import Pace
from domain.parcel import Parcel
from workflows.doorway import Doorway


@dataclass(frozen=True, slots=True, kw_only=True)
class Outset:
    """What a parcel knows of its order.

    Attributes:
        held: Whether a person holds the order; no new step is begun while it is true.
        unwanted: Whether nobody wants a parcel's goods any more: it is brought back from the road.
        untold: Whether the channel wants to hear of a parcel no more: all of it is refunded.
        told_before: Under which number the channel knows a parcel's goods, from one that came back.
        moved: Told each time a parcel reached a new stage.
        note: Keeps a sentence that a person should be able to see later.
    """

    order: Order
    receiver: Receiver
    pace: Pace
    door: Doorway
    held: Callable[[], bool]
    unwanted: Callable[[Parcel], bool]
    untold: Callable[[Parcel], bool]
    told_before: Callable[[Parcel], str]
    moved: Callable[[], None]
    note: Callable[[str], None]
