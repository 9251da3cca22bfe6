"""The ERP is shown each order once, audits it in its own time, and is told when it is cancelled."""

from dataclasses import replace

from temporalio.api.sdk.v1 import WorkflowMetadata

from domain.erp import ErpStanding
from domain.errors import GatewayBusy, GatewayRefused
from domain.lifecycle import OrderStage, ParcelStage
from domain.trouble import Remedy
from tests.fakes.hub import BRISK, PACE, Hub, eventually
from tests.fakes.orders import an_order


async def test_an_order_is_shown_once_it_is_routed_and_its_audit_is_seen(hub: Hub) -> None:
    order = await hub.accept(an_order())
    view = await order.until(lambda view: view.erp is not None)

    assert view.erp is not None
    assert (ErpStanding.AUDITED, "财务一号") == (view.erp.standing, view.erp.audited_by)
    assert [f"{order.order.id}/erp"] == [posted.key for posted in hub.erp.posted]


async def test_the_erp_sees_a_masked_name_and_no_phone(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.until(lambda view: view.erp is not None)

    (posted,) = hub.erp.posted

    assert ("张**", "浙江省", "西湖区") == (posted.buyer, posted.province, posted.district)
    assert order.order.receiver.phone not in repr(posted)
    assert order.order.receiver.address not in repr(posted)


async def test_a_life_does_not_close_before_its_order_is_audited(hub: Hub) -> None:
    hub.erp.asks = 1_000  # more often than the after-sale window has room for
    began = await hub.env.get_current_time()
    order = await hub.accept(an_order())
    await order.travels()

    assert OrderStage.CLOSED is await order.ends()
    waited = await hub.env.get_current_time() - began
    assert waited >= PACE.after_sale
    assert waited >= (PACE.erp_poll or waited) * 1_000
    assert 1 == len(hub.erp.posted)


async def test_the_goods_do_not_wait_for_the_audit(hub: Hub) -> None:
    hub.turnstile.fail("erp.relay", GatewayBusy("erp", "维护中"))
    order = await hub.accept(an_order())

    view = await order.parcel_reaches(ParcelStage.HANDED_OVER)

    assert view.erp is None
    assert () == view.troubles
    hub.turnstile.mend("erp.relay")
    await order.until(lambda view: view.erp is not None)


async def test_an_erp_that_refuses_calls_a_person_who_may_do_it_by_hand(hub: Hub) -> None:
    hub.turnstile.fail("erp.relay", GatewayRefused("erp", "401", "令牌无效"))
    order = await hub.accept(an_order())
    await order.troubled_by("erp.relay")
    await order.travels()
    await order.resolve(order.order.id, Remedy.DONE_BY_HAND)

    assert OrderStage.CLOSED is await order.ends()


async def test_a_cancelled_order_is_taken_back_though_it_was_audited(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.until(lambda view: view.erp is not None)

    await order.cancel()

    assert OrderStage.CANCELLED is await order.ends()
    assert [ErpStanding.CANCELLED] == [state.standing for state in hub.erp.orders.values()]
    view = await order.view()
    assert view.erp is not None
    assert ErpStanding.CANCELLED is view.erp.standing


async def test_a_cancelled_order_does_not_wait_for_its_audit(hub: Hub) -> None:
    hub.erp.asks = 1_000_000
    order = await hub.accept(an_order())
    await eventually(lambda: bool(hub.erp.posted))
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    await order.cancel()

    assert OrderStage.CANCELLED is await order.ends()
    assert 1 == hub.turnstile.times("erp.withdraw")


async def test_an_order_that_was_never_routed_never_meets_the_erp(hub: Hub) -> None:
    hub.router.short = {1}
    order = await hub.accept(an_order())
    await order.reaches(OrderStage.WAITING)

    await order.cancel()
    await order.ends()

    assert 0 == hub.turnstile.times("erp.relay")
    assert 0 == hub.turnstile.times("erp.withdraw")


async def test_a_reroute_shows_the_erp_nothing_new(hub: Hub) -> None:
    order = await hub.accept(an_order())
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await order.reroute()
    await order.parcel_reaches(ParcelStage.HANDED_OVER, 2)
    await order.travels(2)
    await order.ends()

    assert 1 == len(hub.erp.posted)


async def test_without_an_erp_nothing_is_waited_for(hub: Hub) -> None:
    hub.erp.used = False
    order = await hub.accept(an_order())
    await order.travels()

    assert OrderStage.CLOSED is await order.ends()
    assert (await order.view()).erp is None


async def test_an_order_from_before_there_was_an_erp_goes_without(hub: Hub) -> None:
    order = await hub.accept(an_order(), replace(PACE, erp_poll=None))
    await order.travels()

    assert OrderStage.CLOSED is await order.ends()
    assert 0 == hub.turnstile.times("erp.relay")


async def test_the_engine_s_page_tells_of_the_audit(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order(), BRISK)
    await order.until(lambda view: view.erp is not None)

    metadata = await order.handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )

    assert "- ERP:已审核 XSDD000001 财务一号" in metadata.current_details
