"""What the MES pushes, and what we make of it."""

import json
from datetime import UTC, datetime

import pytest

from domain.errors import ForgedPush, Untranslatable
from domain.events import GoodsMade, Push
from gateways.mes_door import MesDoor
from settings import Mes

DOOR = MesDoor(Mes())
TOKEN = Mes().token.get_secret_value()
COMPLETION = {
    "completion_no": "WG-1",
    "order_no": "miniprogram/MP7-00001",
    "sku": "28165",
    "quantity": 2,
    "finished_at": "2026-11-22T14:40:00+08:00",
    "status": "completed",
}
AT = datetime(2026, 11, 22, 6, 40, tzinfo=UTC)


def a_push(body: object = COMPLETION, token: str = TOKEN) -> Push:
    return Push(
        path="/hooks/mes",
        headers={"x-mes-token": token},
        query={},
        body=json.dumps(body).encode(),
        received_at=AT,
    )


def changed(**changes: object) -> Push:
    return a_push({**COMPLETION, **changes})


def test_a_completion_is_goods_made() -> None:
    assert (
        GoodsMade(
            completion_id="WG-1",
            order_id="miniprogram/MP7-00001",  # type: ignore[arg-type] # an id is text here
            sku="28165",
            quantity=2,
            at=AT,
        ),
    ) == DOOR.read(a_push())


@pytest.mark.parametrize("word", ["completed", "Done", "FINISHED", "完工"])
def test_each_word_for_made_means_made(word: str) -> None:
    assert 1 == len(DOOR.read(changed(status=word)))


@pytest.mark.parametrize("word", ["started", "scrapped"])
def test_what_is_not_made_says_nothing_to_an_order(word: str) -> None:
    assert () == DOOR.read(changed(status=word))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T06:40:00Z",
        "2026-11-22 14:40:00",
        "2026/11/22 14:40",
        "2026/11/22 14:40:00",
    ],
)
def test_a_time_without_a_zone_is_chinese_time(text: str) -> None:
    (made,) = DOOR.read(changed(finished_at=text))

    assert AT == made.at


def test_a_spreadsheet_s_time_needs_no_leading_noughts() -> None:
    (made,) = DOOR.read(changed(finished_at="2026/3/2 9:05"))

    assert datetime(2026, 3, 2, 1, 5, tzinfo=UTC) == made.at


def test_the_chinese_name_of_the_number_will_do() -> None:
    told = {"产线完工单号": "WG-7", **COMPLETION}
    del told["completion_no"]

    (made,) = DOOR.read(a_push(told))

    assert "WG-7" == made.completion_id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("completion_no", ""),
        ("completion_no", "x" * 129),
        ("order_no", "MP7-00001"),
        ("order_no", None),
        ("sku", " "),
        ("quantity", 0),
        ("quantity", "-1"),
        ("quantity", "2.5"),
        ("quantity", 10**12),
        ("finished_at", "昨天"),
        ("status", "perhaps"),
    ],
)
def test_a_field_that_is_wrong_is_named(field: str, value: object) -> None:
    with pytest.raises(Untranslatable) as fault:
        DOOR.read(changed(**{field: value}))

    assert field == fault.value.path


@pytest.mark.parametrize("body", [[COMPLETION], "x", None, 7])
def test_what_is_no_object_is_no_completion(body: object) -> None:
    with pytest.raises(Untranslatable):
        DOOR.key(a_push(body))


def test_the_same_completion_twice_is_one_push() -> None:
    assert DOOR.key(a_push()) == DOOR.key(changed(finished_at="2026-11-22T15:00:00+08:00"))
    assert DOOR.key(a_push()) != DOOR.key(changed(status="started"))
    assert DOOR.key(a_push()) != DOOR.key(changed(completion_no="WG-2"))


@pytest.mark.parametrize("token", ["", "wrong", "错误"])
def test_a_push_without_the_token_is_forged(token: str) -> None:
    with pytest.raises(ForgedPush, match=r"mes\.token") as fault:
        DOOR.verify(a_push(token=token))

    assert 401 == DOOR.refuse(str(fault.value)).status


def test_a_push_with_the_token_is_genuine() -> None:
    DOOR.verify(a_push())

    assert {"code": 0, "msg": "ok"} == json.loads(DOOR.accept().body)
    assert 400 == DOOR.refuse("字段 sku 无法识别").status
