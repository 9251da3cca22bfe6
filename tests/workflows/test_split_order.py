"""Orders in several parcels: they travel side by side, and the order is as far as the slowest."""

from domain.lifecycle import OrderStage, ParcelStage
from domain.parcel import Milestone
from tests.fakes.hub import Hub, LiveOrder
from tests.fakes.orders import an_order


async def in_two_parcels(hub: Hub) -> LiveOrder:
    """Accept an order whose second line leaves from another warehouse."""
    hub.router.apart = {2: "HZ-XH"}
    return await hub.accept(an_order(lines=2))


async def test_the_parcels_of_an_order_travel_side_by_side(hub: Hub) -> None:
    printing = hub.turnstile.gate("printer.print")
    order = await in_two_parcels(hub)

    view = await order.until(
        lambda seen: [ParcelStage.LOCKED] * 2 == [parcel.stage for parcel in seen.parcels]
    )
    printing.opened.set()

    assert ["HZ-GS", "HZ-XH"] == [parcel.warehouse for parcel in view.parcels]


async def test_an_order_is_as_far_as_its_slowest_parcel(hub: Hub) -> None:
    order = await in_two_parcels(hub)
    await order.travels(1)
    await order.parcel_reaches(ParcelStage.DELIVERED, 1)

    assert OrderStage.HANDED_OVER is (await order.view()).stage

    await order.leaves(2)
    await order.scanned(Milestone.COLLECTED, 2)
    await order.reaches(OrderStage.SHIPPED)
    await order.scanned(Milestone.DELIVERED, 2)
    assert OrderStage.CLOSED is await order.ends()


async def test_each_parcel_has_its_own_label_and_one_invoice_covers_all(hub: Hub) -> None:
    order = await in_two_parcels(hub)
    await order.travels(1)
    await order.travels(2)
    await order.ends()

    assert {order.key(1), order.key(2)} == hub.carriers.booked.keys()
    assert sorted([order.key(1), order.key(2)]) == sorted(hub.printers.labels)
    assert [3600] == [invoice.amount_fen for invoice in hub.invoices.issued.values()]


async def test_a_cancel_stops_what_has_not_left_and_bills_what_arrived(hub: Hub) -> None:
    order = await in_two_parcels(hub)
    await order.leaves(1)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    await order.cancel()
    await order.parcel_reaches(ParcelStage.CANCELLED, 2)
    await order.scanned(Milestone.COLLECTED, 1)
    await order.scanned(Milestone.DELIVERED, 1)

    assert OrderStage.CLOSED is await order.ends()
    assert {order.key(1): "shipped", order.key(2): "released"} == hub.stock.states
    assert [1000 + 600] == [invoice.amount_fen for invoice in hub.invoices.issued.values()]
    assert [order.key(1)] == list(hub.shop.shipments)


async def test_one_parcel_alone_can_be_sent_from_elsewhere(hub: Hub) -> None:
    order = await in_two_parcels(hub)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 1)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    await order.reroute(2, "HZ-LA")
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 3)

    assert [
        ("HZ-GS", ParcelStage.HANDED_OVER),
        ("HZ-XH", ParcelStage.CANCELLED),
        ("HZ-LA", ParcelStage.HANDED_OVER),
    ] == [(parcel.warehouse, parcel.stage) for parcel in view.parcels]


async def test_the_chosen_warehouse_is_kept_for_the_parcel_it_was_chosen_for(hub: Hub) -> None:
    """Another line is short meanwhile; it must not use up the choice."""
    hub.router.short = {2}
    order = await hub.accept(an_order(lines=2))
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 1)
    calling_back = hub.turnstile.gate("handover.cancel")

    await order.reroute(1, "HZ-LA")
    await calling_back.reached.wait()
    calling_back.opened.set()
    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    assert "HZ-LA" == view.parcels[1].warehouse
