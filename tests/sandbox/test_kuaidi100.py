"""The sandbox's kuaidi100 answers as kuaidi100 does, also to wrong calls (protocols 8.1)."""

import json
import re
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.partners.kuaidi100_words import NUMBERS, waybill_number
from tests.gateways.carrier_stage import Stage, staged

KEY = "sandbox-k100-key"
ORDER = {
    "orderId": "A1",
    "kuaidicom": "zhongtong",
    "recMan": {
        "name": "王小明",
        "mobile": "13800001234",
        "district": "西湖区",
        "printAddr": "浙江省杭州市西湖区文三路 90 号",
    },
    "sendMan": {"name": "Lifeline", "mobile": "4008000000", "printAddr": "祥园路 88 号"},
}


def signed(*parts: str) -> str:
    return md5("".join(parts).encode()).hexdigest().upper()  # noqa: S324 - kuaidi100's signature


async def label(stage: Stage, method: str, message: dict[str, Any]) -> dict[str, Any]:
    param, t = json.dumps(message), "1700000000000"
    sign = signed(param, t, KEY, "sandbox-k100-secret")
    form = {"method": method, "key": KEY, "t": t, "param": param, "sign": sign}
    return await post(stage, "/label/order", form)


async def query(stage: Stage, message: dict[str, Any]) -> dict[str, Any]:
    param = json.dumps(message)
    sign = signed(param, KEY, "SANDBOXK100")
    form = {"customer": "SANDBOXK100", "param": param, "sign": sign}
    return await post(stage, "/poll/query.do", form)


async def subscribe(stage: Stage, number: str, **changes: Any) -> dict[str, Any]:
    parameters = {
        "callbackurl": f"{stage.world.hub_url}/hooks/kuaidi100",
        "salt": "sandbox-k100-salt",
    }
    message = {"company": "zhongtong", "number": number, "key": KEY, "parameters": parameters}
    form = {"schema": "json", "param": json.dumps({**message, **changes})}
    return await post(stage, "/poll", form)


async def post(stage: Stage, path: str, form: dict[str, str]) -> dict[str, Any]:
    answer = await stage.http.post(f"{stage.url}/kuaidi100{path}", data=form)
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/label/order", {"method": "order", "t": "1", "param": json.dumps(ORDER), "sign": "0"}),
        ("/label/order", {"method": "order", "param": json.dumps(ORDER)}),
        ("/poll/query.do", {"param": "{}", "sign": "签名"}),
    ],
)
async def test_a_call_that_is_not_signed_right_is_refused_and_changes_nothing(
    tmp_path: Path, path: str, form: dict[str, str]
) -> None:
    async with staged(tmp_path) as stage:
        answer = await post(stage, path, form)

        assert (False, "503") == (answer["result"], answer["returnCode"])
        assert 0 == stage.world.open_ledger("kuaidi100").count("order")


