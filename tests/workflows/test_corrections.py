"""Waybill numbers that turn out to be others, after or before the channel was told."""

import pytest

from domain.errors import GatewayRefused
from domain.lifecycle import OrderStage, ParcelStage
from domain.parcel import Milestone, ShipmentNews
from tests.fakes.hub import Hub, LiveOrder, eventually, refusal
from tests.fakes.orders import an_order

NEW = "78900000001"


async def told(hub: Hub) -> tuple[LiveOrder, ShipmentNews]:
    """Tell the channel of a parcel that has left; ask what it heard."""
    order = await hub.accept(an_order())
    await order.leaves()
    await hub.turnstile.passed("channel.tell_shipped", 1)
    return order, hub.shop.shipments[order.key()]


async def test_a_channel_that_was_told_hears_which_number_the_new_one_replaces(hub: Hub) -> None:
    order, first = await told(hub)

    await order.correct(NEW)
    await eventually(lambda: f"{order.key()}/1" in hub.shop.shipments)

    news = hub.shop.shipments[f"{order.key()}/1"]
    assert ("zhongtong", NEW, first.waybill.number) == (
        news.waybill.carrier,
        news.waybill.number,
        news.replaces,
    )
    assert "" == first.replaces
    view = await order.view()
    assert view.parcels[0].waybill == news.waybill
    assert ("李四 更正包裹 1 的运单号:买家来电",) == view.notes


async def test_each_further_correction_has_a_key_of_its_own(hub: Hub) -> None:
    order, _ = await told(hub)
    for number in (NEW, "78900000002"):
        await order.correct(number)
        await eventually(
            lambda number=number: (  # type: ignore[misc] # bound now
                number in {news.waybill.number for news in hub.shop.shipments.values()}
            )
        )

    assert [order.key(), f"{order.key()}/1", f"{order.key()}/2"] == list(hub.shop.shipments)
    assert NEW == hub.shop.shipments[f"{order.key()}/2"].replaces


async def test_a_number_that_is_corrected_before_the_channel_is_told_is_told_once(
    hub: Hub,
) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.correct(NEW)
    await order.travels()

    assert OrderStage.CLOSED is await order.ends()
    assert [NEW] == [news.waybill.number for news in hub.shop.shipments.values()]
    assert [""] == [news.replaces for news in hub.shop.shipments.values()]


async def test_a_number_that_the_channel_refuses_is_mended_by_its_correction(hub: Hub) -> None:
    hub.turnstile.fail("channel.tell_shipped", GatewayRefused("shop", "40003", "运单号不合规则"))
    order = await hub.accept(an_order())
    await order.leaves()
    await order.troubled_by("channel.tell_shipped")
    hub.turnstile.mend("channel.tell_shipped")

    await order.correct(NEW)
    await order.scanned(Milestone.COLLECTED)
    await order.scanned(Milestone.DELIVERED)

    assert OrderStage.CLOSED is await order.ends()
    assert [NEW] == [news.waybill.number for news in hub.shop.shipments.values()]
    assert () == (await order.view()).troubles


async def test_a_life_does_not_close_before_a_correction_was_told(hub: Hub) -> None:
    order, _ = await told(hub)
    telling = hub.turnstile.gate("channel.tell_shipped")
    await order.correct(NEW)
    await telling.reached.wait()
    await order.scanned(Milestone.COLLECTED)
    await order.scanned(Milestone.DELIVERED)
    telling.opened.set()

    await order.ends()

    assert f"{order.key()}/1" in hub.shop.shipments


async def test_a_number_can_not_be_corrected_before_there_is_one(hub: Hub) -> None:
    labelling = hub.turnstile.gate("label.create")
    order = await hub.accept(an_order())
    await labelling.reached.wait()

    assert "还没有运单号" in await refusal(order.correct(NEW))
    labelling.opened.set()


@pytest.mark.parametrize(
    ("number", "carrier", "no", "words"),
    [
        (" ", "zhongtong", 1, "缺少新的运单号"),
        (NEW, "", 1, "缺少新的运单号"),
        (NEW, "zhongtong", 7, "没有包裹 7"),
    ],
)
async def test_a_correction_must_say_what_it_corrects(
    hub: Hub, number: str, carrier: str, no: int, words: str
) -> None:
    order, _ = await told(hub)

    assert words in await refusal(order.correct(number, carrier, no=no))


async def test_the_number_of_now_is_no_correction(hub: Hub) -> None:
    order, first = await told(hub)

    asked = order.correct(first.waybill.number, first.waybill.carrier)

    assert "无需更正" in await refusal(asked)


async def test_a_shipment_names_the_lines_as_the_channel_does(hub: Hub) -> None:
    _, news = await told(hub)

    assert "1" == news.protocol
    assert ("LINE-1",) == news.line_refs


async def test_a_parcel_that_was_called_back_has_no_number_to_correct(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.reroute()
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    assert "已取消" in await refusal(order.correct(NEW, no=1))
