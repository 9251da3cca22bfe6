"""The sandbox's ERP: strict about what it takes, and audited in world hours."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.sandbox.partners import erp
from tests.fakes.hub import eventually
from tests.sandbox.rig import Rig, rigged

ORDER: dict[str, Any] = {
    "externalOrderNo": "miniprogram/MP7-00001/erp",
    "platform": "miniprogram",
    "platformOrderNo": "MP7-00001",
    "status": "paid",
    "payTime": "2026-02-06T11:30:00+08:00",
    "salesman": "",
    "consignee": "张**",
    "region": "浙江省/杭州市/西湖区",
    "goodsAmount": "10.00",
    "freight": "6.00",
    "payAmount": "16.00",
    "details": [{"lineNo": 1, "skuCode": "28165", "skuName": "蛋糕", "qty": 1, "amount": "10.00"}],
}
WORLD_DAYS_PER_SECOND = 86_400


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "sandbox", erp.build) as rig:
        yield rig


async def post(rig: Rig, order: object, token: str = erp.TOKEN) -> httpx.Response:
    return await rig.surroundings.http.post(
        f"{rig.url}/api/orders", json=order, headers={"X-Auth-Token": token}
    )


async def get(rig: Rig, key: str, token: str = erp.TOKEN) -> httpx.Response:
    return await rig.surroundings.http.get(
        f"{rig.url}/api/orders/{key}", headers={"X-Auth-Token": token}
    )


async def test_an_order_that_comes_again_has_the_same_number(rig: Rig) -> None:
    first, again = await post(rig, ORDER), await post(rig, ORDER)

    assert (201, 200) == (first.status_code, again.status_code)
    assert first.json() == again.json()
    assert "WAIT_AUDIT" == first.json()["data"]["status"]


async def test_another_order_under_the_same_key_is_a_conflict(rig: Rig) -> None:
    await post(rig, ORDER)

    assert 409 == (await post(rig, {**ORDER, "payAmount": "17.00"})).status_code


async def test_a_cancelled_order_stays_cancelled(rig: Rig) -> None:
    await post(rig, ORDER)
    await post(rig, {**ORDER, "status": "cancelled"})

    assert "CANCELLED" == (await post(rig, ORDER)).json()["data"]["status"]


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_a_stranger_is_told_nothing_and_changes_nothing(rig: Rig, token: str) -> None:
    assert 401 == (await post(rig, ORDER, token)).status_code
    assert 401 == (await get(rig, ORDER["externalOrderNo"], token)).status_code
    assert 0 == rig.world.open_ledger("erp").count("order")


async def test_an_order_that_nobody_posted_is_not_there(rig: Rig) -> None:
    assert 404 == (await get(rig, "miniprogram/X/erp")).status_code


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"phone": "13800000000"}, 422),  # a field that it does not know
        ({"consignee": "张三"}, 422),  # a name that is not masked
        ({"payAmount": "16"}, 422),
        ({"payTime": "2026-02-06 11:30:00"}, 422),
        ({"goodsAmount": "11.00"}, 422),  # not the sum of its lines
        ({"details": []}, 422),
        ({"details": [{"lineNo": 1}]}, 422),
        ({"details": [{**ORDER["details"][0], "qty": "1"}]}, 422),
        ({"details": [{**ORDER["details"][0], "amount": "zehn"}]}, 422),
    ],
)
async def test_an_order_of_another_shape_is_refused(
    rig: Rig, changes: dict[str, object], status: int
) -> None:
    assert status == (await post(rig, {**ORDER, **changes})).status_code
    assert 0 == rig.world.open_ledger("erp").count("order")


async def test_what_is_no_json_object_is_refused(rig: Rig) -> None:
    assert 400 == (await post(rig, [ORDER])).status_code


async def test_an_accountant_audits_within_world_hours(tmp_path: Path) -> None:
    async with rigged(tmp_path / "sandbox", erp.build, speed=WORLD_DAYS_PER_SECOND) as rig:
        await post(rig, ORDER)
        await eventually(lambda: _audited(rig))

        data = (await get(rig, ORDER["externalOrderNo"])).json()["data"]

    assert data["auditor"] in erp.AUDITORS
    assert data["auditTime"]


async def _audited(rig: Rig) -> bool:
    answer = await get(rig, ORDER["externalOrderNo"])
    return bool(answer.json()["data"]["status"] == "AUDITED")


async def test_a_restart_forgets_no_audit(tmp_path: Path) -> None:
    """The order was written down; the kill came before it was on anybody's agenda."""
    async with rigged(tmp_path / "sandbox", erp.build) as rig:
        await post(rig, ORDER)
        for key, _ in list(rig.world.ledger.each("agenda")):
            rig.world.ledger.drop("agenda", key)

    async with rigged(tmp_path / "sandbox", erp.build) as rig:
        agenda = [entry["what"] for _, entry in rig.world.ledger.each("agenda")]

    assert erp.AUDIT in agenda
