"""What every sales channel promises, held by all of them over the wire."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.claim import RefundKind, RefundStage
from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused
from domain.order import Order
from domain.parcel import ShipmentNews, Waybill
from domain.standing import Standing
from infra.sandbox import shop as deeds
from infra.sandbox.faults import Fault
from infra.sandbox.ledger import Doc
from tests.fakes.hub import eventually
from tests.gateways.channel_stage import BUILDERS, Stage, on_stage

AT = utc_now()
SEALING = ("pinduoduo", "douyin", "youzan")


@pytest.fixture(params=sorted(BUILDERS))
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(request.param, tmp_path) as stage:
        yield stage


async def due(stage: Stage, number: str) -> Order:
    """Ask for an order until it is settled: one channel shows a passing state first."""
    found: list[Order] = []

    async def is_due() -> bool:
        try:
            seen = await stage.shop.order(number)
        except GatewayBusy:
            return False
        assert seen.standing is Standing.DUE
        assert seen.order is not None
        found.append(seen.order)
        return True

    await eventually(is_due)
    return found[0]


def news(order: Order, no: int = 1, number: str = "SF1000000000001", **more: str) -> ShipmentNews:
    """Tell that the n-th half of an order's lines has left; the whole when it has one line."""
    lines = order.lines if len(order.lines) == 1 else order.lines[no - 1 :: 2]
    return ShipmentNews(
        order_id=order.id,
        channel=order.channel,
        number=order.number,
        key=f"{order.id}/{no}",
        waybill=Waybill(carrier="shunfeng", number=number, route_code="", at=AT),
        line_nos=tuple(line.no for line in lines),
        line_refs=tuple(line.ref for line in lines if line.ref),
        protocol=order.protocol,
        **more,
    )


async def an_order_of_several_lines(stage: Stage) -> Order:
    for n in range(1, 50):
        sold = await stage.sell(n)
        if len(sold["items"]) > 1:
            return await due(stage, sold["order_no"])
    raise AssertionError("no sample order has two lines")


def claim_id_at(stage: Stage) -> str:
    """Tell the platform's own id of the one claim."""
    (claim_id, _) = next(stage.ledger.each("after_sale"))
    return claim_id


def told(stage: Stage) -> set[str]:
    return {doc["tracking_no"] for _, doc in stage.ledger.each("shipment")}


async def test_a_sold_order_is_told_in_our_words(stage: Stage) -> None:
    sold = await stage.sell()

    order = await due(stage, sold["order_no"])

    assert f"{stage.name}/{sold['order_no']}" == order.id
    assert [(item["sku"], item["quantity"]) for item in sold["items"]] == [
        (line.sku, line.quantity) for line in order.lines
    ]
    assert (sold["freight"], sold["pay_amount"]) == (order.freight_fen, order.paid_fen)
    assert order.receiver.place is not None
    assert sold["receiver"]["district"] == order.receiver.district


async def test_what_a_buyer_paid_for_each_line_adds_up(stage: Stage) -> None:
    order = await an_order_of_several_lines(stage)

    assert order.paid_fen == order.freight_fen + sum(line.paid_fen for line in order.lines)
    assert all(line.paid_fen >= 0 for line in order.lines)


async def test_the_same_buyer_has_the_same_key_and_is_not_named_by_it(stage: Stage) -> None:
    sold = await stage.sell()

    first = await due(stage, sold["order_no"])
    again = await due(stage, sold["order_no"])

    assert first.buyer_key == again.buyer_key
    assert first.buyer_key.startswith("hash of ")


async def test_a_sealed_buyer_is_opened_by_the_channel_only(stage: Stage) -> None:
    sold = await stage.sell()
    receiver = (await due(stage, sold["order_no"])).receiver
    if stage.name not in SEALING:
        assert receiver.sealed is None
        return

    seen = repr(receiver)
    assert not [part for part in ("name", "phone", "address") if sold["receiver"][part] in seen]
    opened = await stage.shop.unseal(sold["order_no"], receiver)

    told = (opened.name, opened.phone, opened.address)
    assert told == tuple(sold["receiver"][part] for part in ("name", "phone", "address"))
    assert opened.sealed is None


async def test_an_order_that_the_channel_does_not_know_is_refused(stage: Stage) -> None:
    with pytest.raises(GatewayRefused):
        await stage.shop.order("1234567890")


