"""Articles, receivers and questions that the routing tests share."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from domain.catalogue import Sku
from domain.order import Line, Order, Place, Receiver, order_id
from domain.parcel import Band
from domain.routing import RoutingQuestion
from rulebook.routing import RoutingBook, load_routing

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"
DATA = ROOT / "infra" / "sandbox" / "data"

A_MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten in the morning in China


@cache
def the_book() -> RoutingBook:
    return load_routing(RULES)


def a_sku(code: str, band: Band = Band.AMBIENT, volume_cm3: int = 1_000) -> Sku:
    return Sku(code=code, name=code, band=band, weight_g=500, volume_cm3=volume_cm3, price_fen=990)


MILK = a_sku("牛奶", Band.CHILLED)
RICE = a_sku("大米")
ICE = a_sku("雪糕", Band.FROZEN)
WARDROBE = a_sku("衣柜", volume_cm3=30_001)

XIHU = Place(longitude=120.130194, latitude=30.259463)


def a_receiver(
    place: Place | None = XIHU, district: str = "西湖区", city: str = "杭州市"
) -> Receiver:
    return Receiver(
        name="测试",
        phone="13800000000",
        province="浙江省",
        city=city,
        district=district,
        address="测试路 1 号",
        place=place,
    )


def a_question(
    *wanted: tuple[str, int],
    receiver: Receiver | None = None,
    without: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    next_parcel_no: int = 1,
) -> RoutingQuestion:
    """Ask for ``(sku, quantity)`` each, one line after the other."""
    lines = tuple(
        Line(no=no, sku=sku, name=sku, quantity=quantity, paid_fen=100 * quantity)
        for no, (sku, quantity) in enumerate(wanted, 1)
    )
    to = receiver or a_receiver()
    return RoutingQuestion(
        order=Order(
            id=order_id("test", "1"),
            channel="test",
            number="1",
            buyer_key="b",
            leader=None,
            paid_at=A_MONDAY,
            received_at=A_MONDAY,
            receiver=to,
            lines=lines,
            freight_fen=0,
            paid_fen=sum(line.paid_fen for line in lines),
        ),
        receiver=to,
        lines=tuple(line.no for line in lines),
        next_parcel_no=next_parcel_no,
        without=without,
        only=only,
    )


def full(skus: Iterable[Sku], pieces: int = 100) -> Mapping[tuple[str, str], int]:
    """Put every article into every warehouse, also where it has no business to be."""
    return {(house.code, sku.code): pieces for house in the_book().warehouses for sku in skus}


@cache
def real_skus() -> Mapping[str, Sku]:
    with (DATA / "skus.csv").open(encoding="utf-8") as file:
        return {
            row["sku"]: Sku(
                code=row["sku"],
                name=row["name"],
                band=Band(row["temperature"]),
                weight_g=int(row["weight_g"]),
                volume_cm3=int(row["volume_cm3"]),
                price_fen=int(row["price_fen"]),
            )
            for row in csv.DictReader(file)
        }


@cache
def real_baskets() -> Mapping[str, tuple[tuple[str, int], ...]]:
    baskets: dict[str, list[tuple[str, int]]] = {}
    with (DATA / "baskets.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            baskets.setdefault(row["basket"], []).append((row["sku"], int(row["quantity"])))
    return {basket: tuple(lines) for basket, lines in baskets.items()}


@cache
def hangzhou() -> tuple[Receiver, ...]:
    with (DATA / "districts.csv").open(encoding="utf-8") as file:
        return tuple(
            a_receiver(
                Place(longitude=float(row["longitude"]), latitude=float(row["latitude"])),
                row["district"],
            )
            for row in csv.DictReader(file)
            if row["city"] == "杭州市"
        )
