"""One story for the fake and for both gateways against their sandbox partners."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pytest

from activities.label import Carriers
from activities.logistics import Interceptors, Tracks
from domain.comeback import Interception
from domain.errors import GatewayBusy, GatewayRefused
from domain.parcel import Dispatch, Milestone, Waybill
from gateways import carrier_forms
from gateways.carriers import CarrierDesk
from gateways.kuaidi100 import Kuaidi100Carriers
from gateways.sf import SfExpress
from infra.sandbox.faults import Fault
from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.shop import PARCEL_CAME_BACK
from settings import Label
from tests.fakes.carriers import FakeCarriers
from tests.gateways.carrier_stage import (
    Stage,
    a_dispatch,
    kuaidi100_settings,
    sf_settings,
    staged,
)


class Allotted:
    """An allocation record in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], str] = {}

    def allot(self, carrier: str, waybill: str, parcel_key: str) -> None:
        self.rows[carrier, waybill] = parcel_key


class Desk(Carriers, Tracks, Interceptors, Protocol):
    """What the durable steps ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One carrier, and how its parcels are made to travel."""

    carrier: str
    desk: Desk
    allotted: Allotted
    deliver: Callable[[Dispatch, Waybill], Awaitable[None]]


def desk_of(stage: Stage, allotted: Allotted) -> CarrierDesk:
    sf = SfExpress(sf_settings(stage), Label(), stage.http)
    others = Kuaidi100Carriers(kuaidi100_settings(stage), Label(), stage.http)
    return CarrierDesk(sf, others, allotted)


@pytest.fixture(params=["fake", "sf", "kuaidi100"])
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    allotted = Allotted()
    if request.param == "fake":
        fake = FakeCarriers()

        async def deliver(_: Dispatch, waybill: Waybill) -> None:
            fake.deliver(waybill)

        desk = CarrierDesk(fake, fake, allotted)
        yield Case(carrier="yuantong", desk=desk, allotted=allotted, deliver=deliver)
        return
    carrier = "shunfeng" if request.param == "sf" else "zhongtong"
    async with staged(tmp_path) as stage:
        desk = desk_of(stage, allotted)
        yield Case(carrier=carrier, desk=desk, allotted=allotted, deliver=stage.deliver)


async def test_a_booked_parcel_has_a_waybill_and_its_allocation_is_on_record(case: Case) -> None:
    dispatch = a_dispatch(case.carrier)

    waybill = await case.desk.book(dispatch)

    assert case.carrier == waybill.carrier
    assert "" != waybill.route_code
    assert {(case.carrier, waybill.number): dispatch.parcel.key} == case.allotted.rows


async def test_a_second_booking_finds_the_first(case: Case) -> None:
    first = await case.desk.book(a_dispatch(case.carrier))

    second = await case.desk.book(a_dispatch(case.carrier))

    assert first.number == second.number
    assert first.route_code == second.route_code


async def test_two_parcels_of_an_order_have_two_numbers(case: Case) -> None:
    one = await case.desk.book(a_dispatch(case.carrier, no=1))
    two = await case.desk.book(a_dispatch(case.carrier, no=2))

    assert one.number != two.number


async def test_cancelling_what_was_never_booked_succeeds(case: Case) -> None:
    await case.desk.cancel(a_dispatch(case.carrier))

    waybill = await case.desk.book(a_dispatch(case.carrier))
    assert waybill.number


async def test_cancelling_twice_succeeds_and_the_id_is_spent(case: Case) -> None:
    await case.desk.book(a_dispatch(case.carrier))

    await case.desk.cancel(a_dispatch(case.carrier))
    await case.desk.cancel(a_dispatch(case.carrier))

    with pytest.raises(GatewayRefused):
        await case.desk.book(a_dispatch(case.carrier))


async def test_after_a_cancellation_the_next_parcel_has_a_number_of_its_own(case: Case) -> None:
    first = await case.desk.book(a_dispatch(case.carrier, no=1))
    await case.desk.cancel(a_dispatch(case.carrier, no=1))

    second = await case.desk.book(a_dispatch(case.carrier, no=2))

    assert first.number != second.number


async def test_a_parcel_that_nobody_collected_has_no_trace(case: Case) -> None:
    waybill = await case.desk.book(a_dispatch(case.carrier))

    assert () == await case.desk.trace(waybill, "1234")


async def test_a_trace_goes_from_the_first_scan_to_the_buyer_and_ends_cancelling(
    case: Case,
) -> None:
    dispatch = a_dispatch(case.carrier)
    waybill = await case.desk.book(dispatch)

    await case.deliver(dispatch, waybill)

    scans = await case.desk.trace(waybill, "1234")
    assert [
        Milestone.COLLECTED,
        Milestone.IN_TRANSIT,
        Milestone.OUT_FOR_DELIVERY,
        Milestone.DELIVERED,
    ] == [scan.milestone for scan in scans]
    assert sorted(scan.at for scan in scans) == [scan.at for scan in scans]
    assert 4 == len({scan.id for scan in scans})
    with pytest.raises(GatewayRefused):
        await case.desk.cancel(dispatch)


PARTNERS = pytest.mark.parametrize(
    ("partner", "carrier"), [("sf", "shunfeng"), ("kuaidi100", "zhongtong")]
)


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(carrier_forms, "PATIENCE_S", 0.3)
    async with staged(tmp_path) as stage:
        yield stage


def live_orders(ledger: Ledger) -> list[str]:
    return [doc["waybill"] for _, doc in ledger.each("order") if doc["status"] == "live"]


