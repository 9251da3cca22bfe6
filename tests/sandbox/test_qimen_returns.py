"""Goods that come back to the sandbox's WMS: announced, at the gate, opened, told once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.sandbox.ledger import Doc
from infra.sandbox.partners import qimen
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from infra.sandbox.partners.qimen_returns import ReturnDesk
from infra.sandbox.shop import GOODS_CAME_BACK, PARCEL_CAME_BACK
from tests.sandbox.rig import Rig, rigged
from tests.sandbox.test_qimen import call, shelf

SHOP, PARCEL = "miniprogram/A1", "miniprogram/A1/1"
CALLED_BACK, OF_BUYER = f"{SHOP}/return/p1", f"{SHOP}/return/cR1/1"
RETURN = (
    "<request><returnOrder><returnOrderCode>{code}</returnOrderCode>"
    "<warehouseCode>HZ-YH</warehouseCode><orderType>THRK</orderType>"
    "<preDeliveryOrderCode>{parcel}</preDeliveryOrderCode><logisticsCode>SF</logisticsCode>"
    "<senderInfo><name>s</name></senderInfo></returnOrder><orderLines><orderLine>"
    "<ownerCode>LIFELINE</ownerCode><itemCode>28165</itemCode><planQty>{pieces}</planQty>"
    "</orderLine></orderLines></request>"
)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A WMS that has sent out three of its ten pieces."""
    async with rigged(tmp_path, qimen.build) as rig:
        floor = WarehouseFloor.of(rig.surroundings)
        floor.stock_in("HZ-YH", "28165", 10)
        order: Doc = {
            "warehouse": "HZ-YH",
            "status": "DELIVERED",
            "waybill": "SF1",
            "items": [{"sku": "28165", "quantity": 2}, {"sku": "28165", "quantity": 1}],
        }
        floor.ledger.put("delivery_order", PARCEL, order)
        floor.shelves.recount()
        yield rig


@pytest.fixture
def floor(rig: Rig) -> WarehouseFloor:
    return WarehouseFloor.of(rig.surroundings)


@pytest.fixture
def desk(floor: WarehouseFloor) -> ReturnDesk:
    return ReturnDesk(floor)


async def announce(rig: Rig, code: str, pieces: int = 3, parcel: str = PARCEL) -> str:
    body = RETURN.format(code=code, pieces=pieces, parcel=parcel)
    return await call(rig, "taobao.qimen.returnorder.create", body)


async def buyer_sends(rig: Rig, pieces: int) -> None:
    goods = [{"sku": "28165", "quantity": pieces}]
    await rig.world.tell(GOODS_CAME_BACK, {"order": SHOP, "claim_id": "R1", "goods": goods})


def expected(rig: Rig) -> list[str]:
    """Tell which returns are to be opened."""
    agenda = rig.world.ledger.each("agenda")
    return [entry["payload"]["code"] for _, entry in agenda if entry["what"] == "open_return"]


def received(floor: WarehouseFloor, code: str) -> list[int]:
    order = floor.ledger.get("return_order", code) or {}
    return [item["quantity"] for item in order["received"]]


async def test_a_return_is_announced_once(rig: Rig, floor: WarehouseFloor) -> None:
    assert "<code>20000</code>" in await announce(rig, CALLED_BACK)
    assert "<code>40001</code>" in await announce(rig, CALLED_BACK)

    assert 1 == floor.ledger.count("return_order")


@pytest.mark.parametrize(
    ("parcel", "pieces", "code"), [("nobody's/1", 3, "40006"), (PARCEL, 4, "30034")]
)
async def test_only_what_this_wms_sent_out_comes_back_to_it(
    rig: Rig, floor: WarehouseFloor, parcel: str, pieces: int, code: str
) -> None:
    assert f"<code>{code}</code>" in await announce(rig, CALLED_BACK, pieces, parcel)
    assert 0 == floor.ledger.count("return_order")


@pytest.mark.parametrize(
    "field",
    ["warehouseCode", "orderType", "preDeliveryOrderCode", "logisticsCode", "ownerCode", "name"],
)
async def test_a_required_field_is_missed(rig: Rig, field: str) -> None:
    body = RETURN.format(code=CALLED_BACK, parcel=PARCEL, pieces=3).replace(field, "other")

    answer = await call(rig, "returnorder.create", body)

    assert "<code>30034</code>" in answer
    assert field in answer


async def test_announced_goods_are_opened_once_they_have_come(rig: Rig) -> None:
    await announce(rig, CALLED_BACK)
    assert [] == expected(rig)

    await rig.world.tell(PARCEL_CAME_BACK, {"waybill": "SF1"})

    assert [CALLED_BACK] == expected(rig)


async def test_what_comes_before_it_is_announced_lies_at_the_gate(rig: Rig) -> None:
    await rig.world.tell(PARCEL_CAME_BACK, {"waybill": "SF1"})
    await buyer_sends(rig, 3)
    assert [] == expected(rig)

    await announce(rig, OF_BUYER)

    assert [OF_BUYER] == expected(rig)


async def test_what_is_opened_is_on_the_shelf_and_told_once(
    rig: Rig, floor: WarehouseFloor, desk: ReturnDesk
) -> None:
    await announce(rig, CALLED_BACK)
    await rig.world.tell(PARCEL_CAME_BACK, {"waybill": "SF1"})
    assert (10, 7, 0) == shelf(floor)

    await desk.open({"code": CALLED_BACK})
    await desk.open({"code": CALLED_BACK})  # the agenda may repeat a deed after a kill

    assert (13, 10, 0) == shelf(floor)
    assert [3] == received(floor, CALLED_BACK)
    assert 1 == floor.ledger.count("push")
    assert "returnorder.confirm" == (await rig.pushes.get()).query["method"]


async def test_only_what_a_buyer_has_sent_is_received(
    rig: Rig, floor: WarehouseFloor, desk: ReturnDesk
) -> None:
    await announce(rig, OF_BUYER)
    await buyer_sends(rig, 2)

    await desk.open({"code": OF_BUYER})

    assert [2] == received(floor, OF_BUYER)
    assert (12, 9, 0) == shelf(floor)
    await rig.pushes.get()


async def test_one_parcel_of_a_buyer_serves_several_returns_piece_by_piece(
    rig: Rig, floor: WarehouseFloor, desk: ReturnDesk
) -> None:
    """What left in two parcels comes back in one."""
    second = f"{SHOP}/return/cR1/2"
    await announce(rig, OF_BUYER, 2)
    await announce(rig, second, 2)
    await buyer_sends(rig, 3)

    for code in (OF_BUYER, second):
        await desk.open({"code": code})
        await rig.pushes.get()

    assert ([2], [1]) == (received(floor, OF_BUYER), received(floor, second))


async def test_a_restart_opens_what_has_come_and_counts_what_was_opened(
    rig: Rig, floor: WarehouseFloor, desk: ReturnDesk
) -> None:
    await announce(rig, CALLED_BACK)
    await rig.world.tell(PARCEL_CAME_BACK, {"waybill": "SF1"})
    await announce(rig, OF_BUYER, 1)
    await buyer_sends(rig, 1)
    await desk.open({"code": CALLED_BACK})
    await rig.pushes.get()
    floor.ledger.drop("push", f"BACK-{CALLED_BACK}")  # killed before it was told
    rig.world.ledger.drop("agenda", f"open_return/{OF_BUYER}")

    floor.resume()
    desk.resume()

    assert (13, 10, 0) == shelf(floor)
    assert OF_BUYER in expected(rig)
    assert b"BACK-" in (await rig.pushes.get()).body
