"""What the mini program says, in our words, or the field that is wrong."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.gazetteer import place_of
from channels.mapping import ChannelMapping
from domain.errors import Untranslatable
from domain.order import Order, Place
from domain.parcel import ShipmentNews, Waybill
from tests.channels.miniprogram_orders import a_push

NOW = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
MAPPING = ChannelMapping.load("miniprogram", "1")


def translate(push: Any) -> Order:
    """Take a push apart and read the order in it, as the door does."""
    body = push if isinstance(push, bytes) else json.dumps(push).encode()
    (event,) = MAPPING.unpack(body)
    assert event is not None
    seen = MAPPING.order(event.document, NOW, lambda phone: f"hash of {phone}")
    assert seen.order is not None
    return seen.order


def test_a_paid_order_is_told_in_our_words() -> None:
    order = translate(a_push())

    assert order.id == "miniprogram/MP7-00001"
    assert order.leader == "L07"
    assert order.buyer_key == "hash of 13800000001"
    assert order.paid_at == datetime(2026, 2, 6, 3, 59, 59, 123000, tzinfo=UTC)
    assert order.received_at == NOW
    assert order.receiver.place == Place(longitude=120.13, latitude=30.26)
    assert [(line.no, line.sku, line.quantity, line.paid_fen) for line in order.lines] == [
        (1, "844054", 2, 1990),
        (2, "1050422", 1, 1000),
    ]
    assert (order.freight_fen, order.paid_fen) == (500, 3490)


def test_an_order_without_leader_or_coordinates_goes_to_the_centre_of_its_district() -> None:
    push = a_push(leader_id=None)
    del push["receiver"]["longitude"]

    order = translate(push)

    assert order.leader is None
    assert order.receiver.place == place_of("浙江省", "杭州市", "西湖区")


def test_a_field_that_nobody_knows_is_tolerated() -> None:
    assert translate(a_push(coupon={"id": 7})) == translate(a_push())


@pytest.mark.parametrize(
    ("where", "value", "path"),
    [
        (("order_no",), "MP/1", "$.order_no"),
        (("order_no",), 5, "$.order_no"),
        (("paid_at",), 1_770_350_399, "$.paid_at"),  # seconds, read as milliseconds: 1970
        (("paid_at",), 10**15, "$.paid_at"),
        (("items", 1, "paid_amount"), 10.0, "$.items[1].paid_amount"),
        (("items", 1, "paid_amount"), True, "$.items[1].paid_amount"),
        (("items", 1, "paid_amount"), -1, "$.items[1].paid_amount"),
        (("items", 1, "paid_amount"), 10**30, "$.items[1].paid_amount"),
        (("items", 0, "quantity"), 0, "$.items[0].quantity"),
        (("items", 0, "sku"), "", "$.items[0].sku"),
        (("items", 0), "two pears", "$.items[0].sku"),
        (("items",), [], "$.items"),
        (("items",), {"sku": "844054"}, "$.items"),
        (("receiver",), None, "$.receiver.phone"),
        (("receiver", "latitude"), 91.0e9, "$.receiver.latitude"),
        (("leader_id",), 7, "$.leader_id"),
        (("pay_amount",), 3491, "$.pay_amount"),  # the parts make 3490
    ],
)
def test_a_wrong_field_is_named_in_the_channels_own_words(
    where: tuple[Any, ...], value: Any, path: str
) -> None:
    push: Any = a_push()
    spot = push
    for step in where[:-1]:
        spot = spot[step]
    spot[where[-1]] = value

    with pytest.raises(Untranslatable) as fault:
        translate(push)

    assert fault.value.path == path
    assert path in str(fault.value)


@pytest.mark.parametrize("field", ["order_no", "paid_at", "receiver", "items", "freight"])
def test_a_missing_field_is_named(field: str) -> None:
    push = a_push()
    del push[field]

    with pytest.raises(Untranslatable) as fault:
        translate(push)

    assert fault.value.path.startswith(f"$.{field}")
    assert "缺少该字段" in str(fault.value)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b'{"a":"\\ud800"}', b'{"a":1'])
def test_bytes_that_are_no_document_are_refused_whole(body: bytes) -> None:
    with pytest.raises(Untranslatable) as fault:
        translate(body)

    assert fault.value.path == "$"


def test_a_wrong_phone_number_is_not_repeated_in_the_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    push = a_push()
    push["receiver"]["phone"] = 13800000001

    with pytest.raises(Untranslatable) as fault:
        translate(push)

    assert fault.value.path == "$.receiver.phone"
    assert "13800000001" not in str(fault.value) + caplog.text


def test_a_shipment_is_told_in_the_channels_words() -> None:
    waybill = Waybill(carrier="shunfeng", number="SF1000000000001", route_code="", at=NOW)
    order = translate(a_push())
    news = ShipmentNews(
        order_id=order.id,
        channel=order.channel,
        number=order.number,
        key=f"{order.id}/1",
        waybill=waybill,
        line_nos=(1, 2),
    )

    api = MAPPING.api
    assert api is not None
    assert api.shipped.body({"news": MAPPING.news(news, news.waybill.number)}) == {
        "event_id": "miniprogram/MP7-00001/1",
        "order_no": "MP7-00001",
        "status": "shipped",
        "carrier": "shunfeng",
        "tracking_no": "SF1000000000001",
        "lines": [1, 2],
    }
