"""The merchant's goods: on the shelf as the receipts say, once, whatever is killed in between."""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest

from infra.migrate import migrate_stock
from infra.sandbox import goods
from infra.sandbox.partners import qimen
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from infra.sandbox.scenario import GOODS_IN, RESTOCK, SHORT_PIECES, WAVES, Scenario
from infra.sandbox.stock_database import FAULTS, StockDatabase
from infra.sandbox.world import World
from settings import StockNames
from tests.mariadb import mariadb
from tests.sandbox.rig import Rig, rigged

__all__ = ["mariadb"]

SOME = {sku: goods.articles()[sku] for sku in list(goods.articles())[::200]}


@pytest.fixture(autouse=True)
def _few_goods(monkeypatch: pytest.MonkeyPatch) -> None:
    """One article in two hundred, and every fourth of them short."""
    monkeypatch.setattr("infra.sandbox.scenario.articles", lambda: SOME)
    monkeypatch.setattr("infra.sandbox.scenario.used_skus", lambda: frozenset(SOME))
    monkeypatch.setattr("infra.sandbox.scenario.SHORT_SHARE", 0.25)


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def stock_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'stock.sqlite'}"
    if request.param == "mariadb":
        url = request.getfixturevalue("mariadb").create("sandbox_stock")
    migrate_stock(url, StockNames())
    return url


@dataclass
class House:
    """A scenario, and a look at everything that it wrote."""

    scenario: Scenario
    rig: Rig
    url: str

    @property
    def world(self) -> World:
        return self.rig.world

    def receipts(self) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for _, doc in self.world.ledger.each("receipt"):
            found[doc["warehouse"], doc["sku"]] += doc["quantity"]
        return found

    def shelves(self) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for warehouse, sku, on_hand in rows(self.url):
            found[warehouse, sku] += on_hand
        for key, shelf in self.world.open_ledger("qimen").each("inventory"):
            warehouse, _, sku = key.partition("/")
            found[warehouse, sku] += shelf["received"]
        return found


def rows(url: str) -> list[Any]:
    connection: Any
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    else:
        host, _, database = url.removeprefix("mysql://root@").partition("/")
        port = int(host.partition(":")[2])
        connection = pymysql.connect(host="127.0.0.1", port=port, user="root", database=database)
    with contextlib.closing(connection):
        cursor = connection.cursor()
        cursor.execute("SELECT warehouse, sku, on_hand FROM stock_item")
        return list(cursor.fetchall())


@pytest.fixture
async def house(tmp_path: Path, stock_url: str) -> AsyncIterator[House]:
    async with rigged(tmp_path / "ledgers", qimen.build) as rig:
        floor = WarehouseFloor.of(rig.surroundings)
        yield House(Scenario(rig.world, floor, StockDatabase(stock_url)), rig, stock_url)


async def test_every_warehouse_has_every_article_of_its_bands(house: House) -> None:
    house.scenario.prepare()

    wanted = {
        (warehouse.code, sku)
        for warehouse in goods.warehouses()
        for sku, article in SOME.items()
        if article.band in warehouse.bands
    }
    assert house.receipts().keys() == wanted
    assert +house.shelves() == +house.receipts()


async def test_short_articles_are_short_everywhere(house: House) -> None:
    house.scenario.prepare()

    short = {sku for sku, _ in house.world.ledger.each("short")}
    few = {sku for (_, sku), pieces in house.receipts().items() if pieces <= max(SHORT_PIECES)}
    plenty = {sku for (_, sku), pieces in house.receipts().items() if pieces > max(SHORT_PIECES)}
    assert few == short != set()
    assert plenty == set(SOME) - short


async def test_a_killed_first_start_is_finished_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelve, calls = StockDatabase.shelve, iter(range(100))

    def killed_at_the_third(self: StockDatabase, *shelf: Any) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        shelve(self, *shelf)

    monkeypatch.setattr(StockDatabase, "shelve", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        house.scenario.prepare()
    house.scenario.prepare()

    assert +house.shelves() == +house.receipts()


async def test_a_second_start_adds_nothing(house: House) -> None:
    house.scenario.prepare()
    before = house.shelves()
    house.scenario.prepare()

    assert house.shelves() == before


async def test_the_missing_goods_come_in_once_and_the_hub_is_told(house: House) -> None:
    house.scenario.prepare()
    before = house.shelves()
    for wave in (*range(WAVES), *range(WAVES)):  # each deed twice, as after a kill
        await house.scenario.receive({"wave": wave})

    came = house.shelves() - before
    short = {sku for sku, _ in house.world.ledger.each("short")}
    assert {sku for _, sku in came} == short
    assert set(came.values()) == {RESTOCK}
    assert +house.shelves() == +house.receipts()
    told = house.world.open_ledger("qimen").count("receipt")
    heard = [(await house.rig.pushes.get()).query["method"] for _ in range(told)]
    assert set(heard) == {"entryorder.confirm"}


async def test_the_first_order_puts_the_goods_on_the_agenda_once(house: House) -> None:
    house.world.on_agenda(GOODS_IN, house.scenario.receive)
    await house.scenario.expect_goods({})
    for name, _ in list(house.world.ledger.each("agenda")):
        house.world.ledger.drop("agenda", name)  # they came in
    await house.scenario.expect_goods({})

    assert house.world.ledger.count("wave") == WAVES
    assert house.world.ledger.count("agenda") == 0


def test_a_stock_database_that_is_not_there_is_a_fault_and_no_new_file(tmp_path: Path) -> None:
    with pytest.raises(FAULTS):
        StockDatabase(f"sqlite:///{tmp_path / 'none.sqlite'}").shelve("HZ-GS", [("1", 1)])

    assert list(tmp_path.iterdir()) == []
