"""The data behind the scenario: articles, warehouses, districts, baskets (``data/NOTICE.md``)."""

import csv
import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from infra.sandbox.ledger import Doc

DATA = Path(__file__).parent / "data"
BULKY_CM3 = 30_000  # from here on only a warehouse close by will do


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A point on the map, in degrees."""

    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article; its price is for one piece."""

    sku: str
    name: str
    band: str
    volume_cm3: int
    price_fen: int
    made_to_order: bool = False

    @property
    def bulky(self) -> bool:
        """Whether only a warehouse close by may send it."""
        return self.volume_cm3 > BULKY_CM3


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """A warehouse; ``stock`` says who counts it: the merchant's ``database`` or the ``wms``."""

    code: str
    bands: frozenset[str]
    spot: Spot
    stock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district of a city and its centre."""

    province: str
    city: str
    name: str
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What one household bought at once: SKUs and pieces."""

    household: str
    lines: list[tuple[str, int]] = field(default_factory=list)


@functools.cache
def articles() -> dict[str, Article]:
    """Tell all articles by SKU."""
    return {
        row["sku"]: Article(
            sku=row["sku"],
            name=row["name"],
            band=row["temperature"],
            volume_cm3=int(row["volume_cm3"]),
            price_fen=int(row["price_fen"]),
            made_to_order=row["made_to_order"] == "1",
        )
        for row in _rows("skus.csv")
    }


@functools.cache
def warehouses() -> tuple[Warehouse, ...]:
    """Tell the warehouses, in the order of the file."""
    return tuple(
        Warehouse(
            code=row["code"],
            bands=frozenset(row["bands"].split("+")),
            spot=_spot(row),
            stock=row["stock"],
        )
        for row in _rows("warehouses.csv")
    )


@functools.cache
def districts(city: str) -> dict[str, District]:
    """Tell a city's districts by name."""
    return {
        row["district"]: District(
            province=row["province"], city=city, name=row["district"], spot=_spot(row)
        )
        for row in _rows("districts.csv")
        if row["city"] == city
    }


@functools.cache
def baskets() -> tuple[Basket, ...]:
    """Tell the baskets, in the order of the file."""
    found: dict[str, Basket] = {}
    for row in _rows("baskets.csv"):
        basket = found.setdefault(row["basket"], Basket(household=row["household"]))
        basket.lines.append((row["sku"], int(row["quantity"])))
    return tuple(found.values())


def _spot(row: dict[str, str]) -> Spot:
    return Spot(longitude=float(row["longitude"]), latitude=float(row["latitude"]))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def pieces_of(goods: Iterable[Doc]) -> Counter[str]:
    """Add up the pieces of each article in ``{sku, quantity}`` documents."""
    pieces = Counter[str]()
    for item in goods:
        pieces[item["sku"]] += item["quantity"]
    return pieces
