"""The shop's door: what is let in, what it is called, and what is answered."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.buyer import buyer_key
from domain.errors import ForgedPush, Untranslatable
from domain.events import OrderPaid, Push
from gateways.miniprogram import MiniProgramDoor, signature
from settings import MiniProgram
from tests.channels.miniprogram_orders import a_push

NOW = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
SECRET = b"sandbox-miniprogram-secret"
STAMP = str(int(NOW.timestamp()))
DOOR = MiniProgramDoor(MiniProgram(), lambda phone: buyer_key(b"key", phone))


def signed(
    body: bytes, headers: Mapping[str, str] | None = None, *, late: timedelta = timedelta(0)
) -> Push:
    right = {
        "x-lifeline-timestamp": STAMP,
        "x-lifeline-nonce": "n1",
        "x-lifeline-sign": signature(SECRET, STAMP, "n1", body),
    }
    return Push(
        path="/api/order/create",
        headers={**right, **(headers or {})},
        query={},
        body=body,
        received_at=NOW + late,
    )


def written(**changes: Any) -> bytes:
    return json.dumps(a_push(**changes)).encode()


def test_the_signature_is_the_published_one() -> None:
    """Worked out by hand: ``printf '1\\nn\\n{}' | openssl dgst -sha256 -hmac key``."""
    wanted = "a61b88d51f666d84e9e969c832ad839815a5232874776d1263b110a8c2c48a3d"
    assert signature(b"key", "1", "n", b"{}") == wanted


def test_a_signed_order_comes_in() -> None:
    push = signed(written())

    DOOR.verify(push)
    (event,) = DOOR.read(push)

    assert isinstance(event, OrderPaid)
    assert event.order.id == "miniprogram/MP7-00001"
    assert event.order.received_at == NOW
    assert event.order.buyer_key == buyer_key(b"key", "13800000001")


@pytest.mark.parametrize(
    "push",
    [
        signed(written(), {"x-lifeline-sign": ""}),
        signed(written(), {"x-lifeline-sign": "验"}),
        signed(written(), {"x-lifeline-nonce": "n2"}),
        signed(written(), {"x-lifeline-timestamp": str(int(STAMP) + 1)}),
        signed(written(), {"x-lifeline-sign": signature(b"other", STAMP, "n1", written())}),
    ],
)
def test_what_the_shop_did_not_sign_stays_out(push: Push) -> None:
    with pytest.raises(ForgedPush) as fault:
        DOOR.verify(push)

    answer = DOOR.refuse(str(fault.value))
    assert (answer.status, json.loads(answer.body)["code"]) == (401, 40001)


@pytest.mark.parametrize("late_s", [301, -301])
def test_a_timestamp_far_from_our_clock_is_stale(late_s: int) -> None:
    with pytest.raises(ForgedPush) as fault:
        DOOR.verify(signed(written(), late=timedelta(seconds=late_s)))

    answer = DOOR.refuse(str(fault.value))
    assert (answer.status, json.loads(answer.body)["code"]) == (401, 40002)


def test_a_timestamp_within_five_minutes_is_fresh() -> None:
    DOOR.verify(signed(written(), late=timedelta(seconds=300)))


def test_a_signed_timestamp_that_is_no_time_is_stale() -> None:
    sign = signature(SECRET, "soon", "n1", written())
    push = signed(written(), {"x-lifeline-timestamp": "soon", "x-lifeline-sign": sign})

    with pytest.raises(ForgedPush, match="时间戳"):
        DOOR.verify(push)


def test_a_redelivery_has_the_same_name() -> None:
    again = signed(written(), {"x-lifeline-nonce": "n2"}, late=timedelta(seconds=9))

    assert DOOR.key(signed(written())) == DOOR.key(again)


def test_other_words_about_the_same_order_have_another_name() -> None:
    first, second = DOOR.key(signed(written())), DOOR.key(signed(written(remark="放门口")))

    assert first != second
    assert first.startswith("MP7-00001/")
    assert second.startswith("MP7-00001/")


def test_a_wrong_field_is_refused_by_its_name() -> None:
    with pytest.raises(Untranslatable) as fault:
        DOOR.key(signed(written(order_no=None)))

    answer = DOOR.refuse(str(fault.value))
    assert (answer.status, json.loads(answer.body)["code"]) == (400, 40003)
    assert "$.order_no" in json.loads(answer.body)["msg"]


def test_got_it_is_code_zero() -> None:
    answer = DOOR.accept()

    assert (answer.status, json.loads(answer.body)) == (200, {"code": 0, "msg": "ok"})


def test_a_buyer_is_known_without_the_phone() -> None:
    key = buyer_key(b"key", "13800000001")

    assert key == buyer_key(b"key", "13800000001")
    assert key != buyer_key(b"other", "13800000001")
    assert len(key) == 32
