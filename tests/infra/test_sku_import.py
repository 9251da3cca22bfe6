"""``lifeline skus import``: from a file, and from a channel."""

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from domain.errors import GatewayRefused, Untranslatable
from domain.parcel import Band
from gateways.catalogue import Catalogue, TakenOver
from gateways.channel_articles import Article
from gateways.database import open_database
from infra.sandbox.goods import DATA
from infra.sku_import import SHOWN, NoSuchSource, import_skus, show_taken_over
from settings import CHANNELS, Hub, Settings, Stock
from tests.gateways.channel_stage import on_stage

HEAD = "sku,name,temperature,weight_g,volume_cm3,price_fen"


class Screen:
    """What a person is shown."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self.console = Console(file=self._text, width=200)

    @property
    def text(self) -> str:
        return self._text.getvalue()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def house(tmp_path: Path) -> Settings:
    return Settings(
        hub=Hub(url=f"sqlite:///{tmp_path / 'skus.sqlite'}"),
        stock=Stock(url=f"sqlite:///{tmp_path / 'stock.sqlite'}"),
    )


def catalogue(house: Settings) -> Catalogue:
    return Catalogue(open_database(house.hub.url))


def write(tmp_path: Path, *rows: str) -> str:
    file = tmp_path / "skus.csv"
    file.write_text("\n".join((HEAD, *rows)), "utf-8")
    return str(file)


def test_a_file_is_taken_over(house: Settings, screen: Screen, tmp_path: Path) -> None:
    import_skus(house, write(tmp_path, "M1,纯牛奶,chilled,990,1100,1290"), screen.console)

    assert "已导入 1 个商品" in screen.text
    assert Band.CHILLED is catalogue(house).lookup(["M1"])["M1"].band


def test_a_wrong_row_is_named_and_nothing_is_taken_over(
    house: Settings, screen: Screen, tmp_path: Path
) -> None:
    with pytest.raises(Untranslatable, match="第 3 行"):
        import_skus(
            house, write(tmp_path, "M1,奶,chilled,1,1,1", "M2,奶,hot,1,1,1"), screen.console
        )

    assert catalogue(house).is_empty()


@pytest.mark.parametrize("source", ["nobody", "no.csv", "../channels/youzan", "data"])
def test_what_is_neither_file_nor_channel_is_refused_with_the_choice(
    house: Settings, screen: Screen, source: str
) -> None:
    with pytest.raises(NoSuchSource, match="CSV 文件,或渠道名"):
        import_skus(house, source, screen.console)


async def test_a_channel_s_list_updates_what_is_known_and_names_the_rest(
    house: Settings, screen: Screen, tmp_path: Path
) -> None:
    sku = "28165"
    row = next(line for line in (DATA / "skus.csv").read_text("utf-8").splitlines() if sku in line)
    name = row.split(",")[1]
    await asyncio.to_thread(
        import_skus, house, write(tmp_path, f"{sku},旧名,ambient,1,77,1"), screen.console
    )
    async with on_stage("youzan", tmp_path) as stage:
        there = {**CHANNELS, "youzan": stage.shops.settings["youzan"]}
        settings = house.model_copy(update={"channels": there})
        await asyncio.to_thread(import_skus, settings, "youzan", screen.console)

    article = catalogue(house).lookup([sku])[sku]
    assert (name, 77, Band.AMBIENT) == (article.name, article.volume_cm3, article.band)
    assert article.price_fen > 1
    assert "更新价格、名称或重量 1 个" in screen.text
    assert "渠道不知道温层和体积" in screen.text
    assert HEAD in screen.text


def test_a_channel_without_an_article_list_is_refused(house: Settings, screen: Screen) -> None:
    with pytest.raises(GatewayRefused, match=r"没有 api\.articles"):
        import_skus(house, "douyin", screen.console)


def test_when_all_is_known_nothing_is_asked_of_the_person(screen: Screen) -> None:
    show_taken_over(TakenOver(changed=0, same=3, unknown=()), screen.console)

    assert "在售 3 个商品" in screen.text
    assert "主档里没有的商品" not in screen.text
    assert "重启" not in screen.text


def test_of_many_unknown_articles_the_first_are_shown(screen: Screen) -> None:
    many = tuple(
        Article(sku=f"N{n}" if n else "", name="[b]新品", price_fen=1290, weight_g=None)
        for n in range(SHOWN + 1)
    )

    show_taken_over(TakenOver(changed=1, same=0, unknown=many), screen.console)

    assert f"只列出前 {SHOWN} 个" in screen.text
    assert "12.90" in screen.text
    assert "[b]新品" in screen.text
    assert "没有填商品编码" in screen.text
    assert "重启" in screen.text
