"""``lifeline inbox``: what a person sees of the inbox, and what stays on record of what they do."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateways.database import open_database
from gateways.inbox import Inbox
from gateways.inbox_desk import InboxDesk
from gateways.tables import InboxState
from infra.inbox_commands import app
from infra.migrate import migrate_hub
from tests.web.test_inbox_api import parked


class Terminal:
    """A person at the command line, and the inbox that they look at."""

    def __init__(self, url: str) -> None:
        migrate_hub(url)
        self.hub = open_database(url)
        self.inbox, self.desk = Inbox(self.hub), InboxDesk(self.hub)

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, words, env={"COLUMNS": "200"})

    def said(self, *words: str) -> str:
        result = self.run(*words)
        assert 0 == result.exit_code, result.output
        return result.output

    def states(self) -> list[InboxState]:
        return [entry.state for entry in self.desk.entries()][::-1]


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    monkeypatch.setenv("LIFELINE_HUB__URL", url)
    terminal = Terminal(url)
    yield terminal
    terminal.hub.dispose()


def test_an_empty_list_says_what_that_means(terminal: Terminal) -> None:
    assert "推送地址" in terminal.said("list")
    assert "不必处理" in terminal.said("list", "--state", "parked")
    assert [] == json.loads(terminal.said("list", "--json"))


def test_the_list_shows_the_field_and_the_next_step(terminal: Terminal) -> None:
    push_id = parked(terminal.inbox, "1")

    shown = terminal.said("list", "--state", "parked", "--door", "sf")

    assert str(push_id) in shown
    assert "$.price" in shown
    assert "lifeline inbox replay" in shown
    ((entry),) = json.loads(terminal.said("list", "--json"))
    assert (push_id, "parked") == (entry["id"], entry["state"])


def test_a_push_is_shown_without_what_proves_it(terminal: Terminal) -> None:
    push_id = parked(terminal.inbox, "1")

    shown = terminal.said("show", str(push_id)) + terminal.said("show", str(push_id), "--json")

    assert "正文" in shown
    assert "x-sign" not in shown
    assert "the-secret" not in shown


def test_a_replay_keeps_who_and_why(terminal: Terminal) -> None:
    push_id = parked(terminal.inbox, "1")

    terminal.said("replay", str(push_id), "--by", "李四", "--reason", "映射已修正")

    entry = terminal.desk.entry(push_id)
    assert (InboxState.NEW, "李四", "映射已修正") == (
        entry.state,
        entry.settled_by,
        entry.settled_why,
    )


def test_without_a_name_the_system_s_user_is_on_record(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "wangwu")  # what getpass asks first
    push_id = parked(terminal.inbox, "1")

    terminal.said("drop", str(push_id), "--reason", "测试数据")

    assert "wangwu" == terminal.desk.entry(push_id).settled_by


def test_all_of_one_door_or_one_field_are_replayed(terminal: Terminal) -> None:
    for n, path in enumerate(["$.price", "$.sku", "$.sku"]):
        parked(terminal.inbox, str(n), path)

    by_field = terminal.said("replay", "--all", "--door", "sf", "--path", "$.price", "--json")
    assert {"count": 1} == json.loads(by_field)
    assert "已重放 2 条" in terminal.said("replay", "--all", "--door", "sf")
    assert [InboxState.NEW] * 3 == terminal.states()
    assert "没有搁置" in terminal.said("replay", "--all", "--door", "sf")


@pytest.mark.parametrize("words", [["drop", "1"], ["replay"], ["replay", "1", "--all"]])
def test_half_an_order_does_nothing(terminal: Terminal, words: list[str]) -> None:
    parked(terminal.inbox, "1")

    assert 2 == terminal.run(*words).exit_code
    assert [InboxState.PARKED] == terminal.states()