async def test_a_shipment_is_told_once_however_often_the_step_runs(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    whole = replace(news(order), line_nos=tuple(line.no for line in order.lines))
    whole = replace(whole, line_refs=tuple(line.ref for line in order.lines if line.ref))

    for _ in range(3):
        await stage.shop.tell_shipped(whole)

    assert {"SF1000000000001"} == told(stage)


async def test_two_parcels_are_two_shipments(stage: Stage) -> None:
    order = await an_order_of_several_lines(stage)

    await stage.shop.tell_shipped(news(order, 1))
    await stage.shop.tell_shipped(news(order, 2, "SF1000000000002"))

    assert {"SF1000000000001", "SF1000000000002"} == told(stage)


@pytest.mark.parametrize("fault", [Fault.FAIL_BEFORE, Fault.FAIL_AFTER, Fault.RATE_LIMIT])
async def test_after_each_fault_telling_again_ends_well(stage: Stage, fault: Fault) -> None:
    order = await an_order_of_several_lines(stage)
    stage.plan.switch(fault, 1)
    with pytest.raises(GatewayBusy):
        await stage.shop.tell_shipped(news(order))
    stage.plan.switch(fault, 0)

    await stage.shop.tell_shipped(news(order))

    assert {"SF1000000000001"} == told(stage)


async def test_a_session_that_the_channel_forgot_is_begun_anew(stage: Stage) -> None:
    sold = await stage.sell()
    await due(stage, sold["order_no"])
    stage.plan.switch(Fault.SESSION_LOST, 1)
    with pytest.raises((GatewayBusy, GatewayRefused)):
        await stage.shop.order(sold["order_no"])
    stage.plan.switch(Fault.SESSION_LOST, 0)

    assert sold["order_no"] == (await due(stage, sold["order_no"])).number


async def test_a_number_that_changed_is_told_again(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    refs = tuple(line.ref for line in order.lines if line.ref)
    first = replace(news(order), line_nos=tuple(n.no for n in order.lines), line_refs=refs)
    await stage.shop.tell_shipped(first)

    waybill = replace(first.waybill, number="SF1000000000009")
    corrected = replace(first, waybill=waybill, replaces="SF1000000000001", key=f"{first.key}/2")
    await stage.shop.tell_shipped(corrected)
    await stage.shop.tell_shipped(corrected)

    assert "SF1000000000009" in told(stage)


async def test_a_claim_is_told_in_our_words_wherever_it_stands(stage: Stage) -> None:
    sold = await stage.sell()
    order = await due(stage, sold["order_no"])
    claim = {"claim": "5000001", "kind": "refund_only", "amount_fen": order.paid_fen, "lines": []}
    await stage.do(deeds.BUYER_CLAIMED, order_no=order.number, reason="不想要了", **claim)
    if stage.shop.shelf.current(stage.name).api.refund is None:  # type: ignore[union-attr] # all have one
        return

    seen = await stage.shop.refund(order.number, claim_id_at(stage))

    assert (seen.refund.order_id, seen.refund.amount_fen) == (order.id, order.paid_fen)
    assert (seen.refund.kind, seen.refund.stage) == (RefundKind.REFUND_ONLY, RefundStage.ASKED)
    await stage.do(deeds.BUYER_WITHDREW, claim="5000001")
    again = await stage.shop.refund(order.number, claim_id_at(stage))
    assert RefundStage.WITHDRAWN is again.refund.stage


async def test_what_changed_is_found_without_any_push(stage: Stage) -> None:
    begin = utc_now() - timedelta(minutes=1)
    numbers = {(await stage.sell(n))["order_no"] for n in range(1, 6)}
    found: set[str] = set()

    async def all_found() -> bool:
        end = utc_now() + timedelta(seconds=2)
        found.update([change.number async for change in stage.shop.changed(begin, end)])
        return numbers <= found

    await eventually(all_found)
    assert numbers == found


async def test_an_order_under_review_waits_and_a_closed_one_is_cancelled(stage: Stage) -> None:
    if stage.name == "miniprogram":
        return  # nobody reviews our own shop's orders
    sold = await stage.sell()
    await due(stage, sold["order_no"])

    await stage.do(deeds.REVIEW_BEGAN, order_no=sold["order_no"])
    assert Standing.PENDING is (await stage.shop.order(sold["order_no"])).standing
    await stage.do(deeds.REVIEW_ENDED, order_no=sold["order_no"])
    assert Standing.DUE is (await stage.shop.order(sold["order_no"])).standing
    await stage.do(deeds.BUYER_CANCELLED, order_no=sold["order_no"])
    assert Standing.CANCELLED is (await stage.shop.order(sold["order_no"])).standing


async def test_a_new_address_is_seen(stage: Stage) -> None:
    sold = await stage.sell()
    await due(stage, sold["order_no"])
    elsewhere: Doc = {**sold["receiver"], "district": "滨江区", "address": "网商路 599 号"}

    await stage.do(deeds.BUYER_MOVED, order_no=sold["order_no"], receiver=elsewhere)

    assert "滨江区" == (await due(stage, sold["order_no"])).receiver.district
