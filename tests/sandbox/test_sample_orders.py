"""Sample orders: the same for the same seed, and such that some warehouse can serve them."""

import math

import pytest

from channels.mapping import ChannelMapping
from domain.clock import utc_now
from infra.sandbox.goods import Spot, articles, districts, warehouses
from infra.sandbox.ledger import Doc
from infra.sandbox.people import LEADERS, STREETS
from infra.sandbox.sample_orders import CHANNELS, SampleOrders, used_skus

ORDERS = [SampleOrders(7).order(n) for n in range(1, 401)]


def distance_m(order: Doc, spot: Spot) -> float:
    receiver = order["receiver"]
    north = (receiver["latitude"] - spot.latitude) * 111_320
    east = (receiver["longitude"] - spot.longitude) * 111_320 * math.cos(math.radians(30.25))
    return math.hypot(north, east)


def test_the_same_seed_gives_the_same_orders() -> None:
    assert [SampleOrders(7).order(n) for n in (400, 2, 1)] == [ORDERS[399], ORDERS[1], ORDERS[0]]
    assert SampleOrders(8).order(1)["items"] != ORDERS[0]["items"]


def test_an_orders_number_tells_its_seed_and_its_place() -> None:
    assert ORDERS[0]["order_no"] == "MP7-00001"
    assert SampleOrders(8).order(12345)["order_no"] == "MP8-12345"


def test_every_sample_is_an_order_in_the_hubs_eyes() -> None:
    mapping = ChannelMapping.load("miniprogram", "1")

    for order in ORDERS:
        told = mapping.order({**order, "paid_at": 1_770_350_399_123}, utc_now(), str).order
        assert told is not None
        assert told.number == order["order_no"]
        assert told.paid_fen == order["pay_amount"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_a_channel_that_tells_no_coordinates_sells_can_be_sent_from_afar(
    channel: str,
) -> None:
    orders = [SampleOrders(7).order(n, channel) for n in range(1, 101)]

    bulky = {
        item["sku"] for order in orders for item in order["items"] if articles()[item["sku"]].bulky
    }
    assert bool(bulky) is (channel == "miniprogram")
    assert 100 == len({order["order_no"] for order in orders})


def test_buyers_live_within_two_kilometres_of_a_district_of_hangzhou() -> None:
    for order in ORDERS:
        district = districts("杭州市")[order["receiver"]["district"]]
        assert distance_m(order, district.spot) <= 2_000
    assert {order["receiver"]["district"] for order in ORDERS} == set(STREETS)


def test_bulky_goods_go_where_an_ambient_warehouse_is_close() -> None:
    close_by = [house.spot for house in warehouses() if "ambient" in house.bands]
    bulky = [
        order for order in ORDERS if any(articles()[item["sku"]].bulky for item in order["items"])
    ]

    assert bulky
    for order in bulky:
        assert min(distance_m(order, spot) for spot in close_by) <= 2_000


def test_a_household_is_one_buyer() -> None:
    homes: dict[str, set[str]] = {}
    for order in ORDERS:
        homes.setdefault(order["receiver"]["phone"], set()).add(order["receiver"]["address"])

    assert all(len(addresses) == 1 for addresses in homes.values())
    assert len(homes) < len(ORDERS)


def test_leaders_bring_some_of_the_orders() -> None:
    brought = {order["leader_id"] for order in ORDERS}

    assert brought == {None, *LEADERS}


@pytest.mark.parametrize("order", ORDERS[:50], ids=lambda order: str(order["order_no"]))
def test_an_order_names_articles_that_there_are(order: Doc) -> None:
    assert {item["sku"] for item in order["items"]} <= used_skus()
    for item in order["items"]:
        full_fen = articles()[item["sku"]].price_fen * item["quantity"]
        assert full_fen * 85 <= item["paid_amount"] * 100 <= full_fen * 100
