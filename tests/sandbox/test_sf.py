"""The sandbox's SF answers as SF does, also to whoever calls it wrongly (protocols 4)."""

import json
from base64 import b64encode
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from infra.sandbox.partners.road import USUALLY, Stop, timetable
from tests.gateways.carrier_stage import Stage, staged

CONTACTS = [
    {"contactType": 1, "contact": "Lifeline", "tel": "4008000000", "address": "祥园路 88 号"},
    {
        "contactType": 2,
        "contact": "王小明",
        "mobile": "13800001234",
        "county": "西湖区",
        "address": "文三路 90 号",
    },
]
ORDER = {
    "orderId": "A1",
    "cargoDetails": [{"name": "鲜牛奶"}],
    "contactInfoList": CONTACTS,
    "monthlyCard": "7551234567",
}


def a_form(service: str, message: dict[str, Any], timestamp: str = "1700000000") -> dict[str, str]:
    """Sign as a client does that knows the documents, not our code."""
    data = json.dumps(message, ensure_ascii=False)
    text = quote_plus(data + timestamp + "sandbox-sf-check-word", safe="*")
    return {
        "partnerID": "SANDBOXSF",
        "requestID": "1",
        "serviceCode": service,
        "timestamp": timestamp,
        "msgDigest": b64encode(md5(text.encode()).digest()).decode(),  # noqa: S324 - SF's signature
        "msgData": data,
    }


async def post(stage: Stage, form: dict[str, str]) -> dict[str, Any]:
    answer = await stage.http.post(f"{stage.url}/sf/std/service", data=form)
    told: dict[str, Any] = answer.json()
    return told


async def ask(stage: Stage, service: str, message: dict[str, Any]) -> dict[str, Any]:
    outer = await post(stage, a_form(service, message))
    assert "A1000" == outer["apiResultCode"]
    inner: dict[str, Any] = json.loads(outer["apiResultData"])
    return inner


def number_in(inner: dict[str, Any]) -> str:
    return str(inner["msgData"]["waybillNoInfoList"][0]["waybillNo"])


@pytest.mark.parametrize("timestamp", ["1700000000", "1700000000000"])
async def test_seconds_and_milliseconds_are_both_taken(tmp_path: Path, timestamp: str) -> None:
    async with staged(tmp_path) as stage:
        outer = await post(stage, a_form("EXP_RECE_CREATE_ORDER", ORDER, timestamp))

    assert "A1000" == outer["apiResultCode"]


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        ({"msgDigest": "AAAA"}, "A1006"),
        ({"msgData": '{"orderId":"B2"}'}, "A1006"),
        ({"partnerID": "SOMEONE"}, "A1004"),
        ({"timestamp": ""}, "A1001"),
        ({"timestamp": "昨天"}, "A1001"),
    ],
)
async def test_a_call_that_is_not_signed_right_is_refused_and_changes_nothing(
    tmp_path: Path, spoiled: dict[str, str], code: str
) -> None:
    async with staged(tmp_path) as stage:
        outer = await post(stage, {**a_form("EXP_RECE_CREATE_ORDER", ORDER), **spoiled})

        assert code == outer["apiResultCode"]
        assert 0 == stage.world.open_ledger("sf").count("order")


async def test_a_service_that_was_not_granted_is_refused_by_the_platform(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        outer = await post(stage, a_form("EXP_RECE_QUERY_DELIVERTM", {"waybillNo": "SF1"}))

    assert "A1004" == outer["apiResultCode"]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"waybillNo": "SF1"}, "6150"),
        ({"waybillNo": ""}, "S0002"),
        ({"serviceCode": 1}, "S0002"),  # to another address
        ({"role": 2}, "S0002"),
        ({"payMode": None}, "S0002"),
    ],
)
async def test_a_wish_to_call_a_parcel_back_must_be_complete(
    tmp_path: Path, wish: dict[str, Any], code: str
) -> None:
    asked = {"waybillNo": "SF1", "serviceCode": 2, "role": 1, "payMode": 1, **wish}
    async with staged(tmp_path) as stage:
        inner = await ask(stage, "EXP_RECE_WANTED_INTERCEPT", asked)

    assert code == inner["errorCode"]


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ({"orderId": ""}, "S0002"),
        ({"contactInfoList": CONTACTS[1:]}, "1010"),
        ({"contactInfoList": CONTACTS[:1]}, "1014"),
        ({"contactInfoList": [CONTACTS[0], {**CONTACTS[1], "mobile": ""}]}, "1016"),
        ({"cargoDetails": []}, "1023"),
        ({"monthlyCard": "12"}, "6126"),
    ],
)
async def test_an_order_that_is_not_complete_is_refused_in_sfs_words(
    tmp_path: Path, missing: dict[str, Any], code: str
) -> None:
    async with staged(tmp_path) as stage:
        inner = await ask(stage, "EXP_RECE_CREATE_ORDER", {**ORDER, **missing})

    assert (False, code) == (inner["success"], inner["errorCode"])


