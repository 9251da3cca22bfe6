"""What every sales channel promises, held by the fake and by the shop over the wire."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import GatewayBusy, GatewayRefused
from domain.order import order_id
from domain.parcel import ShipmentNews, Waybill
from gateways.miniprogram import MiniProgramShop
from gateways.sales_channels import SalesChannels
from infra.sandbox.faults import Fault, FaultPlan
from infra.sandbox.partners import miniprogram
from settings import MiniProgram
from tests.channels.miniprogram_orders import a_push
from tests.fakes.channels import FakeShop
from tests.partnered import partnered

AT = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
NUMBER = "MP7-00001"


def some_news(no: int = 1, **changes: object) -> ShipmentNews:
    order = order_id("miniprogram", NUMBER)
    waybill = Waybill(carrier="shunfeng", number="SF1000000000001", route_code="", at=AT)
    news = ShipmentNews(
        order_id=order,
        channel="miniprogram",
        number=NUMBER,
        key=f"{order}/{no}",
        waybill=waybill,
        line_nos=(1, 2),
    )
    return replace(news, **changes)  # type: ignore[arg-type] # test data by field name


@dataclass
class Bench:
    """A channel, what it was told so far, and its fault switches when it has some."""

    channels: SalesChannels
    told: Callable[[], set[str]]
    plan: FaultPlan | None = None


@pytest.fixture
async def over_the_wire(tmp_path: Path) -> AsyncIterator[Bench]:
    async with partnered(tmp_path, miniprogram.build) as outside:
        outside.ledger.put("order", NUMBER, {**a_push(NUMBER), "due": True})
        settings = MiniProgram(callback_url=f"{outside.url}/api/order/status")
        shop = MiniProgramShop(settings, outside.http, patience_s=0.3)
        yield Bench(
            SalesChannels({"miniprogram": shop}),
            lambda: {key for key, _ in outside.ledger.each("shipment")},
            outside.plan,
        )


@pytest.fixture
def in_memory() -> Bench:
    shop = FakeShop(orders={NUMBER})
    return Bench(SalesChannels({"miniprogram": shop}), lambda: set(shop.shipments))


@pytest.fixture(params=["in_memory", "over_the_wire"])
def bench(request: pytest.FixtureRequest) -> Bench:
    made: Bench = request.getfixturevalue(request.param)
    return made


async def test_a_shipment_is_told(bench: Bench) -> None:
    await bench.channels.tell_shipped(some_news())

    assert bench.told() == {"miniprogram/MP7-00001/1"}


async def test_a_second_telling_is_a_yes_and_counts_once(bench: Bench) -> None:
    await bench.channels.tell_shipped(some_news())
    await bench.channels.tell_shipped(some_news())

    assert len(bench.told()) == 1


async def test_two_parcels_are_two_shipments(bench: Bench) -> None:
    await bench.channels.tell_shipped(some_news(1, line_nos=(1,)))
    await bench.channels.tell_shipped(some_news(2, line_nos=(2,)))

    assert len(bench.told()) == 2


async def test_an_order_that_the_shop_does_not_know_is_refused(bench: Bench) -> None:
    with pytest.raises(GatewayRefused) as fault:
        await bench.channels.tell_shipped(some_news(number="MP7-99999"))

    assert fault.value.code == "40401"
    assert bench.told() == set()


async def test_one_parcel_is_not_told_under_two_numbers(bench: Bench) -> None:
    await bench.channels.tell_shipped(some_news())
    other = Waybill(carrier="shunfeng", number="SF1000000000002", route_code="", at=AT)

    with pytest.raises(GatewayRefused) as fault:
        await bench.channels.tell_shipped(some_news(waybill=other))

    assert fault.value.code == "40901"


async def test_a_channel_that_is_none_of_ours_is_named(bench: Bench) -> None:
    with pytest.raises(GatewayRefused, match=r"lantern.*miniprogram"):
        await bench.channels.tell_shipped(some_news(channel="lantern"))


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        (Fault.FAIL_BEFORE, False),
        (Fault.FAIL_AFTER, True),
        (Fault.LOST_ANSWER, True),
        (Fault.RATE_LIMIT, False),
    ],
)
async def test_after_each_fault_telling_again_ends_well(
    over_the_wire: Bench, fault: Fault, *, done: bool
) -> None:
    plan = over_the_wire.plan
    assert plan is not None
    plan.switch(fault, 1)

    with pytest.raises(GatewayBusy):
        await over_the_wire.channels.tell_shipped(some_news())

    assert bool(over_the_wire.told()) is done
    plan.switch(fault, 0)
    await over_the_wire.channels.tell_shipped(some_news())
    assert over_the_wire.told() == {"miniprogram/MP7-00001/1"}
