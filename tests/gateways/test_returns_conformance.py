"""The same facts about every WMS that takes goods back: the fake, and Qimen on the sandbox."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from activities.handover import Warehouses
from activities.returns import Returns
from domain.comeback import ReturnOrder
from domain.errors import GatewayRefused
from gateways.qimen import QimenWarehouses
from gateways.qimen_returns import QimenReturns
from infra.sandbox.partners import qimen
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from settings import Qimen
from tests.fakes.warehouses import FakeWarehouses
from tests.gateways.parcels import a_dispatch, a_return
from tests.sandbox.rig import rigged

P1 = "miniprogram/A1/return/p1"


@dataclass(frozen=True, slots=True)
class Subject:
    """A WMS under test, with hands on the far side."""

    warehouses: Warehouses
    returns: Returns
    leave: Callable[[str], None]
    expected: Callable[[], dict[str, dict[str, int]]]  # pieces by SKU, by the return's code

    async def send_out(self, number: str) -> None:
        dispatch = a_dispatch(number)
        await self.warehouses.create(dispatch)
        self.leave(dispatch.parcel.key)


def _in_memory() -> Subject:
    fake = FakeWarehouses()

    def expected() -> dict[str, dict[str, int]]:
        return {
            key: {item.sku: item.quantity for item in order.items}
            for key, order in fake.returns.items()
        }

    return Subject(fake, fake, fake.let_leave, expected)


def _through_qimen(url: str, http: httpx.AsyncClient, floor: WarehouseFloor) -> Subject:
    def leave(key: str) -> None:
        floor.ledger.amend("delivery_order", key, status="DELIVERED")

    def expected() -> dict[str, dict[str, int]]:
        return {
            code: {item["sku"]: item["quantity"] for item in order["items"]}
            for code, order in floor.ledger.each("return_order")
        }

    settings = Qimen(url=f"{url}/router/qimen/service")
    return Subject(QimenWarehouses(settings, http), QimenReturns(settings, http), leave, expected)


@pytest.fixture(params=["fake", "qimen"])
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    if request.param == "fake":
        yield _in_memory()
        return
    async with rigged(tmp_path, qimen.build) as rig, httpx.AsyncClient() as http:
        yield _through_qimen(rig.url, http, WarehouseFloor.of(rig.surroundings))


async def test_a_warehouse_expects_what_was_announced(subject: Subject) -> None:
    await subject.send_out("A1")

    await subject.returns.announce(a_return("A1"))

    assert {P1: {"1082185": 3}} == subject.expected()


async def test_a_second_announcement_finds_the_first(subject: Subject) -> None:
    await subject.send_out("A1")

    for _ in range(2):
        await subject.returns.announce(a_return("A1"))

    assert [P1] == list(subject.expected())


async def test_nobody_knows_yet_who_brings_what_a_buyer_sends(subject: Subject) -> None:
    await subject.send_out("A1")
    key = "miniprogram/A1/return/cR1/1"

    await subject.returns.announce(replace(a_return("A1"), key=key, carrier="", number=""))

    assert [key] == list(subject.expected())


@pytest.mark.parametrize("handed_over", [True, False])
async def test_what_never_left_does_not_come_back(subject: Subject, handed_over: bool) -> None:  # noqa: FBT001
    if handed_over:
        await subject.warehouses.create(a_dispatch("A1"))

    with pytest.raises(GatewayRefused, match="没有出库"):
        await subject.returns.announce(a_return("A1"))

    assert {} == subject.expected()


async def test_each_parcel_comes_back_for_itself(subject: Subject) -> None:
    returns: list[ReturnOrder] = [a_return("A1"), a_return("A2")]
    for number in ("A1", "A2"):
        await subject.send_out(number)

    for order in returns:
        await subject.returns.announce(order)

    assert [order.key for order in returns] == list(subject.expected())
