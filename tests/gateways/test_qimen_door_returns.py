"""What the door for the WMS's pushes makes of goods that came back."""

from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

import pytest

from domain.comeback import Pieces
from domain.errors import Untranslatable
from domain.events import Door, GoodsReturned, Push
from gateways.qimen import QimenWarehouses
from gateways.qimen_door import QimenDoor
from gateways.qimen_returns import QimenReturns
from infra.sandbox.faults import Fault
from infra.sandbox.partners import qimen
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from infra.sandbox.partners.qimen_returns import ReturnDesk
from infra.sandbox.shop import PARCEL_CAME_BACK
from settings import Qimen
from tests.gateways.parcels import AT, a_dispatch, a_return
from tests.sandbox.rig import Rig, rigged

DOOR: Door = QimenDoor(Qimen())
ORDER = a_return("A1")
CONFIRMED = (
    "<request><returnOrder><returnOrderCode>{code}</returnOrderCode>"
    "<warehouseCode>W</warehouseCode><outBizCode>BACK-7</outBizCode></returnOrder><orderLines>"
    "<orderLine><itemCode>1</itemCode><actualQty>2</actualQty></orderLine>"
    "<orderLine><itemCode>1</itemCode><actualQty>1</actualQty>"
    "<inventoryType>CC</inventoryType></orderLine>"
    "<orderLine><itemCode>2</itemCode><actualQty>0</actualQty>"
    "<inventoryType>ZP</inventoryType></orderLine></orderLines></request>"
)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, qimen.build) as rig:
        yield rig


async def bring_back(rig: Rig) -> None:
    """Send a parcel out, announce it as a return, and have it opened."""
    settings, http = Qimen(url=f"{rig.url}/router/qimen/service"), rig.surroundings.http
    floor = WarehouseFloor.of(rig.surroundings)
    await QimenWarehouses(settings, http).create(a_dispatch("A1"))
    floor.ledger.amend("delivery_order", ORDER.delivery_key, status="DELIVERED")
    await QimenReturns(settings, http).announce(ORDER)
    await rig.world.tell(PARCEL_CAME_BACK, {"waybill": ORDER.number})
    await ReturnDesk(floor).open({"code": ORDER.key})


def a_push(body: str) -> Push:
    query = {"method": "taobao.qimen.returnorder.confirm"}
    return Push(path="", headers={}, query=query, body=body.encode(), received_at=AT)


async def test_a_parcel_that_came_back_is_pushed_as_returned(rig: Rig) -> None:
    await bring_back(rig)

    push = await rig.pushes.get()
    DOOR.verify(push)
    (event,) = DOOR.read(push)

    assert isinstance(event, GoodsReturned)
    assert (ORDER.key, ORDER.warehouse) == (event.receipt.key, event.receipt.warehouse)
    assert (Pieces(sku="1082185", quantity=3),) == event.receipt.goods
    assert event.receipt.event_id in DOOR.key(push)
    assert UTC is event.receipt.at.tzinfo


async def test_a_receipt_that_is_told_twice_has_one_key(rig: Rig) -> None:
    with rig.always(Fault.DUPLICATE_PUSH):
        await bring_back(rig)
        first, second = await rig.pushes.get(), await rig.pushes.get()

    assert DOOR.key(first) == DOOR.key(second)


def test_what_came_back_broken_or_not_at_all_can_not_be_sold_again() -> None:
    (event,) = DOOR.read(a_push(CONFIRMED.format(code="m/1/return/p1")))

    assert isinstance(event, GoodsReturned)
    assert (Pieces(sku="1", quantity=2),) == event.receipt.goods


def test_without_a_time_of_its_own_a_return_was_received_when_we_heard_of_it() -> None:
    (event,) = DOOR.read(a_push(CONFIRMED.format(code="m/1/return/p1")))

    assert isinstance(event, GoodsReturned)
    assert AT == event.receipt.at


def test_a_return_that_we_did_not_announce_is_acknowledged_without_an_event() -> None:
    push = a_push(CONFIRMED.format(code="THRK-0001"))

    assert () == DOOR.read(push)
    assert "returnorder.confirm/BACK-7" == DOOR.key(push)


@pytest.mark.parametrize("field", ["returnOrderCode", "warehouseCode", "outBizCode", "actualQty"])
def test_a_field_that_is_missing_from_a_return_is_named(field: str) -> None:
    whole = CONFIRMED.format(code="m/1/return/p1")
    push = a_push(whole.replace(field, "somethingElse"))

    with pytest.raises(Untranslatable, match=field):
        DOOR.read(push)
