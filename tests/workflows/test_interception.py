"""Goods whose money is claimed back are stopped where they are, and none of them is forgotten."""

from domain.claim import ClaimAnswer, RefundStage
from domain.errors import GatewayBusy
from domain.lifecycle import OrderStage, ParcelStage
from tests.fakes.hub import BRISK, Hub, eventually
from tests.fakes.orders import an_order
from tests.fakes.warehouses import Status
from tests.histories import lives
from tests.proof.scripts import ask


async def test_what_is_in_the_house_is_kept_there_and_the_money_goes_back(live_hub: Hub) -> None:
    order = await lives.refunded_in_the_house(live_hub)

    assert OrderStage.CANCELLED is (await order.view()).stage
    assert {Status.CANCELLED} == set(live_hub.warehouses.orders.values())
    assert [order.key()] == list(live_hub.carriers.cancelled)
    assert 0 == sum(live_hub.stock.locked.values())
    assert {RefundStage.REFUNDED} == {claim.stage for claim in live_hub.shop.claims.values()}
    assert {} == live_hub.invoices.issued


async def test_a_claim_does_not_wait_behind_a_step_that_is_tried_again(live_hub: Hub) -> None:
    live_hub.turnstile.fail("label.create", GatewayBusy("sf", "请稍后"))
    order = await live_hub.accept(an_order(), BRISK)
    await eventually(lambda: live_hub.turnstile.times("label.create") > 1)

    await live_hub.lives().refunded(order.order.id, ask()(live_hub.shop, order.order))

    await live_hub.turnstile.passed("channel.answer_claim", 1)
    assert OrderStage.CANCELLED is await order.ends()


async def test_only_the_parcel_that_is_claimed_back_is_kept(live_hub: Hub) -> None:
    order = await lives.refunded_in_part(live_hub)

    stages = [parcel.stage for parcel in (await order.view()).parcels]
    assert [ParcelStage.DELIVERED, ParcelStage.CANCELLED] == stages
    assert [order.order.lines[0].paid_fen + order.order.freight_fen] == [
        bill.amount_fen for bill in live_hub.invoices.issued.values()
    ]


async def test_what_is_on_the_road_comes_back_before_its_money_goes(live_hub: Hub) -> None:
    order = await lives.turned_around_on_the_road(live_hub)

    assert ParcelStage.INTERCEPTED is (await order.view()).parcels[0].stage
    calls = [
        (name, getattr(argument, "answer", None)) for name, argument in live_hub.turnstile.calls
    ]
    paid = calls.index(("channel.answer_claim", ClaimAnswer.AGREE))
    assert calls.index(("stock.put_back", None)) < paid
    assert {} == live_hub.invoices.issued


async def test_goods_that_go_out_again_replace_the_number_that_the_channel_knows(
    live_hub: Hub,
) -> None:
    order = await lives.sent_again_for_a_claim_withdrawn(live_hub)

    first, again = live_hub.turnstile.done["channel.tell_shipped"]
    assert ["", first.waybill.number] == [first.replaces, again.replaces]
    assert [ParcelStage.INTERCEPTED, ParcelStage.DELIVERED] == [
        parcel.stage for parcel in (await order.view()).parcels
    ]


async def test_a_return_is_paid_once_and_its_invoice_taken_back(live_hub: Hub) -> None:
    await lives.sent_back_by_its_buyer(live_hub)

    (blue,) = live_hub.invoices.issued.values()
    (red,) = live_hub.invoices.reds.values()
    assert blue.amount_fen == red.amount_fen
    assert 2 == len(live_hub.books.booked)  # the sale, and the same amount back
    assert 1 == len(live_hub.stock.put_backs)
