"""Qimen's wire: signature, faults, and the stock behind the WMS."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from domain.errors import GatewayBusy, GatewayRefused
from domain.handover import CallBack, HandOver
from domain.parcel import Dispatch
from gateways.qimen import QimenWarehouses
from gateways.qimen_stock import WmsInventory
from gateways.qimen_wire import sign
from infra.sandbox.faults import Fault
from infra.sandbox.ledger import Doc
from infra.sandbox.partners import qimen
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from settings import Qimen
from tests.gateways.parcels import a_dispatch
from tests.sandbox.rig import Rig, rigged


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, qimen.build) as rig:
        yield rig


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up at once, so that a lost answer costs the suite no three seconds."""
    monkeypatch.setattr("gateways.qimen_line.PATIENCE_S", 0.1)


def settings_for(rig: Rig) -> Qimen:
    return Qimen(url=f"{rig.url}/router/qimen/service")


def orders(rig: Rig) -> dict[str, Doc]:
    return dict(rig.world.open_ledger("qimen").each("delivery_order"))


def test_the_signature_covers_the_sorted_query_and_the_raw_body() -> None:
    query = {
        "method": "deliveryorder.create",
        "timestamp": "2026-01-01 00:00:00",
        "format": "xml",
        "app_key": "cid",
        "v": "2.0",
        "sign_method": "md5",
        "customerId": "c1",
    }
    body = b"<request><deliveryOrder/></request>"

    assert "F9FA5FB88445E57985D2F6AE8CDBAF8A" == sign("TESTSECRET", query, body)
    assert "F9FA5FB88445E57985D2F6AE8CDBAF8A" == sign("TESTSECRET", {**query, "sign": "X"}, body)
    assert sign("TESTSECRET", query, body) != sign("TESTSECRET", query, body + b" ")


async def test_the_wms_learns_what_to_send_and_with_which_waybill(
    rig: Rig, http: httpx.AsyncClient
) -> None:
    await QimenWarehouses(settings_for(rig), http).create(a_dispatch("A1", carrier="zhongtong"))

    order = orders(rig)["miniprogram/A1/1"]

    assert ("HZ-XS", "ACCEPT") == (order["warehouse"], order["status"])
    assert ("zhongtong", "ZTO", "WA1") == (
        order["carrier"],
        order["logistics_code"],
        order["waybill"],
    )
    assert [{"sku": "1082185", "quantity": 3}] == order["items"]


async def test_prices_are_yuan_for_one_piece_and_exact_for_the_whole() -> None:
    sent = b""

    def keep(request: httpx.Request) -> httpx.Response:
        nonlocal sent
        sent = request.content
        return httpx.Response(200, text="<response><flag>success</flag></response>")

    async with httpx.AsyncClient(transport=httpx.MockTransport(keep)) as wms:
        await QimenWarehouses(Qimen(), wms).create(a_dispatch(carrier="debangkuaidi"))

    assert b"<totalAmount>40.00</totalAmount>" in sent
    assert b"<actualPrice>13.33</actualPrice>" in sent
    assert b"<logisticsCode>OTHER</logisticsCode>" in sent


async def test_a_parcel_without_a_waybill_is_not_handed_over(http: httpx.AsyncClient) -> None:
    bare = Dispatch(parcel=a_dispatch().parcel, receiver=a_dispatch().receiver)

    with pytest.raises(GatewayRefused, match="运单号"):
        await QimenWarehouses(Qimen(), http).create(bare)


async def test_a_wrong_secret_is_refused_with_the_settings_to_look_at(
    rig: Rig, http: httpx.AsyncClient
) -> None:
    settings = settings_for(rig).model_copy(update={"secret": SecretStr("wrong")})

    with pytest.raises(GatewayRefused, match=r"10004 签名校验失败.*qimen\.secret"):
        await QimenWarehouses(settings, http).create(a_dispatch())

    assert {} == orders(rig)


async def test_an_address_where_nobody_speaks_qimen_is_refused(
    rig: Rig, http: httpx.AsyncClient
) -> None:
    with pytest.raises(GatewayRefused, match=r"HTTP 404 .*qimen\.url"):
        await QimenWarehouses(Qimen(url=f"{rig.url}/nothing"), http).create(a_dispatch())


async def test_an_answer_in_another_language_is_no_answer() -> None:
    portal = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>sign in<br></html>"))
    async with httpx.AsyncClient(transport=portal) as http:
        with pytest.raises(GatewayBusy, match="奇门格式"):
            await QimenWarehouses(Qimen(), http).create(a_dispatch())


