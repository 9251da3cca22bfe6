"""What a channel knows of our articles: prices, names and weights, and never a new one."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.errors import GatewayRefused
from domain.parcel import Band
from gateways.catalogue import LONGEST_NAME, Catalogue
from gateways.channel_articles import Article, articles
from infra.sandbox.sample_orders import used_skus
from tests.gateways.channel_stage import on_stage
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

LIST = """sku,name,temperature,weight_g,volume_cm3,price_fen,made_to_order
M1,纯牛奶,chilled,990,1100,1290,0
M2,蛋糕,ambient,500,900,5800,1
"""


def sold(
    sku: str, name: str = "纯牛奶", price_fen: int = 1290, weight_g: int | None = 990
) -> Article:
    return Article(sku=sku, name=name, price_fen=price_fen, weight_g=weight_g)


@pytest.fixture
def catalogue(hub: Engine, tmp_path: Path) -> Catalogue:
    file = tmp_path / "skus.csv"
    file.write_text(LIST, "utf-8")
    catalogue = Catalogue(hub)
    catalogue.import_skus(file)
    return catalogue


def test_a_known_article_takes_its_price_name_and_weight_from_the_channel(
    catalogue: Catalogue,
) -> None:
    assert 1290 == catalogue.lookup(["M1"])["M1"].price_fen

    taken = catalogue.update_from_channel([sold("M1", "鲜牛奶", 1390, 1010)])

    milk = catalogue.lookup(["M1"])["M1"]
    assert ("鲜牛奶", 1390, 1010) == (milk.name, milk.price_fen, milk.weight_g)
    assert (1, 0, ()) == (taken.changed, taken.same, taken.unknown)


def test_what_no_channel_knows_stays_as_it_was(catalogue: Catalogue) -> None:
    catalogue.update_from_channel([sold("M1", "鲜牛奶"), sold("M2", "生日蛋糕", 6800, None)])

    milk, cake = catalogue.lookup(["M1", "M2"]).values()
    assert (Band.CHILLED, 1100, False) == (milk.band, milk.volume_cm3, milk.made_to_order)
    assert (Band.AMBIENT, 900, True) == (cake.band, cake.volume_cm3, cake.made_to_order)
    assert 500 == cake.weight_g  # the channel did not say


def test_what_is_the_same_is_not_written(catalogue: Catalogue) -> None:
    taken = catalogue.update_from_channel([sold("M1"), sold("M2", "蛋糕", 5800, None)])

    assert (0, 2, ()) == (taken.changed, taken.same, taken.unknown)


def test_an_unknown_article_is_told_and_not_made_up(catalogue: Catalogue) -> None:
    strange, nameless = sold("N1"), sold("")

    taken = catalogue.update_from_channel([strange, sold("M1"), nameless])

    assert (strange, nameless) == taken.unknown
    assert {} == catalogue.lookup(["N1"])


def test_an_article_that_is_sold_twice_is_counted_once_and_the_last_one_counts(
    catalogue: Catalogue,
) -> None:
    taken = catalogue.update_from_channel([sold("M1", "旧", 1), sold("M1", "新", 2)])

    assert 1 == taken.changed
    assert "新" == catalogue.lookup(["M1"])["M1"].name


def test_a_name_that_has_no_room_is_cut(catalogue: Catalogue) -> None:
    catalogue.update_from_channel([sold("M1", "奶" * 400)])

    assert "奶" * LONGEST_NAME == catalogue.lookup(["M1"])["M1"].name


def test_a_long_list_is_looked_up_in_portions(catalogue: Catalogue) -> None:
    many = [sold(f"N{n}") for n in range(2500)]

    taken = catalogue.update_from_channel([*many, sold("M1", "鲜牛奶")])

    assert (1, 2500) == (taken.changed, len(taken.unknown))


async def test_youzan_lists_every_article_that_is_on_sale(tmp_path: Path) -> None:
    async with on_stage("youzan", tmp_path) as stage:
        shop = stage.shop
        found = [item async for item in articles(shop.caller, shop.shelf.current("youzan"))]

    assert used_skus() == {article.sku for article in found}
    assert all(article.price_fen > 0 and article.name for article in found)


async def test_a_channel_without_an_article_list_says_so(tmp_path: Path) -> None:
    async with on_stage("douyin", tmp_path) as stage:
        shop = stage.shop
        with pytest.raises(GatewayRefused, match=r"没有 api\.articles"):
            await anext(articles(shop.caller, shop.shelf.current("douyin")))