async def test_a_subscriber_with_another_key_is_refused(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        answer = await subscribe(stage, "78000000000001", key="guessed")

        assert "600" == answer["returnCode"]
        assert 0 == stage.world.open_ledger("kuaidi100").count("subscription")


async def test_the_same_order_twice_has_one_number(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        first = await label(stage, "order", ORDER)
        second = await label(stage, "order", ORDER)

        assert 200 == first["code"]
        assert first["data"]["kuaidinum"] == second["data"]["kuaidinum"]
        assert 1 == stage.world.open_ledger("kuaidi100").count("order")


async def test_an_order_that_is_not_complete_is_refused(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        for missing in ("orderId", "kuaidicom", "recMan", "sendMan"):
            wrong = {name: value for name, value in ORDER.items() if name != missing}
            assert 400 == (await label(stage, "order", wrong))["code"]
        assert 400 == (await label(stage, "order", {**ORDER, "kuaidicom": "nobody"}))["code"]


async def test_a_method_that_was_not_granted_is_refused(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        answer = await label(stage, "printOld", {"kuaidinum": "78000000000001"})

    assert 400 == answer["code"]
    assert "method" in answer["message"]


async def test_a_cancelled_order_id_is_spent(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        never = await label(stage, "cancel", {"orderId": "A1"})
        await label(stage, "order", ORDER)
        done = await label(stage, "cancel", {"orderId": "A1"})
        twice = await label(stage, "cancel", {"orderId": "A1"})
        again = await label(stage, "order", ORDER)

    assert [404, 200, 409, 409] == [each["code"] for each in (never, done, twice, again)]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({}, 404),
        ({"kuaidinum": ""}, 400),
        ({"kuaidinum": "7" * 33}, 400),
        ({"interceptType": "MODIFY_ADDR"}, 400),
        ({"payType": ""}, 400),
        ({"payType": "NOBODY"}, 400),
    ],
)
async def test_a_wish_to_call_a_parcel_back_must_be_complete(
    tmp_path: Path, wish: dict[str, Any], code: int
) -> None:
    asked = {
        "kuaidicom": "zhongtong",
        "kuaidinum": "78000000000001",
        "interceptType": "RETURN_SEND_ADDR",
        "payType": "MONTHLY",
        **wish,
    }
    async with staged(tmp_path) as stage:
        answer = await label(stage, "interceptOrder", asked)

    assert code == answer["code"]


async def test_the_vendors_own_sdk_cancels_at_the_old_address(tmp_path: Path) -> None:
    param, t = json.dumps({"orderId": "A1", "kuaidicom": "zhongtong"}), "1700000000000"
    sign = signed(param, t, KEY, "sandbox-k100-secret")
    form = {"method": "cancel", "key": KEY, "t": t, "param": param, "sign": sign}
    async with staged(tmp_path) as stage:
        await label(stage, "order", ORDER)

        answer = await post(stage, "/eorderapi.do", form)

    assert (True, "200") == (answer["result"], answer["returnCode"])


async def test_a_number_is_subscribed_once(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        first = await subscribe(stage, "78000000000001")
        second = await subscribe(stage, "78000000000001")

    assert ("200", "501") == (first["returnCode"], second["returnCode"])


async def test_a_subscriber_is_pushed_every_scan_and_asks_the_same(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        number = (await label(stage, "order", ORDER))["data"]["kuaidinum"]
        before = await query(stage, {"com": "zhongtong", "num": number})
        await subscribe(stage, number)
        await stage.world.tell("left_warehouse", {"parcel_key": "A1", "waybill": number})
        await stage.delivered()

        found = await query(stage, {"com": "zhongtong", "num": number})
        pushes = [key for key, _ in stage.world.open_ledger("kuaidi100").each("push")]

    assert "500" == before["returnCode"]
    assert ("200", "1", "3") == (found["status"], found["ischeck"], found["state"])
    assert ["301", "5", "0", "103"] == [row["statusCode"] for row in found["data"]]
    stops = ("collected", "in_transit", "out_for_delivery", "delivered")
    assert [f"{number}/{stop}" for stop in stops] == pushes


async def test_sf_asks_for_the_end_of_the_phone(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        booked = await label(stage, "order", {**ORDER, "kuaidicom": "shunfeng"})
        number = booked["data"]["kuaidinum"]
        await subscribe(stage, number, company="shunfeng")
        await stage.world.tell("left_warehouse", {"parcel_key": "A1", "waybill": number})
        await stage.delivered()

        without = await query(stage, {"com": "shunfeng", "num": number})
        known = await query(stage, {"com": "shunfeng", "num": number, "phone": "1234"})

    assert ("408", "200") == (without["returnCode"], known["status"])


@pytest.mark.parametrize(
    ("carrier", "pattern"),
    [
        ("zhongtong", r"78\d{12}"),
        ("yuantong", r"YT\d{13}"),
        ("shentong", r"77\d{13}"),
        ("yunda", r"[34]\d{14}"),
        ("jtexpress", r"JT\d{13}"),
        ("ems", r"(10|11|12)\d{11}"),
        ("youzhengguonei", r"(96|98|99)\d{11}"),
        ("jd", r"JDV[A-Z]\d{11}"),
        ("debangkuaidi", r"DPK\d{11,}"),
        ("huitongkuaidi", r"JT\d{12,13}"),
        ("annengwuliu", r"\d{12}"),
        ("yimidida", r"\d{12}"),
    ],
)
def test_numbers_look_like_the_carriers(carrier: str, pattern: str) -> None:
    assert re.fullmatch(pattern, waybill_number(carrier, 1))


def test_no_carrier_gives_a_number_twice() -> None:
    numbers = {waybill_number(carrier, n) for carrier in NUMBERS for n in range(1, 50)}

    assert 49 * len(NUMBERS) == len(numbers)
