"""Where a parcel and an order stand, and what may still be done to them there.

An order's stage is derived from its parcels and its papers; nothing sets it beside them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class ParcelStage(StrEnum):
    """Milestones of one parcel, in the order it meets them, then the ways out."""

    PLANNED = "planned"
    LOCKED = "locked"
    LABELLED = "labelled"
    HANDED_OVER = "handed_over"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    INTERCEPTING = "intercepting"
    INTERCEPTED = "intercepted"
    LOST = "lost"


class OrderStage(StrEnum):
    """Where an order stands as a whole."""

    ACCEPTED = "accepted"
    WAITING = "waiting"  # a hold: the order stands still and the reason says for what
    ROUTED = "routed"
    LABELLED = "labelled"
    HANDED_OVER = "handed_over"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    SETTLED = "settled"  # invoiced and vouchered, inside the after-sale window
    CLOSED = "closed"
    CANCELLED = "cancelled"


GONE = frozenset({ParcelStage.CANCELLED, ParcelStage.INTERCEPTED, ParcelStage.LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """Which of an order's papers are done."""

    settled: bool = False
    closed: bool = False


def order_stage(
    parcels: Collection[ParcelStage], papers: Papers, *, waiting: bool, unrouted: bool
) -> OrderStage:
    """Derive the order's stage: it is as far as its slowest line.

    Args:
        parcels: The stages of all its parcels, dead ones too.
        papers: Which papers are done.
        waiting: Some line has no parcel and a hold says why, or a person holds the order.
        unrouted: Some line that is still wanted has no parcel.
    """
    living = [stage for stage in parcels if stage not in GONE]
    if papers.closed:
        return OrderStage.CLOSED if living else OrderStage.CANCELLED
    if waiting:
        return OrderStage.WAITING
    if papers.settled:
        return OrderStage.SETTLED
    if unrouted:
        return OrderStage.ACCEPTED
    if not living:
        return OrderStage.CANCELLED
    return min(map(_as_order_stage, living), key=list(OrderStage).index)


def _as_order_stage(stage: ParcelStage) -> OrderStage:
    match stage:
        case ParcelStage.PLANNED | ParcelStage.LOCKED:
            return OrderStage.ROUTED
        case ParcelStage.LABELLED:
            return OrderStage.LABELLED
        case ParcelStage.HANDED_OVER:
            return OrderStage.HANDED_OVER
        case ParcelStage.SHIPPED | ParcelStage.INTERCEPTING:
            return OrderStage.SHIPPED
        case ParcelStage.DELIVERED:
            return OrderStage.DELIVERED
        case ParcelStage.CANCELLED | ParcelStage.INTERCEPTED | ParcelStage.LOST:
            return OrderStage.CANCELLED
        case _:
            assert_never(stage)


def inside_our_walls(stage: ParcelStage) -> bool:
    """Tell whether we can still stop the parcel ourselves, with the warehouse's help."""
    return stage in {
        ParcelStage.PLANNED,
        ParcelStage.LOCKED,
        ParcelStage.LABELLED,
        ParcelStage.HANDED_OVER,
    }
