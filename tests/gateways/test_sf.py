"""What SF signs, says and pushes, and what we make of it (protocols 4, 12)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from domain.clock import utc_now
from domain.comeback import Interception
from domain.errors import ForgedPush, GatewayBusy, GatewayRefused, Untranslatable
from domain.events import ParcelScanned, Push
from domain.parcel import Milestone, Waybill
from gateways.sf import SfExpress
from gateways.sf_door import SfDoor
from gateways.sf_service import digest
from settings import Label, Sf
from tests.gateways.carrier_stage import a_dispatch, staged

DOOR = SfDoor(Sf())
PATH = "/hooks/sf/sandbox-sf-path"
ROUTE = {
    "id": "16789",
    "mailno": "SF1424600000001",
    "orderid": "miniprogram/77/1",
    "acceptTime": "2026-01-31 07:30:00",
    "acceptAddress": "杭州市",
    "remark": "顺丰速运 已收取快件",
    "opCode": "50",
    "reasonCode": "",
}


def a_push(*routes: Mapping[str, str | None], path: str = PATH) -> Push:
    body = json.dumps({"Body": {"WaybillRoute": routes}}, ensure_ascii=False).encode()
    return Push(path=path, headers={}, query={}, body=body, received_at=utc_now())


def sf_that_says(
    answer: dict[str, object], seen: list[httpx.Request] | None = None
) -> tuple[SfExpress, httpx.AsyncClient]:
    """SF with one answer for everything; what it is asked is put into ``seen``."""

    def reply(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return httpx.Response(200, json=answer)

    http = httpx.AsyncClient(transport=httpx.MockTransport(reply))
    return SfExpress(Sf(), Label(), http), http


def delivered(inner: dict[str, object]) -> dict[str, object]:
    return {"apiResultCode": "A1000", "apiErrorMsg": "", "apiResultData": json.dumps(inner)}


def done(data: dict[str, object]) -> dict[str, object]:
    return delivered({"success": True, "errorCode": "S0000", "errorMsg": None, "msgData": data})


def test_the_digest_is_the_one_that_we_computed_by_hand() -> None:
    message = '{"orderId":"QIAO-1","language":"zh-CN"}'

    assert "/Cax0nBKoJtcGhxKZvYzUA==" == digest(message, "1700000000000", "TESTSECRET")


def test_the_digest_encodes_as_java_does() -> None:
    """Java leaves the star bare and encodes the tilde; a space becomes a plus."""
    md5_of_java_text = "Zp6DtHDMeweWu6HJHrKzxw=="  # of a*b%7Ec+d1w, by openssl

    assert md5_of_java_text == digest("a*b~c d", "1", "w")


async def test_a_call_carries_the_digest_of_exactly_what_it_sends() -> None:
    seen: list[httpx.Request] = []
    numbers = [{"waybillType": 1, "waybillNo": "SF1424600000001"}]
    sf, http = sf_that_says(done({"filterResult": 2, "waybillNoInfoList": numbers}), seen)

    async with http:
        await sf.book(a_dispatch("shunfeng"))

    form = {name: values[0] for name, values in parse_qs(seen[0].content.decode()).items()}
    assert "EXP_RECE_CREATE_ORDER" == form["serviceCode"]
    assert "miniprogram/77/1" == json.loads(form["msgData"])["orderId"]
    assert form["msgDigest"] == digest(form["msgData"], form["timestamp"], "sandbox-sf-check-word")


A_NUMBER = Waybill(carrier="shunfeng", number="SF1424600000001", route_code="", at=utc_now())
ON_THE_ROAD = replace(a_dispatch("shunfeng"), waybill=A_NUMBER)


async def test_a_parcel_is_called_back_by_its_sender_who_pays() -> None:
    seen: list[httpx.Request] = []
    sf, http = sf_that_says(done({}), seen)

    async with http:
        await sf.intercept(ON_THE_ROAD)

    form = {name: values[0] for name, values in parse_qs(seen[0].content.decode()).items()}
    assert "EXP_RECE_WANTED_INTERCEPT" == form["serviceCode"]
    assert {
        "waybillNo": "SF1424600000001",
        "serviceCode": 2,
        "role": 1,
        "payMode": 1,
        "monthlyCardNo": Sf().monthly_card,
    } == json.loads(form["msgData"])
    assert form["msgDigest"] == digest(form["msgData"], form["timestamp"], "sandbox-sf-check-word")


async def test_a_parcel_that_can_no_longer_be_stopped_is_an_answer_and_no_fault() -> None:
    sf, http = sf_that_says(
        delivered({"success": False, "errorCode": "8253", "errorMsg": "已派送"})
    )

    async with http:
        assert Interception.TOO_LATE is await sf.intercept(ON_THE_ROAD)


async def test_nobody_can_call_back_a_parcel_that_sf_does_not_know() -> None:
    sf, http = sf_that_says(delivered({"success": False, "errorCode": "6150", "errorMsg": "无单"}))

    async with http:
        with pytest.raises(GatewayRefused, match="6150"):
            await sf.intercept(ON_THE_ROAD)


async def test_the_main_number_counts_and_not_the_sub_numbers() -> None:
    numbers = [
        {"waybillType": 2, "waybillNo": "SF0000000000002"},
        {"waybillType": 1, "waybillNo": "SF0000000000001"},
    ]
    sf, http = sf_that_says(done({"filterResult": 2, "waybillNoInfoList": numbers}))

    async with http:
        waybill = await sf.book(a_dispatch("shunfeng"))

    assert "SF0000000000001" == waybill.number
    assert "" == waybill.route_code


async def test_an_address_that_sf_does_not_serve_is_refused_with_its_remark() -> None:
    sf, http = sf_that_says(done({"filterResult": 3, "remark": "超出服务范围"}))

    async with http:
        with pytest.raises(GatewayRefused, match="超出服务范围"):
            await sf.book(a_dispatch("shunfeng"))


async def test_an_order_whose_number_is_not_made_yet_is_asked_for_again() -> None:
    sf, http = sf_that_says(done({"filterResult": 1, "waybillNoInfoList": None}))

    async with http:
        with pytest.raises(GatewayBusy):
            await sf.book(a_dispatch("shunfeng"))


@pytest.mark.parametrize("code", ["A1005", "A1009", "A1099"])
async def test_a_platform_that_is_ill_or_throttles_is_busy(code: str) -> None:
    sf, http = sf_that_says({"apiResultCode": code, "apiErrorMsg": "稍后再试"})

    async with http:
        with pytest.raises(GatewayBusy) as busy:
            await sf.book(a_dispatch("shunfeng"))

    assert (timedelta(seconds=1) if code == "A1005" else None) == busy.value.wait


async def test_a_signature_that_sf_does_not_accept_is_for_a_person() -> None:
    sf, http = sf_that_says({"apiResultCode": "A1006", "apiErrorMsg": "数字签名无效"})

    async with http:
        with pytest.raises(GatewayRefused) as refused:
            await sf.book(a_dispatch("shunfeng"))

    assert "A1006" == refused.value.code


@pytest.mark.parametrize("code", ["6150", "8018", "8024", "8037"])
async def test_what_is_not_booked_counts_as_cancelled(code: str) -> None:
    answer = delivered({"success": False, "errorCode": code, "errorMsg": "未下单"})
    sf, http = sf_that_says(answer)

    async with http:
        await sf.cancel(a_dispatch("shunfeng"))


async def test_another_refusal_to_cancel_is_for_a_person() -> None:
    answer = delivered({"success": False, "errorCode": "8252", "errorMsg": "订单已确认"})
    sf, http = sf_that_says(answer)

    async with http:
        with pytest.raises(GatewayRefused) as refused:
            await sf.cancel(a_dispatch("shunfeng"))

    assert "8252" == refused.value.code


async def test_an_answer_that_sf_does_not_promise_names_the_field() -> None:
    sf, http = sf_that_says(delivered({"errorCode": "S0000"}))

    async with http:
        with pytest.raises(Untranslatable) as fault:
            await sf.book(a_dispatch("shunfeng"))

    assert "success" == fault.value.path


async def test_nobody_without_the_phone_is_told_the_trace(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        sf = SfExpress(Sf(url=f"{stage.url}/sf/std/service"), Label(), stage.http)
        dispatch = a_dispatch("shunfeng")
        waybill = await sf.book(dispatch)
        await stage.deliver(dispatch, waybill)

        assert () == await sf.trace(waybill, "9999")
        assert 4 == len(await sf.trace(waybill, "1234"))


async def test_a_push_and_a_question_tell_the_same_scan(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        sf = SfExpress(Sf(url=f"{stage.url}/sf/std/service"), Label(), stage.http)
        dispatch = a_dispatch("shunfeng")
        waybill = await sf.book(dispatch)
        await stage.deliver(dispatch, waybill)

        asked = await sf.trace(waybill, "1234")

        events = [event for push in stage.hub.pushes for event in DOOR.read(push)]
        pushed = {s for e in events if isinstance(e, ParcelScanned) for s in e.scans}
        assert asked[-1] in pushed
        assert pushed <= set(asked)


def test_a_push_carries_our_parcel_key_and_its_time_is_chinas() -> None:
    (event,) = DOOR.read(a_push(ROUTE))

    assert isinstance(event, ParcelScanned)
    assert ("shunfeng", "SF1424600000001") == (event.carrier, event.waybill)
    assert "miniprogram/77/1" == event.parcel_key
    (scan,) = event.scans
    assert Milestone.COLLECTED is scan.milestone
    assert datetime(2026, 1, 30, 23, 30, tzinfo=UTC) == scan.at


def test_a_push_of_many_scans_is_one_event_for_each_parcel_oldest_scan_first() -> None:
    later = {**ROUTE, "id": "16790", "acceptTime": "2026-01-31 12:00:00", "opCode": "30"}
    other = {**ROUTE, "id": "16791", "mailno": "SF1424600000002", "orderid": None}

    events = DOOR.read(a_push(later, other, ROUTE))

    told = [
        (event.waybill, event.parcel_key, [scan.milestone for scan in event.scans])
        for event in events
        if isinstance(event, ParcelScanned)
    ]
    assert [
        ("SF1424600000001", "miniprogram/77/1", [Milestone.COLLECTED, Milestone.IN_TRANSIT]),
        ("SF1424600000002", None, [Milestone.COLLECTED]),
    ] == told


def test_a_redelivered_push_has_the_same_key_and_another_scan_another() -> None:
    other = {**ROUTE, "id": "16790"}

    assert DOOR.key(a_push(ROUTE, other)) == DOOR.key(a_push(other, ROUTE))
    assert DOOR.key(a_push(ROUTE)) != DOOR.key(a_push(other))


def test_whoever_does_not_know_the_path_is_not_believed() -> None:
    DOOR.verify(a_push(ROUTE))

    for path in ("/hooks/sf/guess", "/hooks/sf/", "/hooks/sf/sandbox-sf-pat", "/hooks/sf/秘密"):
        with pytest.raises(ForgedPush):
            DOOR.verify(a_push(ROUTE, path=path))


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda: a_push({**ROUTE, "acceptTime": "昨天"}), "Body.WaybillRoute.0.acceptTime"),
        (lambda: a_push({**ROUTE, "opCode": None}), "Body.WaybillRoute.0.opCode"),
        (a_push, "Body.WaybillRoute"),
    ],
)
def test_a_push_that_sf_does_not_promise_names_the_field(
    spoil: Callable[[], Push], path: str
) -> None:
    with pytest.raises(Untranslatable) as fault:
        DOOR.read(spoil())

    assert path == fault.value.path


@pytest.mark.parametrize(
    ("op_code", "milestone"),
    [
        ("54", Milestone.COLLECTED),
        ("3036", Milestone.IN_TRANSIT),
        ("44", Milestone.OUT_FOR_DELIVERY),
        ("33", Milestone.PROBLEM),
        ("80", Milestone.DELIVERED),
        ("31415", Milestone.IN_TRANSIT),  # a code that SF adds changes nothing
    ],
)
def test_what_sf_codes_mean(op_code: str, milestone: Milestone) -> None:
    (event,) = DOOR.read(a_push({**ROUTE, "opCode": op_code}))

    assert isinstance(event, ParcelScanned)
    assert milestone is event.scans[0].milestone


def test_got_it_and_not_like_this_are_said_in_sfs_form() -> None:
    assert {"return_code": "0000", "return_msg": "成功"} == json.loads(DOOR.accept().body)
    assert "1000" == json.loads(DOOR.refuse("字段缺失").body)["return_code"]


async def test_a_trace_of_a_waybill_that_sf_does_not_know_is_empty(tmp_path: Path) -> None:
    waybill = Waybill(carrier="shunfeng", number="SF9999999999999", route_code="", at=utc_now())
    async with staged(tmp_path) as stage:
        sf = SfExpress(Sf(url=f"{stage.url}/sf/std/service"), Label(), stage.http)

        assert () == await sf.trace(waybill, "1234")
