"""The same facts about every WMS: the fake in memory, and Qimen against the sandbox."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from activities.handover import Warehouses
from domain.handover import CallBack, HandOver
from gateways.qimen import QimenWarehouses
from infra.sandbox.partners import qimen
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from settings import Qimen
from tests.fakes.warehouses import FakeWarehouses, Status
from tests.gateways.parcels import a_dispatch
from tests.sandbox.rig import rigged

CLOSED = "盘点停业"


@dataclass(frozen=True, slots=True)
class Subject:
    """A WMS under test, with hands on the far side."""

    warehouses: Warehouses
    close: Callable[[str, str], None]
    waiting: Callable[[], list[str]]  # the parcels it has taken in and not given back
    leave: Callable[[str], None]


def _in_memory() -> Subject:
    fake = FakeWarehouses()

    def waiting() -> list[str]:
        return [key for key, status in fake.orders.items() if status is Status.ACCEPTED]

    return Subject(fake, fake.close, waiting, fake.let_leave)


def _through_qimen(url: str, http: httpx.AsyncClient, floor: WarehouseFloor) -> Subject:
    def waiting() -> list[str]:
        orders = floor.ledger.each("delivery_order")
        return [key for key, order in orders if order["status"] == "ACCEPT"]

    def leave(key: str) -> None:
        floor.ledger.amend("delivery_order", key, status="DELIVERED")

    settings = Qimen(url=f"{url}/router/qimen/service")
    return Subject(QimenWarehouses(settings, http), floor.close, waiting, leave)


@pytest.fixture(params=["fake", "qimen"])
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    if request.param == "fake":
        yield _in_memory()
        return
    async with rigged(tmp_path, qimen.build) as rig, httpx.AsyncClient() as http:
        yield _through_qimen(rig.url, http, WarehouseFloor.of(rig.surroundings))


async def test_a_parcel_is_taken_in_under_its_own_key(subject: Subject) -> None:
    answer = await subject.warehouses.create(a_dispatch("A1"))

    assert HandOver.ACCEPTED is answer.outcome
    assert answer.at.tzinfo is not None
    assert ["miniprogram/A1/1"] == subject.waiting()


async def test_a_second_hand_over_finds_the_first(subject: Subject) -> None:
    await subject.warehouses.create(a_dispatch("A1"))

    again = await subject.warehouses.create(a_dispatch("A1"))

    assert HandOver.ACCEPTED is again.outcome
    assert ["miniprogram/A1/1"] == subject.waiting()


async def test_a_parcel_that_still_lies_there_is_called_back(subject: Subject) -> None:
    await subject.warehouses.create(a_dispatch("A1"))

    assert CallBack.CANCELLED is await subject.warehouses.cancel(a_dispatch("A1"))
    assert CallBack.CANCELLED is await subject.warehouses.cancel(a_dispatch("A1"))
    assert [] == subject.waiting()


async def test_a_parcel_that_has_left_is_not_called_back(subject: Subject) -> None:
    await subject.warehouses.create(a_dispatch("A1"))
    subject.leave("miniprogram/A1/1")

    assert CallBack.TOO_LATE is await subject.warehouses.cancel(a_dispatch("A1"))


async def test_a_parcel_that_has_left_is_still_found(subject: Subject) -> None:
    await subject.warehouses.create(a_dispatch("A1"))
    subject.leave("miniprogram/A1/1")

    again = await subject.warehouses.create(a_dispatch("A1"))

    assert HandOver.ACCEPTED is again.outcome
    assert [] == subject.waiting()


async def test_calling_back_for_nothing_bars_the_late_hand_over(subject: Subject) -> None:
    assert CallBack.CANCELLED is await subject.warehouses.cancel(a_dispatch("A1"))

    late = await subject.warehouses.create(a_dispatch("A1"))

    assert HandOver.REFUSED is late.outcome
    assert [] == subject.waiting()


async def test_a_parcel_that_was_called_back_is_not_taken_in_again(subject: Subject) -> None:
    await subject.warehouses.create(a_dispatch("A1"))
    await subject.warehouses.cancel(a_dispatch("A1"))

    late = await subject.warehouses.create(a_dispatch("A1"))

    assert HandOver.REFUSED is late.outcome
    assert [] == subject.waiting()


async def test_a_closed_warehouse_refuses_in_its_own_words(subject: Subject) -> None:
    subject.close("HZ-XS", CLOSED)

    answer = await subject.warehouses.create(a_dispatch("A1", warehouse="HZ-XS"))

    assert HandOver.REFUSED is answer.outcome
    assert CLOSED in answer.reason
    assert [] == subject.waiting()


async def test_one_closed_warehouse_does_not_stop_another(subject: Subject) -> None:
    subject.close("HZ-XS", CLOSED)

    answer = await subject.warehouses.create(a_dispatch("A1", warehouse="HZ-SC"))

    assert HandOver.ACCEPTED is answer.outcome


async def test_the_next_parcel_of_an_order_is_another_one(subject: Subject) -> None:
    first = a_dispatch("A1")
    second = replace(first, parcel=replace(first.parcel, no=2))
    await subject.warehouses.create(first)
    await subject.warehouses.cancel(first)

    answer = await subject.warehouses.create(second)

    assert HandOver.ACCEPTED is answer.outcome
    assert ["miniprogram/A1/2"] == subject.waiting()