@PARTNERS
@pytest.mark.parametrize(
    "fault", [Fault.FAIL_BEFORE, Fault.FAIL_AFTER, Fault.LOST_ANSWER, Fault.RATE_LIMIT]
)
async def test_a_booking_that_went_wrong_is_made_once(
    stage: Stage, partner: str, carrier: str, fault: Fault
) -> None:
    desk, plan = desk_of(stage, Allotted()), stage.world.plan_of(partner)
    plan.switch(fault, 1)
    with pytest.raises(GatewayBusy):
        await desk.book(a_dispatch(carrier))
    plan.switch(fault, 0)

    waybill = await desk.book(a_dispatch(carrier))

    assert [waybill.number] == live_orders(stage.world.open_ledger(partner))


@PARTNERS
@pytest.mark.parametrize(
    "fault", [Fault.FAIL_BEFORE, Fault.FAIL_AFTER, Fault.LOST_ANSWER, Fault.RATE_LIMIT]
)
async def test_a_cancellation_that_went_wrong_ends_cancelled(
    stage: Stage, partner: str, carrier: str, fault: Fault
) -> None:
    desk, plan = desk_of(stage, Allotted()), stage.world.plan_of(partner)
    await desk.book(a_dispatch(carrier))
    plan.switch(fault, 1)
    with pytest.raises(GatewayBusy):
        await desk.cancel(a_dispatch(carrier))
    plan.switch(fault, 0)

    await desk.cancel(a_dispatch(carrier))

    assert [] == live_orders(stage.world.open_ledger(partner))


@PARTNERS
async def test_a_partner_that_is_not_there_is_busy(
    stage: Stage, partner: str, carrier: str
) -> None:
    desk = desk_of(stage, Allotted())
    waybill = await desk.book(a_dispatch(carrier))
    stage.world.plan_of(partner).switch(Fault.FAIL_BEFORE, 1)

    with pytest.raises(GatewayBusy):
        await desk.trace(waybill, "1234")


async def booked(case: Case) -> Dispatch:
    dispatch = a_dispatch(case.carrier)
    return replace(dispatch, waybill=await case.desk.book(dispatch))


async def test_a_parcel_is_called_back_and_a_second_wish_is_the_same(case: Case) -> None:
    dispatch = await booked(case)

    answers = [await case.desk.intercept(dispatch) for _ in range(2)]

    assert [Interception.ACCEPTED, Interception.ACCEPTED] == answers


async def test_what_is_signed_for_can_not_be_called_back(case: Case) -> None:
    dispatch = await booked(case)
    assert dispatch.waybill is not None
    await case.deliver(dispatch, dispatch.waybill)

    assert Interception.TOO_LATE is await case.desk.intercept(dispatch)


async def test_nobody_calls_back_what_was_cancelled(case: Case) -> None:
    dispatch = await booked(case)
    await case.desk.cancel(dispatch)

    with pytest.raises(GatewayRefused):
        await case.desk.intercept(dispatch)


@PARTNERS
@pytest.mark.parametrize(
    "fault", [Fault.FAIL_BEFORE, Fault.FAIL_AFTER, Fault.LOST_ANSWER, Fault.RATE_LIMIT]
)
async def test_calling_back_that_went_wrong_is_asked_again_and_done(
    stage: Stage, partner: str, carrier: str, fault: Fault
) -> None:
    desk, plan = desk_of(stage, Allotted()), stage.world.plan_of(partner)
    dispatch = a_dispatch(carrier)
    dispatch = replace(dispatch, waybill=await desk.book(dispatch))
    plan.switch(fault, 1)
    with pytest.raises(GatewayBusy):
        await desk.intercept(dispatch)
    plan.switch(fault, 0)

    assert Interception.ACCEPTED is await desk.intercept(dispatch)

    (order,) = (doc for _, doc in stage.world.open_ledger(partner).each("order"))
    assert order["intercepted"]


@PARTNERS
async def test_a_carrier_that_stops_nothing_says_so(
    stage: Stage, partner: str, carrier: str
) -> None:
    desk, dispatch = desk_of(stage, Allotted()), a_dispatch(carrier)
    dispatch = replace(dispatch, waybill=await desk.book(dispatch))
    stage.world.open_ledger(partner).put("policy", "intercepts", {"is": "never"})

    assert Interception.TOO_LATE is await desk.intercept(dispatch)


async def test_a_carrier_that_never_stops_a_parcel_is_not_asked(stage: Stage) -> None:
    desk, dispatch = desk_of(stage, Allotted()), a_dispatch("annengwuliu")
    dispatch = replace(dispatch, waybill=await desk.book(dispatch))
    asked = stage.world.open_ledger("kuaidi100").calls()

    assert Interception.TOO_LATE is await desk.intercept(dispatch)

    assert asked == stage.world.open_ledger("kuaidi100").calls()


@pytest.mark.parametrize("carrier", ["shunfeng", "zhongtong"])
async def test_a_parcel_that_is_called_back_comes_back_and_is_never_delivered(
    carrier: str, tmp_path: Path
) -> None:
    back = asyncio.Event()
    async with staged(tmp_path) as stage:

        async def came_back(_: Doc) -> None:
            back.set()

        stage.world.listen(PARCEL_CAME_BACK, came_back)
        desk = desk_of(stage, Allotted())
        dispatch = a_dispatch(carrier)
        dispatch = replace(dispatch, waybill=await desk.book(dispatch))
        await desk.intercept(dispatch)

        await stage.leave(dispatch)
        await asyncio.wait_for(back.wait(), 20)

        assert dispatch.waybill is not None
        scans = await desk.trace(dispatch.waybill, "1234")
        found = [scan.milestone for scan in scans]
    assert Milestone.RETURNED in found
    assert Milestone.DELIVERED not in found
