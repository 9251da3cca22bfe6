"""``lifeline skus import``: the merchant's own list, or what a channel knows of the articles."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from channels.sheets import FOLDER, versions
from domain.errors import HubError
from domain.money import yuan
from gateways.catalogue import Catalogue, TakenOver
from gateways.channel_articles import Article, articles
from gateways.channel_shop import ChannelShop
from gateways.database import open_database
from infra.channel_desk import asking
from infra.prepare import make_tables
from settings import Settings

SHOWN = 20  # unknown articles; more do not help
COLUMNS = "sku,name,temperature,weight_g,volume_cm3,price_fen"
RESTART = "运行中的工作进程重启后生效"


class NoSuchSource(HubError):
    """It is neither a file nor a channel."""


def import_skus(settings: Settings, source: str, console: Console, folder: Path = FOLDER) -> None:
    """Take articles over from a CSV file, or from a channel that has a mapping.

    Raises:
        HubError: there is no such file or channel, or what it says can not be read.
    """
    file = Path(source)
    if file.is_file():
        console.print(f"已导入 {_from_file(settings, file)} 个商品;{RESTART}")
    elif "/" not in source and versions(source, folder):
        asyncio.run(_from_channel(settings, source, console))
    else:
        raise NoSuchSource(
            f"没有文件 {source},也没有渠道叫这个名字:请给出 CSV 文件,或渠道名如 youzan"
        )


def _from_file(settings: Settings, file: Path) -> int:
    make_tables(settings)
    hub = open_database(settings.hub.url)
    count = Catalogue(hub).import_skus(file)
    hub.dispose()
    return count


async def _from_channel(settings: Settings, channel: str, console: Console) -> None:
    make_tables(settings)
    hub = open_database(settings.hub.url)
    async with asking(settings, hub) as shops:
        sold = await _read(shops.shop(channel), console)
    taken = await asyncio.to_thread(Catalogue(hub).update_from_channel, sold)
    hub.dispose()
    show_taken_over(taken, console)


async def _read(shop: ChannelShop, console: Console) -> Sequence[Article]:
    """Read a channel's whole list, and show how far it is."""
    mapping, sold = shop.shelf.current(shop.name), list[Article]()
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    watched = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not watched) as progress:
        task = progress.add_task(f"正在读取{mapping.title}的商品…", total=None)
        async for article in articles(shop.caller, mapping):
            sold.append(article)
            progress.update(task, description=f"正在读取{mapping.title}的商品:{len(sold)} 个")
    return sold


def show_taken_over(taken: TakenOver, console: Console) -> None:
    """Say what was updated, and what a person has to bring in by a file."""
    total = taken.changed + taken.same + len(taken.unknown)
    console.print(
        f"渠道在售 {total} 个商品:更新价格、名称或重量 {taken.changed} 个,"
        f"未变 {taken.same} 个,主档里没有 {len(taken.unknown)} 个"
    )
    if taken.changed:
        console.print(RESTART)
    if not taken.unknown:
        return
    table = Table("编码", "名称", "价格(元)", title="主档里没有的商品")
    for article in taken.unknown[:SHOWN]:
        sku = article.sku or "(渠道后台没有填商品编码)"
        table.add_row(escape(sku), escape(article.name), yuan(article.price_fen))
    console.print(table)
    if len(taken.unknown) > SHOWN:
        console.print(f"只列出前 {SHOWN} 个")
    console.print(
        "渠道不知道温层和体积,所以不能由渠道新增:"
        f"请用 lifeline skus import 文件.csv 导入它们,列为 {COLUMNS}"
    )
