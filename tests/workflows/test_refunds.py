"""Refund claims: each is kept once, as the channel showed it last, and seen by people."""

from dataclasses import replace
from datetime import timedelta

from temporalio.api.sdk.v1 import WorkflowMetadata

from domain.claim import Refund, RefundStage
from domain.lifecycle import ParcelStage
from tests.fakes.hub import Hub, LiveOrder
from tests.fakes.orders import an_order
from workflows.order import OrderWorkflow


async def claimed(hub: Hub) -> tuple[LiveOrder, Refund]:
    """Accept an order whose buyer wants the money back."""
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    refund = order.claim()
    await order.handle.signal(OrderWorkflow.refunded, refund)
    return order, refund


async def test_a_claim_is_seen_and_stops_nothing(hub: Hub) -> None:
    order, refund = await claimed(hub)

    view = await order.view()

    assert (refund,) == view.refunds
    assert ParcelStage.HANDED_OVER is view.parcels[0].stage


async def test_the_channel_s_newest_word_about_a_claim_counts(hub: Hub) -> None:
    order, refund = await claimed(hub)
    later = replace(
        refund, stage=RefundStage.WITHDRAWN, changed_at=refund.changed_at + timedelta(hours=1)
    )

    for told in (refund, later, refund):
        await order.handle.signal(OrderWorkflow.refunded, told)

    assert (later,) == (await order.view()).refunds


async def test_two_claims_are_two(hub: Hub) -> None:
    order, refund = await claimed(hub)

    await order.handle.signal(OrderWorkflow.refunded, replace(refund, id="AS-2"))

    assert ["AS-1", "AS-2"] == [kept.id for kept in (await order.view()).refunds]


async def test_the_engine_s_page_tells_a_claim_in_chinese(live_hub: Hub) -> None:
    order, _ = await claimed(live_hub)

    metadata = await order.handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )

    assert "- 退款:AS-1 仅退款 待处理 ¥16.00" in metadata.current_details