async def test_a_number_is_sf_and_thirteen_digits_and_never_given_again(tmp_path: Path) -> None:
    numbers = []
    for order_id in ("A1", "A2"):  # the sandbox stops and starts in between
        async with staged(tmp_path) as stage:
            inner = await ask(stage, "EXP_RECE_CREATE_ORDER", {**ORDER, "orderId": order_id})
            numbers.append(number_in(inner))

    assert 2 == len(set(numbers))
    assert all(n.startswith("SF") and n[2:].isdigit() and len(n) == 15 for n in numbers)


async def test_the_same_order_twice_is_a_duplicate_and_can_be_asked_for(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        first = await ask(stage, "EXP_RECE_CREATE_ORDER", ORDER)
        second = await ask(stage, "EXP_RECE_CREATE_ORDER", ORDER)
        found = await ask(stage, "EXP_RECE_SEARCH_ORDER_RESP", {"orderId": "A1"})
        unknown = await ask(stage, "EXP_RECE_SEARCH_ORDER_RESP", {"orderId": "A9"})

    assert "8016" == second["errorCode"]
    assert number_in(first) == number_in(found)
    assert "6150" == unknown["errorCode"]


async def test_a_cancelled_order_id_is_spent(tmp_path: Path) -> None:
    wish = {"orderId": "A1", "dealType": 2}
    async with staged(tmp_path) as stage:
        never = await ask(stage, "EXP_RECE_UPDATE_ORDER", wish)
        await ask(stage, "EXP_RECE_CREATE_ORDER", ORDER)
        done = await ask(stage, "EXP_RECE_UPDATE_ORDER", wish)
        twice = await ask(stage, "EXP_RECE_UPDATE_ORDER", wish)
        again = await ask(stage, "EXP_RECE_CREATE_ORDER", ORDER)

    assert "8024" == never["errorCode"]
    assert 2 == done["msgData"]["resStatus"]
    assert ("8037", "8037") == (twice["errorCode"], again["errorCode"])


async def test_the_ledger_explains_an_order(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        number = number_in(await ask(stage, "EXP_RECE_CREATE_ORDER", ORDER))
        ledger = stage.world.open_ledger("sf")

        order, route = ledger.get("order", "A1"), ledger.get("route", number)
        (call,) = ledger.calls()

    assert order is not None
    assert (number, "live", "西湖区") == (
        order["waybill"],
        order["status"],
        order["receiver_district"],
    )
    assert {"order_id": "A1", "carrier": "shunfeng", "routes": [], "phone_tail": "1234"} == route
    assert ("EXP_RECE_CREATE_ORDER", "A1", "S0000") == call[1:]


async def test_a_label_that_leaves_after_its_cancellation_is_an_incident(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        number = number_in(await ask(stage, "EXP_RECE_CREATE_ORDER", ORDER))
        await ask(stage, "EXP_RECE_UPDATE_ORDER", {"orderId": "A1", "dealType": 2})

        await stage.world.tell("left_warehouse", {"parcel_key": "A1", "waybill": number})

        assert ["A1"] == [d["order_id"] for _, d in stage.world.open_ledger("sf").each("incident")]
        assert 0 == stage.world.ledger.count("agenda")


async def test_a_parcel_of_another_carrier_does_not_move(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.world.tell("left_warehouse", {"parcel_key": "A1", "waybill": "YT1"})

        assert 0 == stage.world.ledger.count("agenda")


async def test_every_scan_is_pushed_under_an_id_of_its_own(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        number = number_in(await ask(stage, "EXP_RECE_CREATE_ORDER", ORDER))
        await stage.world.tell("left_warehouse", {"parcel_key": "A1", "waybill": number})
        await stage.delivered()

        kept = [key for key, _ in stage.world.open_ledger("sf").each("push")]

    assert [f"{number[2:]}{code}" for code in ("50", "30", "204", "80")] == kept


async def test_a_parcel_goes_on_where_it_was_when_the_sandbox_stopped(tmp_path: Path) -> None:
    async with staged(tmp_path, speed=1) as stage:
        number = number_in(await ask(stage, "EXP_RECE_CREATE_ORDER", ORDER))
        await stage.world.tell("left_warehouse", {"parcel_key": "A1", "waybill": number})

    async with staged(tmp_path) as stage:
        await stage.delivered()
        route = stage.world.open_ledger("sf").get("route", number)

    assert route is not None
    assert [stop.value for stop in USUALLY] == [scan["stop"] for scan in route["routes"]]


def test_a_parcel_is_collected_within_the_hour_and_delivered_within_two_days() -> None:
    for count in range(200):
        stops = timetable(f"SF{count:013d}")
        times = [stops[stop] for stop in USUALLY]

        assert times == sorted(times)
        assert 30 * 60 < stops[Stop.COLLECTED].total_seconds() < 60 * 60
        assert 36 * 3600 < stops[Stop.DELIVERED].total_seconds() < 48 * 3600
