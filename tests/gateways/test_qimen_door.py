"""The door for the WMS's pushes: what the sandbox sends, and what nobody should."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import ForgedPush, Untranslatable
from domain.events import Door, GoodsArrived, ParcelPacked, Push
from gateways.qimen import QimenWarehouses
from gateways.qimen_door import QimenDoor
from gateways.qimen_wire import sign
from infra.sandbox.faults import Fault
from infra.sandbox.partners import qimen
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from settings import Qimen
from tests.gateways.parcels import AT, a_dispatch
from tests.sandbox.rig import Rig, rigged

DOOR: Door = QimenDoor(Qimen())
SECRET = Qimen().secret.get_secret_value()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, qimen.build) as rig:
        yield rig


async def test_a_parcel_that_leaves_is_pushed_as_packed(rig: Rig) -> None:
    settings = Qimen(url=f"{rig.url}/router/qimen/service")
    await QimenWarehouses(settings, rig.surroundings.http).create(a_dispatch("A1"))
    await WarehouseFloor.of(rig.surroundings).pick({"code": "miniprogram/A1/1"})

    push = await rig.pushes.get()
    DOOR.verify(push)
    (event,) = DOOR.read(push)

    assert isinstance(event, ParcelPacked)
    assert "miniprogram/A1/1" == event.parcel_key
    assert event.event_id in DOOR.key(push)
    assert UTC is event.at.tzinfo


async def test_goods_on_the_shelf_are_pushed_as_arrived(rig: Rig) -> None:
    goods = [("1082185", 24), ("999", 6)]
    WarehouseFloor.of(rig.surroundings).announce_receipt("HZ-XS", goods, "R1")

    push = await rig.pushes.get()
    DOOR.verify(push)

    assert (GoodsArrived(warehouse="HZ-XS", skus=("1082185", "999")),) == DOOR.read(push)


async def test_a_push_that_comes_twice_has_one_key(rig: Rig) -> None:
    with rig.always(Fault.DUPLICATE_PUSH):
        WarehouseFloor.of(rig.surroundings).announce_receipt("HZ-XS", [("1", 1)], "R1")
        first, second = await rig.pushes.get(), await rig.pushes.get()

    assert DOOR.key(first) == DOOR.key(second)


def a_push(method: str, body: str, **query: str) -> Push:
    content = f"<request>{body}</request>".encode()
    signed = {"method": method, "app_key": "sandbox-qimen-app", **query}
    signed["sign"] = sign(SECRET, signed, content)
    return Push(path="/hooks/qimen", headers={}, query=signed, body=content, received_at=AT)


CONFIRMED = (
    "<deliveryOrder><deliveryOrderCode>m/1/1</deliveryOrderCode><status>{status}</status>"
    "<outBizCode>OUT-7</outBizCode>{more}</deliveryOrder>"
)


def test_a_push_that_was_changed_on_its_way_is_forged() -> None:
    push = a_push("deliveryorder.confirm", CONFIRMED.format(status="DELIVERED", more=""))
    changed = {**push.query, "method": "entryorder.confirm"}

    DOOR.verify(push)
    for query, body in ((push.query, push.body + b" "), (changed, push.body), ({}, push.body)):
        with pytest.raises(ForgedPush):
            DOOR.verify(Push(path=push.path, headers={}, query=query, body=body, received_at=AT))


def test_the_time_a_parcel_left_is_read_as_shanghais() -> None:
    more = "<operateTime>2026-02-06 20:30:00</operateTime>"
    push = a_push("deliveryorder.confirm", CONFIRMED.format(status="DELIVERED", more=more))

    left_at = datetime(2026, 2, 6, 12, 30, tzinfo=UTC)
    assert (ParcelPacked(parcel_key="m/1/1", event_id="OUT-7", at=left_at),) == DOOR.read(push)


def test_without_a_time_of_its_own_a_parcel_left_when_we_heard_of_it() -> None:
    push = a_push("deliveryorder.confirm", CONFIRMED.format(status="DELIVERED", more=""))

    assert (ParcelPacked(parcel_key="m/1/1", event_id="OUT-7", at=AT),) == DOOR.read(push)


NOTHING_CAME = (
    "<entryOrder><status>FULFILLED</status><warehouseCode>W</warehouseCode>"
    "<outBizCode>1</outBizCode></entryOrder><orderLines><orderLine>"
    "<itemCode>9</itemCode><actualQty>0</actualQty></orderLine></orderLines>"
)


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("deliveryorder.confirm", CONFIRMED.format(status="PARTDELIVERED", more="")),
        ("taobao.qimen.orderprocess.report", "<process/>"),
        ("entryorder.confirm", NOTHING_CAME),
    ],
)
def test_what_changes_nothing_for_us_is_acknowledged_without_an_event(
    method: str, body: str
) -> None:
    push = a_push(method, body)

    assert () == DOOR.read(push)
    assert DOOR.key(push).startswith(method.removeprefix("taobao.qimen."))


def test_the_pages_of_a_large_receipt_are_told_apart() -> None:
    page = (
        "<entryOrder><outBizCode>1</outBizCode></entryOrder><orderLines><orderLine>"
        "<itemCode>{}</itemCode></orderLine></orderLines>"
    )

    first = DOOR.key(a_push("entryorder.confirm", page.format("A")))

    assert first == DOOR.key(a_push("entryorder.confirm", page.format("A")))
    assert first != DOOR.key(a_push("entryorder.confirm", page.format("B")))


@pytest.mark.parametrize("field", ["deliveryOrderCode", "status", "outBizCode"])
def test_a_missing_field_is_named_by_its_path(field: str) -> None:
    whole = CONFIRMED.format(status="DELIVERED", more="")
    push = a_push("deliveryorder.confirm", whole.replace(field, "somethingElse"))

    with pytest.raises(Untranslatable, match=rf"request\.deliveryOrder\.{field}"):
        DOOR.read(push)


@pytest.mark.parametrize(
    "body",
    ["<unclosed>", '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]><r>&e;</r>', ""],
)
def test_what_is_not_honest_xml_is_not_read(body: str) -> None:
    query = {"method": "deliveryorder.confirm"}
    push = Push(path="", headers={}, query=query, body=body.encode(), received_at=AT)

    with pytest.raises(Untranslatable, match="XML"):
        DOOR.key(push)


def test_the_door_answers_in_qimens_form() -> None:
    assert b"<flag>success</flag>" in DOOR.accept().body
    assert b"<flag>failure</flag>" in DOOR.refuse("字段 <x> 缺失").body
    assert "字段 &lt;x&gt; 缺失" in DOOR.refuse("字段 <x> 缺失").body.decode()
