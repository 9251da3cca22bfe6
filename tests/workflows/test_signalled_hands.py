"""Who can only signal acts by the same rules, and sees a refusal where the order is looked at."""

from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from domain.errors import GatewayRefused
from domain.hands import AddressEdit, Deed, Reroute, Resolution, WaybillCorrection
from domain.lifecycle import OrderStage, ParcelStage
from domain.trouble import Remedy
from infra.demo.figures import intervals
from infra.histories import fetch
from tests.fakes.hub import A_HAND, BRISK, Hub, LiveOrder
from tests.fakes.orders import GONGSHU, an_order
from workflows.chronicle import Kind, read

REFUSED = GatewayRefused("sf", "8057", "收件地址超出派送范围")


async def handed_over(hub: Hub) -> LiveOrder:
    order = await hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    return order


async def noted(order: LiveOrder, *words: str) -> None:
    await order.until(lambda view: any(all(w in note for w in words) for note in view.notes))


async def test_a_signalled_cancel_brings_the_parcel_back(live_hub: Hub) -> None:
    order = await handed_over(live_hub)

    await order.handle.signal("please_cancel", A_HAND)

    assert OrderStage.CANCELLED is await order.ends()


async def test_a_signalled_hold_stays_until_a_signalled_release(live_hub: Hub) -> None:
    live_hub.router.short = {1}
    order = await live_hub.accept(an_order(), BRISK)

    await order.handle.signal("please_hold", A_HAND)
    held = await order.until(lambda view: Deed.RELEASE in view.deeds)
    await order.handle.signal("please_release", A_HAND)

    assert "李四:买家来电" in (held.hold.details if held.hold else ())
    await order.until(lambda view: Deed.RELEASE not in view.deeds)


async def test_a_signalled_reroute_goes_where_it_says(live_hub: Hub) -> None:
    order = await handed_over(live_hub)

    await order.handle.signal("please_reroute", Reroute(hand=A_HAND, warehouse="HZ-XH"))

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)
    assert "HZ-XH" == view.parcels[1].warehouse


async def test_signals_edit_an_address_and_correct_a_waybill(live_hub: Hub) -> None:
    order = await handed_over(live_hub)
    await order.handle.signal("please_edit_address", AddressEdit(hand=A_HAND, receiver=GONGSHU))
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    correction = WaybillCorrection(hand=A_HAND, parcel_no=2, number="ZT9", carrier="zhongtong")
    await order.handle.signal("please_correct_waybill", correction)

    await order.until(lambda view: "ZT9" in str(view.parcels[1].waybill))
    assert GONGSHU == live_hub.router.asked[-1].receiver


async def test_signals_mend_what_is_parked(live_hub: Hub) -> None:
    live_hub.turnstile.fail("label.create", REFUSED)
    order = await live_hub.accept(an_order(), BRISK)
    await order.troubled_by("label.create")
    live_hub.turnstile.mend("label.create")

    resolution = Resolution(hand=A_HAND, subject="", remedy=Remedy.RETRY)  # whatever is open
    await order.handle.signal("please_resolve", resolution)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    await order.handle.signal("please_retry_now", A_HAND)
    await noted(order, "李四", "立即重试", "没有在等待的步骤")


@pytest.mark.parametrize(
    ("signal", "said", "words"),
    [
        ("please_release", A_HAND, ("李四 要求解除挂起", "没有被人工挂起")),
        ("please_cancel", {"by": "李四", "reason": " "}, ("李四 要求取消", "缺少原因")),
        ("please_cancel", {"by": "李四"}, ("要求取消", "字段 reason 不正确")),
        ("please_reroute", {"hand": {"by": "李四"}}, ("要求改派仓库", "hand.reason")),
        ("please_hold", "今天先别发", ("要求挂起", "不正确")),
        ("please_hold", None, ("要求挂起", "缺少参数")),
        ("please_hold", RawValue(Payload(data=b"\xff")), ("要求挂起", "不正确")),
    ],
    ids=["rule", "no-reason", "field-missing", "inner-field", "no-json", "null", "no-encoding"],
)
async def test_a_refused_signal_is_seen_in_the_order(
    live_hub: Hub, signal: str, said: Any, words: tuple[str, ...]
) -> None:
    order = await handed_over(live_hub)

    await order.handle.signal(signal, said)

    await noted(order, "被拒绝", *words)
    await order.cancel()
    assert OrderStage.CANCELLED is await order.ends()


async def test_a_signal_without_a_payload_is_refused_too(live_hub: Hub) -> None:
    order = await handed_over(live_hub)

    await order.handle.signal("please_hold")

    await noted(order, "要求挂起", "被拒绝")


async def test_what_is_sent_by_mistake_is_not_repeated(live_hub: Hub) -> None:
    order = await handed_over(live_hub)
    address = {"hand": {"by": "李四", "reason": "搬家"}, "receiver": {"name": "张三丰"}}

    await order.handle.signal("please_edit_address", address)

    await noted(order, "receiver.")
    assert not any("张三丰" in note for note in (await order.view()).notes)


async def test_hands_by_update_and_by_signal_are_interventions_alike(live_hub: Hub) -> None:
    order = await handed_over(live_hub)
    await order.hold()
    await order.handle.signal("please_release", A_HAND)
    await order.handle.signal("please_hold", RawValue(Payload(data=b"\xff")))
    await order.handle.signal("please_cancel", A_HAND)
    await order.ends()

    past = read(await fetch(order.hub.client, order.handle.id))

    hands = [moment for moment in past if moment.kind is Kind.HAND]
    assert ["hold", "release", "hold", "cancel"] == [moment.name for moment in hands]
    assert 4 == intervals(past).hands


async def test_only_what_leaves_from_a_burning_warehouse_is_sent_elsewhere(live_hub: Hub) -> None:
    live_hub.router.apart = {2: "HZ-XH"}
    order = await live_hub.accept(an_order(lines=2), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 1)
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)

    request = Reroute(hand=A_HAND, source="HZ-XH", warehouse="HZ-LA")
    await order.handle.signal("please_reroute", request)

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER, 3)
    stages = {parcel.warehouse: parcel.stage for parcel in view.parcels}
    assert {
        "HZ-GS": ParcelStage.HANDED_OVER,
        "HZ-XH": ParcelStage.CANCELLED,
        "HZ-LA": ParcelStage.HANDED_OVER,
    } == stages
    await order.handle.signal("please_reroute", request)
    await noted(order, "没有从 HZ-XH 发出")
