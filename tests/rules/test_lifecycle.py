"""Where an order stands, derived from its parcels and its papers."""

import pytest

from domain.lifecycle import (
    OrderStage,
    Papers,
    ParcelStage,
    inside_our_walls,
    order_stage,
)

OPEN, SETTLED, CLOSED = Papers(), Papers(settled=True), Papers(settled=True, closed=True)


@pytest.mark.parametrize(
    ("parcels", "expected"),
    [
        ([ParcelStage.PLANNED], OrderStage.ROUTED),
        ([ParcelStage.LOCKED], OrderStage.ROUTED),
        ([ParcelStage.LABELLED], OrderStage.LABELLED),
        ([ParcelStage.HANDED_OVER], OrderStage.HANDED_OVER),
        ([ParcelStage.SHIPPED], OrderStage.SHIPPED),
        ([ParcelStage.INTERCEPTING], OrderStage.SHIPPED),
        ([ParcelStage.DELIVERED], OrderStage.DELIVERED),
        ([ParcelStage.DELIVERED, ParcelStage.LOCKED], OrderStage.ROUTED),  # the slowest tells
        ([ParcelStage.DELIVERED, ParcelStage.CANCELLED], OrderStage.DELIVERED),  # the dead do not
        ([ParcelStage.SHIPPED, ParcelStage.LOST], OrderStage.SHIPPED),
        ([ParcelStage.CANCELLED, ParcelStage.INTERCEPTED], OrderStage.CANCELLED),
        ([], OrderStage.CANCELLED),  # no line is wanted any more
    ],
)
def test_an_order_is_as_far_as_its_slowest_living_parcel(
    parcels: list[ParcelStage], expected: OrderStage
) -> None:
    assert expected is order_stage(parcels, OPEN, waiting=False, unrouted=False)


@pytest.mark.parametrize(
    "parcels", [[], [ParcelStage.CANCELLED], [ParcelStage.SHIPPED, ParcelStage.CANCELLED]]
)
def test_a_line_that_still_needs_a_parcel_keeps_the_order_at_the_start(
    parcels: list[ParcelStage],
) -> None:
    assert OrderStage.ACCEPTED is order_stage(parcels, OPEN, waiting=False, unrouted=True)


def test_a_hold_shows_before_everything_but_the_end() -> None:
    home = [ParcelStage.DELIVERED]

    assert OrderStage.WAITING is order_stage(home, OPEN, waiting=True, unrouted=True)
    assert OrderStage.CLOSED is order_stage(home, CLOSED, waiting=True, unrouted=False)


def test_papers_are_done_after_delivery() -> None:
    home = [ParcelStage.DELIVERED]

    assert OrderStage.SETTLED is order_stage(home, SETTLED, waiting=False, unrouted=False)
    assert OrderStage.CLOSED is order_stage(home, CLOSED, waiting=False, unrouted=False)


@pytest.mark.parametrize("gone", [ParcelStage.CANCELLED, ParcelStage.LOST, ParcelStage.INTERCEPTED])
def test_an_order_of_which_nothing_arrived_ends_cancelled(gone: ParcelStage) -> None:
    closed = Papers(closed=True)

    assert OrderStage.CANCELLED is order_stage([gone], closed, waiting=False, unrouted=False)


@pytest.mark.parametrize("stage", ParcelStage)
def test_a_parcel_is_inside_our_walls_until_its_first_scan(stage: ParcelStage) -> None:
    inside = {
        ParcelStage.PLANNED,
        ParcelStage.LOCKED,
        ParcelStage.LABELLED,
        ParcelStage.HANDED_OVER,
    }

    assert (stage in inside) is inside_our_walls(stage)
