"""The life of an order for which everything goes well."""

from domain.lifecycle import OrderStage, ParcelStage
from domain.parcel import Milestone
from tests.fakes.hub import PACE, Hub
from tests.fakes.orders import an_order


async def test_a_plain_order_passes_every_stage_in_order(hub: Hub) -> None:
    printing = hub.turnstile.gate("printer.print")
    handing_over = hub.turnstile.gate("handover.create")
    order = await hub.accept(an_order())

    await printing.reached.wait()
    assert ParcelStage.LOCKED is (await order.view()).parcels[0].stage
    printing.opened.set()
    await handing_over.reached.wait()
    assert OrderStage.LABELLED is (await order.view()).stage
    handing_over.opened.set()
    await order.reaches(OrderStage.HANDED_OVER)
    await order.leaves()
    await order.scanned(Milestone.COLLECTED)
    await order.reaches(OrderStage.SHIPPED)
    issuing = hub.turnstile.gate("invoice.issue")
    await order.scanned(Milestone.DELIVERED)
    await order.reaches(OrderStage.DELIVERED)
    issuing.opened.set()

    assert OrderStage.CLOSED is await order.ends()


async def test_a_plain_order_is_invoiced_for_its_goods_and_its_freight(hub: Hub) -> None:
    order = await hub.accept(an_order(lines=2, freight_fen=600))
    await order.travels()
    await order.ends()

    (bill_key,) = hub.invoices.issued
    assert f"{order.order.id}/invoice" == bill_key
    assert 1000 + 2000 + 600 == hub.invoices.issued[bill_key].amount_fen


async def test_the_sale_is_booked_once_with_the_invoice_that_proves_it(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.travels()
    await order.ends()

    assert [f"{order.order.id}/voucher/sale"] == list(hub.books.booked)
    (sale,) = (told for step, told in hub.turnstile.calls if step == "voucher.book")
    assert hub.invoices.issued[f"{order.order.id}/invoice"].number == sale.invoice_number


async def test_the_goods_leave_the_books_and_the_channel_is_told_once(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.travels()
    await order.ends()

    assert {order.key(): "shipped"} == hub.stock.states
    assert [order.key()] == list(hub.shop.shipments)
    assert 1 == hub.shop.tellings


async def test_the_life_stays_open_for_the_whole_after_sale_window(hub: Hub) -> None:
    began = await hub.env.get_current_time()
    order = await hub.accept(an_order())
    await order.travels()
    await order.ends()

    assert await hub.env.get_current_time() - began >= PACE.after_sale


async def test_an_order_of_gifts_needs_no_invoice(hub: Hub) -> None:
    order = await hub.accept(an_order(freight_fen=0, price_fen=0))
    await order.travels()

    assert OrderStage.CLOSED is await order.ends()
    assert {} == hub.invoices.issued
    assert {} == hub.books.booked
