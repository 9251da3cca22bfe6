"""The WMS of the sandbox: strict at its gate, honest about its shelves."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from infra.sandbox.ledger import Doc
from infra.sandbox.partners import qimen
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from infra.sandbox.partners.qimen_wire import APP_KEY, CUSTOMER, sign
from tests.sandbox.rig import Rig, rigged

ORDER = (
    "<request><deliveryOrder><deliveryOrderCode>{code}</deliveryOrderCode>"
    "<orderType>JYCK</orderType><warehouseCode>{warehouse}</warehouseCode>"
    "<createTime>2026-02-06 12:00:00</createTime>"
    "<placeOrderTime>2026-02-06 12:00:00</placeOrderTime>"
    "<operateTime>2026-02-06 12:00:00</operateTime><shopNick>s</shopNick>"
    "<logisticsCode>SF</logisticsCode><expressCode>SF1</expressCode>"
    "<receiverInfo><name>n</name><mobile>1</mobile><province>p</province><city>c</city>"
    "<detailAddress>d</detailAddress></receiverInfo></deliveryOrder><orderLines>"
    "<orderLine><ownerCode>LIFELINE</ownerCode><itemCode>28165</itemCode><planQty>2</planQty>"
    "<actualPrice>1.00</actualPrice></orderLine>"
    "<orderLine><ownerCode>LIFELINE</ownerCode><itemCode>28165</itemCode><planQty>1</planQty>"
    "<actualPrice>1.00</actualPrice></orderLine></orderLines></request>"
)
CANCEL = (
    "<request><warehouseCode>HZ-YH</warehouseCode><orderCode>{code}</orderCode>"
    "<orderType>JYCK</orderType></request>"
)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, qimen.build) as rig:
        yield rig


@pytest.fixture
def floor(rig: Rig) -> WarehouseFloor:
    return WarehouseFloor.of(rig.surroundings)


async def call(rig: Rig, method: str, body: str, **changed: str) -> str:
    """Make a signed call; ``changed`` alters the query after it was signed."""
    query = {"method": method, "app_key": APP_KEY, "customerId": CUSTOMER, "v": "2.0"}
    query["sign"] = sign(query, body.encode())
    answer = await rig.surroundings.http.post(
        f"{rig.url}/router/qimen/service", params=query | changed, content=body.encode()
    )
    assert httpx.codes.OK == answer.status_code
    return answer.text


async def create(rig: Rig, code: str, warehouse: str = "HZ-YH") -> str:
    body = ORDER.format(code=code, warehouse=warehouse)
    return await call(rig, "taobao.qimen.deliveryorder.create", body)


def shelf(floor: WarehouseFloor) -> tuple[int, int, int]:
    doc = floor.shelves.look("HZ-YH", "28165")
    return doc["received"], doc["quantity"], doc["locked"]


@pytest.mark.parametrize("changed", [{"sign": "00"}, {"app_key": "x"}, {"v": "3.0"}])
async def test_a_call_that_is_not_signed_to_the_letter_is_declined(
    rig: Rig, floor: WarehouseFloor, changed: dict[str, str]
) -> None:
    body = ORDER.format(code="1", warehouse="HZ-XS")

    answer = await call(rig, "deliveryorder.create", body, **changed)

    assert "<code>10004</code>" in answer
    assert 0 == floor.ledger.count("delivery_order")


@pytest.mark.parametrize(
    ("method", "body", "code"),
    [
        ("deliveryorder.guess", "<request/>", "30002"),
        ("deliveryorder.create", "<request>", "30033"),
        ("deliveryorder.create", "<request/>", "30034"),
        ("order.cancel", "<request><orderCode>1</orderCode></request>", "30034"),
    ],
)
async def test_a_wrong_call_gets_the_code_for_it(
    rig: Rig, method: str, body: str, code: str
) -> None:
    answer = await call(rig, method, body)

    assert "<flag>failure</flag>" in answer
    assert f"<code>{code}</code>" in answer


@pytest.mark.parametrize("prefix", ["", "taobao.qimen."])
async def test_a_method_has_a_long_and_a_short_name(rig: Rig, prefix: str) -> None:
    body = ORDER.format(code="1", warehouse="HZ-XS")

    assert "<code>20000</code>" in await call(rig, f"{prefix}deliveryorder.create", body)


async def test_two_lines_of_one_article_claim_it_together(rig: Rig, floor: WarehouseFloor) -> None:
    floor.stock_in("HZ-YH", "28165", 2)
    assert "库存不足" in await create(rig, "1")

    floor.stock_in("HZ-YH", "28165", 1)
    assert "<flag>success</flag>" in await create(rig, "1")

    assert (3, 0, 3) == shelf(floor)


async def test_a_cancelled_order_gives_its_goods_back_once(rig: Rig, floor: WarehouseFloor) -> None:
    floor.stock_in("HZ-YH", "28165", 5)
    await create(rig, "1")

    for _ in range(2):
        assert "<flag>success</flag>" in await call(rig, "order.cancel", CANCEL.format(code="1"))

    assert (5, 5, 0) == shelf(floor)
    assert "<code>40004</code>" in await create(rig, "1")


async def test_an_order_that_leaves_is_told_to_the_carriers_and_to_the_hub_once(
    rig: Rig, floor: WarehouseFloor
) -> None:
    heard: list[Doc] = []

    async def hear(payload: Doc) -> None:
        heard.append(payload)

    rig.world.listen("left_warehouse", hear)
    floor.stock_in("HZ-YH", "28165", 5)
    await create(rig, "1")

    await floor.pick({"code": "1"})
    await floor.pick({"code": "1"})  # the agenda may repeat a deed after a kill

    left = {"parcel_key": "1", "warehouse": "HZ-YH", "carrier": "shunfeng", "waybill": "SF1"}
    assert [left, left] == heard
    assert 1 == floor.ledger.count("push")
    assert (5, 2, 0) == shelf(floor)
    assert "<code>40005</code>" in await call(rig, "order.cancel", CANCEL.format(code="1"))
    assert "deliveryorder.confirm" == (await rig.pushes.get()).query["method"]


async def test_a_cancelled_order_never_leaves(rig: Rig, floor: WarehouseFloor) -> None:
    floor.stock_in("HZ-YH", "28165", 5)
    await create(rig, "1")
    await call(rig, "order.cancel", CANCEL.format(code="1"))

    await floor.pick({"code": "1"})

    assert 0 == floor.ledger.count("push")
    assert "CANCELED" == dict(floor.ledger.each("delivery_order"))["1"]["status"]


async def test_an_order_waits_for_its_picker_about_twenty_minutes(rig: Rig) -> None:
    await create(rig, "1", "HZ-XS")

    ((key, errand),) = rig.world.ledger.each("agenda")

    assert ("pick/1", {"code": "1"}) == (key, errand["payload"])


async def test_the_picker_comes_by_himself(tmp_path: Path) -> None:
    async with rigged(tmp_path, qimen.build, speed=50_000) as rig:
        await create(rig, "1", "HZ-XS")

        push = await rig.pushes.get()

        assert b"<deliveryOrderCode>1</deliveryOrderCode>" in push.body
        orders = dict(rig.world.open_ledger("qimen").each("delivery_order"))
        assert "DELIVERED" == orders["1"]["status"]


async def test_where_the_wms_counts_no_stock_it_refuses_nobody_for_it(
    rig: Rig, floor: WarehouseFloor
) -> None:
    floor.stock_in("HZ-XS", "28165", 7)

    assert "<flag>success</flag>" in await create(rig, "1", "HZ-XS")
    assert 0 == floor.ledger.count("inventory")


async def test_a_reopened_warehouse_takes_orders_again(rig: Rig, floor: WarehouseFloor) -> None:
    floor.close("HZ-XS", "停电")
    assert "停止接单:停电" in await create(rig, "1", "HZ-XS")

    floor.reopen("HZ-XS")

    assert "<flag>success</flag>" in await create(rig, "1", "HZ-XS")


async def test_a_restart_counts_the_shelves_again_and_sends_the_pickers(
    rig: Rig, floor: WarehouseFloor
) -> None:
    floor.stock_in("HZ-YH", "28165", 10)
    await create(rig, "left")
    await create(rig, "waits")
    await floor.pick({"code": "left"})
    await rig.pushes.get()
    floor.ledger.amend("inventory", "HZ-YH/28165", quantity=99, locked=99)  # killed in between
    rig.world.ledger.drop("agenda", "pick/waits")

    floor.resume()

    assert (10, 4, 3) == shelf(floor)
    assert "pick/waits" in dict(rig.world.ledger.each("agenda"))