@pytest.mark.parametrize("fault", [Fault.FAIL_BEFORE, Fault.RATE_LIMIT, Fault.SESSION_LOST])
async def test_a_fault_before_the_effect_leaves_nothing_behind(
    rig: Rig, http: httpx.AsyncClient, fault: Fault
) -> None:
    with rig.always(fault), pytest.raises(GatewayBusy):
        await QimenWarehouses(settings_for(rig), http).create(a_dispatch())

    assert {} == orders(rig)


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize("fault", [Fault.FAIL_AFTER, Fault.LOST_ANSWER])
async def test_a_fault_after_the_effect_never_sends_a_parcel_twice(
    rig: Rig, http: httpx.AsyncClient, fault: Fault
) -> None:
    warehouses = QimenWarehouses(settings_for(rig), http)
    with rig.always(fault), pytest.raises(GatewayBusy):
        await warehouses.create(a_dispatch("A1"))

    again = await warehouses.create(a_dispatch("A1"))

    assert HandOver.ACCEPTED is again.outcome
    assert ["miniprogram/A1/1"] == list(orders(rig))


@pytest.mark.usefixtures("short_patience")
async def test_a_call_back_whose_answer_was_lost_is_found_done(
    rig: Rig, http: httpx.AsyncClient
) -> None:
    warehouses = QimenWarehouses(settings_for(rig), http)
    await warehouses.create(a_dispatch("A1"))
    with rig.always(Fault.LOST_ANSWER), pytest.raises(GatewayBusy):
        await warehouses.cancel(a_dispatch("A1"))

    assert CallBack.CANCELLED is await warehouses.cancel(a_dispatch("A1"))
    assert "CANCELED" == orders(rig)["miniprogram/A1/1"]["status"]


@pytest.fixture
def wire() -> Iterator[httpx.Client]:
    with httpx.Client() as wire:
        yield wire


async def test_what_an_order_has_claimed_lies_on_the_shelf_until_it_leaves(
    rig: Rig, http: httpx.AsyncClient, wire: httpx.Client
) -> None:
    floor = WarehouseFloor.of(rig.surroundings)
    floor.stock_in("HZ-YH", "1082185", 5)
    inventory = WmsInventory(settings_for(rig), wire)

    async def counted() -> dict[str, int]:
        return await asyncio.to_thread(inventory.quantities, "HZ-YH", ["1082185", "999"])

    assert {"1082185": 5, "999": 0} == await counted()

    await QimenWarehouses(settings_for(rig), http).create(a_dispatch("A1", warehouse="HZ-YH"))
    assert {"1082185": 5, "999": 0} == await counted()

    await floor.pick({"code": "miniprogram/A1/1"})
    assert {"1082185": 2, "999": 0} == await counted()
    await rig.pushes.get()


def count_told_as(quantity: str) -> dict[str, int]:
    """Ask a WMS that answers with this quantity and knows no ``lockQuantity``."""
    item = f"<items><item><itemCode>9</itemCode><quantity>{quantity}</quantity></item></items>"
    text = f"<response><flag>success</flag>{item}</response>"
    wms = httpx.MockTransport(lambda _: httpx.Response(200, text=text))
    with httpx.Client(transport=wms) as wire:
        return WmsInventory(Qimen(), wire).quantities("HZ-YH", ["9"])


def test_a_wms_that_claims_nothing_apart_is_understood() -> None:
    assert {"9": 3} == count_told_as("3")


@pytest.mark.parametrize("quantity", ["3.5", "-1", "many", ""])
def test_a_count_is_whole_pieces_or_can_not_be_read(quantity: str) -> None:
    with pytest.raises(GatewayBusy, match=r"items\.item\[1\]\.quantity"):
        count_told_as(quantity)


async def test_a_warehouse_with_too_little_refuses_and_names_the_article(
    rig: Rig, http: httpx.AsyncClient
) -> None:
    answer = await QimenWarehouses(settings_for(rig), http).create(a_dispatch(warehouse="HZ-YH"))

    assert HandOver.REFUSED is answer.outcome
    assert "库存不足:1082185" == answer.reason


async def test_a_stock_that_can_not_be_read_is_not_an_empty_one(
    rig: Rig, wire: httpx.Client
) -> None:
    inventory = WmsInventory(settings_for(rig), wire)

    with rig.always(Fault.FAIL_BEFORE), pytest.raises(GatewayBusy):
        await asyncio.to_thread(inventory.quantities, "HZ-YH", ["1082185"])
