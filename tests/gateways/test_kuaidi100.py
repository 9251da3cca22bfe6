"""What kuaidi100 signs, says and pushes, and what we make of it (protocols 8.1, 12)."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from domain.clock import utc_now
from domain.comeback import Interception
from domain.errors import ForgedPush, GatewayBusy, GatewayRefused, Untranslatable
from domain.events import ParcelScanned, Push
from domain.parcel import Milestone, Waybill
from gateways.kuaidi100 import Kuaidi100Carriers
from gateways.kuaidi100_call import signature
from gateways.kuaidi100_door import Kuaidi100Door
from gateways.kuaidi100_track import milestone_of
from settings import Kuaidi100, Label
from tests.gateways.carrier_stage import a_dispatch, kuaidi100_settings, staged

PARAM = '{"com":"yuantong","num":"YT9693083639795"}'
DOOR = Kuaidi100Door(Kuaidi100())
ROW = {"time": "2026-01-31 07:30:00", "context": "【杭州市】已揽收", "status": "揽收"}
TRACK = {"message": "ok", "status": "200", "com": "yuantong", "nu": "YT9693083639795"}
WAYBILL = Waybill(carrier="yuantong", number="YT9693083639795", route_code="", at=utc_now())


def a_push(param: str, sign: str | None = None) -> Push:
    form = {"param": param, "sign": signature(param, "sandbox-k100-salt") if sign is None else sign}
    return Push(
        path="/hooks/kuaidi100",
        headers={},
        query={},
        body=urlencode(form).encode(),
        received_at=utc_now(),
    )


def a_track(*rows: dict[str, str]) -> str:
    last = {**TRACK, "data": list(rows)}
    return json.dumps({"status": "polling", "lastResult": last}, ensure_ascii=False)


def kuaidi100_that_says(
    **answers: dict[str, object],
) -> tuple[Kuaidi100Carriers, httpx.AsyncClient]:
    """One answer for each interface: ``order``, ``poll``, ``query``."""

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[request.url.path.rsplit("/", 1)[-1].split(".")[0]])

    http = httpx.AsyncClient(transport=httpx.MockTransport(reply))
    return Kuaidi100Carriers(Kuaidi100(), Label(), http), http


BOOKED: dict[str, object] = {"code": 200, "data": {"kuaidinum": "YT9693083639795"}}


def test_a_question_is_signed_as_we_computed_by_hand() -> None:
    assert "F1A51E17F4A3F05B9F5D3FCF163957C3" == signature(PARAM, "KEY", "CUST")


def test_a_push_is_signed_as_we_computed_by_hand() -> None:
    assert "15B28E03DC537A572D0909B747FC5A5D" == signature(PARAM, "SALT")


async def test_a_number_that_is_subscribed_already_is_booked_all_the_same() -> None:
    again: dict[str, object] = {"result": False, "returnCode": "501", "message": "重复订阅"}
    carriers, http = kuaidi100_that_says(order=BOOKED, poll=again)

    async with http:
        waybill = await carriers.book(a_dispatch("yuantong"))

    assert "YT9693083639795" == waybill.number


async def test_a_parcel_is_not_booked_before_its_scans_are_subscribed() -> None:
    ill: dict[str, object] = {"result": False, "returnCode": "500", "message": "服务器错误"}
    carriers, http = kuaidi100_that_says(order=BOOKED, poll=ill)

    async with http:
        with pytest.raises(GatewayBusy):
            await carriers.book(a_dispatch("yuantong"))


async def test_a_parcel_is_called_back_from_whoever_carries_it_now() -> None:
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"code": 200, "data": {}})

    async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
        carriers = Kuaidi100Carriers(Kuaidi100(), Label(), http)
        await carriers.intercept(replace(a_dispatch("zhongtong"), waybill=WAYBILL))

    form = {name: values[0] for name, values in parse_qs(seen[0].content.decode()).items()}
    assert "interceptOrder" == form["method"]
    assert {
        "kuaidicom": "yuantong",
        "kuaidinum": "YT9693083639795",
        "orderId": "miniprogram/77/1",
        "interceptType": "RETURN_SEND_ADDR",
        "orderRole": "1",
        "payType": "MONTHLY",
        "interceptPayType": "MONTHLY",
    } == json.loads(form["param"])
    assert form["sign"] == signature(
        form["param"], form["t"], "sandbox-k100-key", "sandbox-k100-secret"
    )


@pytest.mark.parametrize("code", [410, 411])
async def test_a_parcel_that_can_no_longer_be_stopped_is_an_answer_and_no_fault(code: int) -> None:
    carriers, http = kuaidi100_that_says(order={"code": code, "message": "无法拦截"})

    async with http:
        answer = await carriers.intercept(replace(a_dispatch("yuantong"), waybill=WAYBILL))

    assert Interception.TOO_LATE is answer


async def test_nobody_can_call_back_a_parcel_that_kuaidi100_does_not_know() -> None:
    carriers, http = kuaidi100_that_says(order={"code": 404, "message": "订单不存在"})

    async with http:
        with pytest.raises(GatewayRefused, match="404"):
            await carriers.intercept(replace(a_dispatch("yuantong"), waybill=WAYBILL))


@pytest.mark.parametrize(
    ("code", "fault"),
    [("502", GatewayBusy), ("501", GatewayBusy), ("503", GatewayRefused), ("400", GatewayRefused)],
)
async def test_what_a_query_that_fails_means(code: str, fault: type[Exception]) -> None:
    answer: dict[str, object] = {"result": False, "returnCode": code, "message": "失败"}
    carriers, http = kuaidi100_that_says(query=answer)

    async with http:
        with pytest.raises(fault):
            await carriers.trace(WAYBILL, "1234")


async def test_no_result_yet_is_an_empty_trace() -> None:
    answer: dict[str, object] = {"result": False, "returnCode": "500", "message": "查询无结果"}
    carriers, http = kuaidi100_that_says(query=answer)

    async with http:
        assert () == await carriers.trace(WAYBILL, "1234")


async def test_a_trace_is_told_oldest_first_whatever_its_order() -> None:
    signed = {"time": "2026-02-01 18:00:00", "context": "已签收", "status": "签收"}
    carriers, http = kuaidi100_that_says(query={**TRACK, "data": [signed, ROW]})

    async with http:
        scans = await carriers.trace(WAYBILL, "1234")

    assert [Milestone.COLLECTED, Milestone.DELIVERED] == [scan.milestone for scan in scans]


async def test_a_push_and_a_question_tell_the_same_scans(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        carriers = Kuaidi100Carriers(kuaidi100_settings(stage), Label(), stage.http)
        dispatch = a_dispatch("zhongtong")
        waybill = await carriers.book(dispatch)
        await stage.deliver(dispatch, waybill)

        asked = await carriers.trace(waybill, "1234")

        (last,) = [
            event
            for push in stage.hub.pushes
            for event in DOOR.read(push)
            if isinstance(event, ParcelScanned)
            and Milestone.DELIVERED in {scan.milestone for scan in event.scans}
        ]
        assert asked == last.scans


def test_a_push_knows_the_number_only_and_its_time_is_chinas() -> None:
    (event,) = DOOR.read(a_push(a_track(ROW)))

    assert isinstance(event, ParcelScanned)
    assert ("yuantong", "YT9693083639795") == (event.carrier, event.waybill)
    assert event.parcel_key is None
    (scan,) = event.scans
    assert Milestone.COLLECTED is scan.milestone
    assert datetime(2026, 1, 30, 23, 30, tzinfo=UTC) == scan.at


def test_a_subscription_that_was_given_up_tells_nothing() -> None:
    assert () == DOOR.read(a_push('{"status":"abort","message":"3天查询无记录"}'))


def test_only_what_kuaidi100_signed_is_believed() -> None:
    DOOR.verify(a_push(PARAM))

    for sign in ("", "0" * 32, signature(PARAM, "another salt"), "签名"):
        with pytest.raises(ForgedPush):
            DOOR.verify(a_push(PARAM, sign))


def test_a_redelivered_push_has_the_same_key_and_a_new_scan_another() -> None:
    more = a_track(ROW, {**ROW, "time": "2026-01-31 09:00:00", "status": "在途"})

    assert DOOR.key(a_push(a_track(ROW))) == DOOR.key(a_push(a_track(ROW)))
    assert DOOR.key(a_push(a_track(ROW))) != DOOR.key(a_push(more))


def test_a_push_that_kuaidi100_does_not_promise_names_the_field() -> None:
    with pytest.raises(Untranslatable) as fault:
        DOOR.read(a_push(a_track({**ROW, "time": "刚刚"})))

    assert "lastResult.data.0.time" == fault.value.path


@pytest.mark.parametrize(
    ("state", "milestone"),
    [
        ("101", Milestone.BOOKED),  # a printed label is not a first scan
        ("103", Milestone.COLLECTED),
        ("1", Milestone.COLLECTED),
        ("1001", Milestone.IN_TRANSIT),
        ("5", Milestone.OUT_FOR_DELIVERY),
        ("304", Milestone.DELIVERED),
        ("4", Milestone.RETURNED),
        ("14", Milestone.PROBLEM),
        ("6", Milestone.PROBLEM),  # on its way back is not back
        ("987", Milestone.IN_TRANSIT),
    ],
)
def test_what_kuaidi100_states_mean(state: str, milestone: Milestone) -> None:
    assert milestone is milestone_of(state)


def test_got_it_and_not_like_this_are_said_in_kuaidi100s_form() -> None:
    got_it = {"result": True, "returnCode": "200", "message": "成功"}

    assert got_it == json.loads(DOOR.accept().body)
    assert json.loads(DOOR.refuse("字段缺失").body)["result"] is False
