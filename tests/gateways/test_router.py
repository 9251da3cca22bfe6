"""The router with a real article master, over the real rules."""

import csv
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from domain.errors import GatewayBusy, Untranslatable
from domain.parcel import Band
from gateways.catalogue import Catalogue
from gateways.database import open_database
from gateways.router import RuleRouter
from gateways.tables import SkuRow
from tests.rules.routing_cases import A_MONDAY, DATA, a_question, the_book

HEADER = "sku,name,temperature,weight_g,volume_cm3,price_fen"


class Shelf:
    """A stock that is told what it has, or that it does not answer."""

    def __init__(self) -> None:
        self.free: dict[tuple[str, str], int] = {}
        self.asked: list[Collection[str]] = []
        self.busy = False

    def snapshot(self, skus: Collection[str]) -> Mapping[tuple[str, str], int]:
        self.asked.append(skus)
        if self.busy:
            raise GatewayBusy("qimen", "库存查询超时")
        return self.free


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables[SkuRow.__tablename__]])
    yield engine
    engine.dispose()


@pytest.fixture
def catalogue(engine: Engine, tmp_path: Path) -> Catalogue:
    catalogue = Catalogue(engine)
    catalogue.import_skus(
        a_list(tmp_path, "M1,纯牛奶,chilled,1000,1100,1290", "R1,大米,ambient,5000,6000,4990")
    )
    return catalogue


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def router(catalogue: Catalogue, shelf: Shelf) -> RuleRouter:
    return RuleRouter(the_book(), catalogue, shelf, now=lambda: A_MONDAY)


def a_list(folder: Path, *rows: str) -> Path:
    path = folder / "skus.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return path


def test_a_parcel_carries_what_the_article_master_knows(router: RuleRouter, shelf: Shelf) -> None:
    shelf.free = {("HZ-XC", "M1"): 5}

    plan = router.plan(a_question(("M1", 2), next_parcel_no=4))

    (parcel,) = plan.parcels
    (item,) = parcel.items
    assert ("test/1/4", "HZ-XC", "shunfeng") == (parcel.key, parcel.warehouse, parcel.carrier)
    assert (Band.CHILLED, 1100, 2, 200) == (
        item.band,
        item.volume_cm3,
        item.quantity,
        item.paid_fen,
    )
    assert 2000 == parcel.weight_g
    assert (the_book().version, A_MONDAY) == (plan.rules, plan.at)


def test_an_empty_shelf_makes_the_order_wait(router: RuleRouter) -> None:
    plan = router.plan(a_question(("M1", 2), ("R1", 1)))

    assert (1, 2) == plan.short


def test_stock_is_asked_once_and_only_for_known_articles(router: RuleRouter, shelf: Shelf) -> None:
    router.plan(a_question(("R1", 1), ("M1", 2), ("R1", 1), ("X9", 1)))

    assert [["M1", "R1"]] == shelf.asked


def test_a_silent_warehouse_is_a_reason_to_come_back(router: RuleRouter, shelf: Shelf) -> None:
    shelf.busy = True

    with pytest.raises(GatewayBusy):
        router.plan(a_question(("M1", 1)))


def test_an_article_that_is_imported_later_is_found_at_once(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    assert {} == catalogue.lookup(["N1"])

    catalogue.import_skus(a_list(tmp_path, "N1,新品,frozen,1,1,1"))

    assert Band.FROZEN is catalogue.lookup(["N1"])["N1"].band


def test_a_second_import_replaces_and_forgets_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    assert 1000 == catalogue.lookup(["M1"])["M1"].weight_g

    assert 1 == catalogue.import_skus(a_list(tmp_path, "M1,纯牛奶,chilled,990,1100,1290"))

    assert 990 == catalogue.lookup(["M1"])["M1"].weight_g
    assert {"M1", "R1"} == catalogue.lookup(["M1", "R1"]).keys()


@pytest.mark.parametrize(
    "row", ["B1,坏行,lukewarm,1,1,1", "B1,坏行,chilled,重,1,1", "B1,坏行,chilled,1"]
)
def test_a_list_with_a_bad_row_changes_nothing(
    catalogue: Catalogue, tmp_path: Path, row: str
) -> None:
    with pytest.raises(Untranslatable, match="第 3 行"):
        catalogue.import_skus(a_list(tmp_path, "M1,改名,chilled,1,1,1", row))

    assert "纯牛奶" == catalogue.lookup(["M1"])["M1"].name


def test_the_sandbox_article_list_is_taken_over_whole(engine: Engine) -> None:
    catalogue = Catalogue(engine)

    count = catalogue.import_skus(DATA / "skus.csv")

    with (DATA / "skus.csv").open(encoding="utf-8") as file:
        codes = [row["sku"] for row in csv.DictReader(file)]
    assert len(codes) == count == len(catalogue.lookup(codes))


def test_the_warehouses_are_those_of_the_sandbox() -> None:
    with (DATA / "warehouses.csv").open(encoding="utf-8") as file:
        theirs = [
            (row["code"], row["name"], row["bands"], float(row["longitude"]), row["carrier"])
            for row in csv.DictReader(file)
        ]

    ours = [
        (house.code, house.name, "+".join(house.bands), house.place.longitude, house.carrier)
        for house in the_book().warehouses
    ]

    assert theirs == ours


@pytest.mark.parametrize(
    ("word", "waits"),
    [("1", True), ("true", True), ("是", True), ("0", False), ("否", False), ("", False)],
)
def test_an_article_may_be_made_to_order(
    catalogue: Catalogue,
    tmp_path: Path,
    word: str,
    waits: bool,  # noqa: FBT001 - what the table says
) -> None:
    path = tmp_path / "cakes.csv"
    path.write_text(f"{HEADER},made_to_order\nC1,蛋糕,ambient,1,1,1,{word}\n", encoding="utf-8")

    catalogue.import_skus(path)

    assert waits is catalogue.lookup(["C1"])["C1"].made_to_order


def test_a_word_that_is_neither_yes_nor_no_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "cakes.csv"
    path.write_text(f"{HEADER},made_to_order\nC1,蛋糕,ambient,1,1,1,maybe\n", encoding="utf-8")

    with pytest.raises(Untranslatable, match="第 2 行"):
        catalogue.import_skus(path)
