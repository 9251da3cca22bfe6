"""``lifeline channels``: what channels say, and which version of their protocol is in force."""

import asyncio
import getpass
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Engine

from channels.mapping import ChannelMapping
from channels.sheets import channels as known_channels
from channels.sheets import versions
from domain.errors import HubError
from gateways.channel_acts import ChannelActs
from gateways.channel_shelf import ChannelShelf
from gateways.database import open_database
from gateways.field_watch import FieldWatch
from gateways.inbox_desk import InboxDesk
from gateways.reconciliations import ReconciliationBook
from infra import channel_screens as screens
from infra.channel_check import check
from infra.channel_desk import asking, compared, past_documents, try_payload
from infra.departure import leave
from infra.migrate import migrate_hub
from settings import Settings

app = typer.Typer(
    help="渠道:每个渠道每个协议版本一个映射文件,校验、试读、对比、启用都不用改代码、不用重启。",
    no_args_is_help=True,
)
console = Console()

Json = Annotated[bool, typer.Option("--json", help="输出 JSON,供脚本读取。")]
Name = Annotated[str, typer.Argument(help="渠道名,例如 douyin。")]
Version = Annotated[str, typer.Argument(help="协议版本,即映射文件名,例如 3.2。")]
By = Annotated[str, typer.Option(help="操作人;不写则取系统用户名。")]
Reason = Annotated[str, typer.Option(help="为什么,会留档。", prompt="原因")]


class NoSuchChannel(HubError):
    """Nobody has written a mapping file for it."""

    def __init__(self, channel: str) -> None:
        known = "、".join(known_channels())
        super().__init__(
            f"没有渠道 {channel} 的映射文件;已有:{known}。新增见 docs/adding-a-channel.md"
        )


@app.callback()
def begin() -> None:
    """Keep CEL's own log quiet: what a cell refuses is told as a fault that names the field."""
    logging.getLogger("cel").setLevel(logging.CRITICAL)


@app.command("list")
def list_channels(*, as_json: Json = False) -> None:
    """列出渠道、各协议版本、启用了哪些。"""
    shelf = _shelf(Settings())
    leave(screens.show_channels(shelf, console, as_json=as_json))


@app.command("check")
def check_channels(
    channel: Annotated[str | None, typer.Argument(help="只校验这个渠道;不写则全部。")] = None,
    *,
    as_json: Json = False,
) -> None:
    """校验映射文件:指出哪个文件哪一行错在哪里,并试读存档的报文。"""
    if channel is not None and channel not in known_channels():
        raise NoSuchChannel(channel)
    leave(screens.show_checked(list(check(channel)), console, as_json=as_json))


@app.command("try")
def try_channel(
    channel: Name,
    payload: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="一份报文:订单、售后单或推送,JSON。")
    ],
    version: Annotated[str, typer.Option(help="用哪个版本读;不写则用排在最前的启用版本。")] = "",
    *,
    as_json: Json = False,
) -> None:
    """试读一份报文,看它会变成怎样的订单;不保存,不发送。"""
    mapping = _mapping(channel, version)
    tried = try_payload(mapping, payload.read_bytes())
    screens.show_tried(mapping, tried, console, as_json=as_json)


@app.command("diff")
def diff_versions(
    channel: Name,
    old: Annotated[str, typer.Argument(help="旧版本。")],
    new: Annotated[str, typer.Argument(help="新版本。")],
    limit: Annotated[int, typer.Option(min=1, help="重放最近多少条推送。")] = 200,
    *,
    as_json: Json = False,
) -> None:
    """用新旧两个版本各重放一遍真实的历史推送和它们所指的单据,列出读出来不一样的字段。"""
    mappings = ChannelMapping.load(channel, old), ChannelMapping.load(channel, new)

    async def diff() -> int:
        settings = Settings()
        hub = _hub(settings)
        async with asking(settings, hub) as shops:
            documents = await past_documents(shops, mappings, InboxDesk(hub), limit)
        differences = compared(*mappings, documents)
        return screens.show_differences(differences, len(documents), console, as_json=as_json)

    _run(diff())


@app.command()
def words(channel: Name, *, as_json: Json = False) -> None:
    """渠道的状态词和快递代码,与我们的词一一对照;还没启用的渠道也能看。"""
    if channel not in known_channels():
        raise NoSuchChannel(channel)
    mappings = _shelf(Settings()).in_force(channel) or _on_file(channel)
    screens.show_words(mappings, console, as_json=as_json)


@app.command()
def activate(channel: Name, version: Version, reason: Reason, by: By = "") -> None:
    """启用一个版本:一秒内生效,不用重启;已开始的订单仍用开始时的版本。"""
    _shelf(Settings()).activate(channel, version, by=by or getpass.getuser(), reason=reason)
    console.print(
        f"已启用 {channel} {version};撤回用 lifeline channels withdraw {channel} {version}"
    )


@app.command()
def withdraw(channel: Name, version: Version, reason: Reason, by: By = "") -> None:
    """停用一个版本(撤回启用):之后的报文由其余启用的版本来读。"""
    _shelf(Settings()).withdraw(channel, version, by=by or getpass.getuser(), reason=reason)
    console.print(f"已停用 {channel} {version}")


@app.command()
def history(*, as_json: Json = False) -> None:
    """谁在什么时候启用、停用了哪个版本,为什么。"""
    acts = ChannelActs(_hub(Settings())).all()
    screens.show_acts(acts, console, as_json=as_json)


@app.command()
def fields(
    channel: Annotated[str | None, typer.Argument(help="只看这个渠道。")] = None,
    *,
    as_json: Json = False,
) -> None:
    """平台新增、我们从没见过的字段,各来了多少次。"""
    seen = FieldWatch(_hub(Settings())).seen(channel)
    screens.show_fields(seen, console, as_json=as_json)


@app.command()
def reconciliations(
    limit: Annotated[int, typer.Option(min=1, help="最多几行。")] = 20, *, as_json: Json = False
) -> None:
    """最近几次对账:各渠道看了哪段时间,找到、补建、修正了多少。"""
    looks = ReconciliationBook(_hub(Settings())).latest(limit)
    screens.show_reconciliations(looks, console, as_json=as_json)


def _hub(settings: Settings) -> Engine:
    """Open the hub's database, also where no hub has run yet."""
    migrate_hub(settings.hub.url)
    return open_database(settings.hub.url)


def _shelf(settings: Settings) -> ChannelShelf:
    return ChannelShelf(ChannelActs(_hub(settings)))


def _on_file(channel: str) -> tuple[ChannelMapping, ...]:
    return tuple(ChannelMapping.load(channel, version) for version in versions(channel))


def _mapping(channel: str, version: str) -> ChannelMapping:
    if version:
        return ChannelMapping.load(channel, version)
    return _shelf(Settings()).current(channel)


def _run(work: Coroutine[None, None, int]) -> None:
    leave(asyncio.run(work))
