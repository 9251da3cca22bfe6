"""``lifeline inbox``: what partners pushed, what could not be told, and what people do about it."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from domain.hands import Hand
from gateways.database import open_database
from gateways.inbox_desk import InboxDesk, NotNow, without_proofs
from gateways.tables import InboxState
from infra.inbox_screens import EMPTY, data_of, facts_of, table_of, text_of
from infra.migrate import migrate_hub
from settings import Settings

app = typer.Typer(help="收件箱:伙伴推送的列表、原文、重放、忽略。", no_args_is_help=True)
console = Console()

Json = Annotated[bool, typer.Option("--json", help="输出 JSON,供脚本读取。")]
PushId = Annotated[int, typer.Argument(help="推送编号,见 lifeline inbox list。")]
Door = Annotated[str | None, typer.Option(help="只看这个来源,例如 sf、douyin。")]
By = Annotated[str | None, typer.Option(help="谁在操作,记录在案;默认为系统用户名。")]


@app.command("list")
def list_entries(
    *,
    state: Annotated[
        InboxState | None,
        typer.Option(help="new 待处理、done 已处理、parked 搁置、early 等订单、dropped 已忽略。"),
    ] = None,
    door: Door = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多几行。")] = 50,
    before: Annotated[int | None, typer.Option(help="只看编号小于它的,用于翻页。")] = None,
    as_json: Json = False,
) -> None:
    """列出推送,最新的在前。"""
    with _desk() as desk:
        entries = desk.entries(state=state, door=door, before=before, limit=limit)
    if as_json:
        _say([data_of(entry) for entry in entries])
    elif not entries:
        console.print(EMPTY[state], highlight=False)
    else:
        console.print(table_of(entries))
        if state is InboxState.PARKED:
            console.print("修正映射或设置后:lifeline inbox replay 编号;没有意义的:drop。")


@app.command("show")
def show_entry(push_id: PushId, *, as_json: Json = False) -> None:
    """看一条推送的原文(不含签名)。"""
    with _desk() as desk:
        entry, push = desk.entry(push_id), without_proofs(desk.content(push_id))
    if as_json:
        body = push.body.decode(errors="backslashreplace")
        exact = {"body": body, "body_base64": b64encode(push.body).decode()}
        _say({**data_of(entry), "headers": push.headers, "query": push.query, **exact})
        return
    console.print(facts_of(entry))
    console.print()
    console.print(text_of(push), markup=False, highlight=False)


@app.command()
def replay(  # noqa: PLR0913 - one for each option that a person may give
    push_id: Annotated[int | None, typer.Argument(help="推送编号;或用 --all。")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="重放一个来源全部搁置的推送。")] = False,
    door: Door = None,
    path: Annotated[str | None, typer.Option(help="配合 --all:只重放这个字段出错的。")] = None,
    by: By = None,
    reason: Annotated[str, typer.Option(help="为什么重放,记录在案。")] = "命令行重放",
    as_json: Json = False,
) -> None:
    """重放推送:修正映射或设置之后,再处理一次。"""
    hand = Hand(by=by or getuser(), reason=reason)
    with _desk() as desk:
        if every and door and push_id is None:
            _report(_replay_all(desk, door, path, hand, is_quiet=as_json), as_json=as_json)
        elif push_id is not None and not every:
            desk.replay(push_id, hand)
            _report(1, as_json=as_json)
        else:
            raise typer.BadParameter("请给出一个编号,或者 --all 加 --door 来源")


@app.command()
def drop(
    push_id: PushId,
    *,
    reason: Annotated[str, typer.Option(help="为什么可以忽略,记录在案。")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """忽略一条搁置的推送;原文保留,以后仍可重放。"""
    with _desk() as desk:
        desk.drop(push_id, Hand(by=by or getuser(), reason=reason))
        entry = desk.entry(push_id)
    if as_json:
        _say(data_of(entry))
    else:
        console.print(f"已忽略 {push_id}({entry.door});需要恢复:lifeline inbox replay {push_id}")


def _replay_all(desk: InboxDesk, door: str, path: str | None, hand: Hand, *, is_quiet: bool) -> int:
    """Replay one by one, so that a person sees how far it is."""
    replayed = 0
    ids = desk.parked_ids(door, path)
    for push_id in track(ids, "重放", console=console, disable=is_quiet or not ids):
        try:
            desk.replay(push_id, hand)
        except NotNow:
            continue  # somebody else was quicker
        replayed += 1
    return replayed


def _report(count: int, *, as_json: bool) -> None:
    if as_json:
        _say({"count": count})
    elif count:
        console.print(f"已重放 {count} 条:几秒后用 lifeline inbox list --state parked 看结果。")
    else:
        console.print(
            "没有搁置的推送可以重放:用 lifeline inbox list --state parked 核对来源与字段。"
        )


@contextmanager
def _desk() -> Iterator[InboxDesk]:
    url = Settings().hub.url
    migrate_hub(url)
    hub = open_database(url)
    try:
        yield InboxDesk(hub)
    finally:
        hub.dispose()


def _say(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
