"""``lifeline exceptions``: what a person sees of the queue, and what becomes of what they take."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from domain.clock import utc_now
from gateways.database import open_database
from gateways.exceptions import ExceptionBook
from infra.exception_commands import app
from infra.migrate import migrate_hub
from tests.gateways.test_exceptions import KEY, an_alert, clearing_of


class Terminal:
    """A person at the command line, and the queue that they look at."""

    def __init__(self, url: str) -> None:
        migrate_hub(url)
        self.hub = open_database(url)
        self.book = ExceptionBook(self.hub)

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, words, env={"COLUMNS": "200"})

    def said(self, *words: str) -> str:
        result = self.run(*words)
        assert 0 == result.exit_code, result.output
        return result.output

    def opens(self, ago: timedelta, within: timedelta, **said: str) -> None:
        since = utc_now() - ago
        self.book.opened(replace(an_alert(**said), since=since), since + within)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    monkeypatch.setenv("LIFELINE_HUB__URL", url)
    terminal = Terminal(url)
    yield terminal
    terminal.hub.dispose()


def test_an_empty_list_says_what_that_means(terminal: Terminal) -> None:
    assert "不必操作" in terminal.said("list")
    assert "没有超过期限" in terminal.said("list", "--part", "overdue")
    assert "没有符合条件" in terminal.said("list", "--step", "label.create")
    assert [] == json.loads(terminal.said("list", "--json"))


def test_the_list_shows_reason_age_deadline_and_owner(terminal: Terminal) -> None:
    terminal.opens(timedelta(hours=2), timedelta(minutes=30))
    terminal.said("take", KEY, "--by", "王芳")

    shown = terminal.said("list")

    for part in (KEY, "获取运单号", "2 小时", "超期 1 小时", "王芳", "地址不详"):
        assert part in shown


def test_the_list_answers_what_is_asked(terminal: Terminal) -> None:
    terminal.opens(timedelta(hours=2), timedelta(minutes=30))
    terminal.opens(timedelta(0), timedelta(days=1), number="B1", channel="youzan")

    late = json.loads(terminal.said("list", "--part", "overdue", "--json"))
    youzan = json.loads(terminal.said("list", "--channel", "youzan", "--json"))

    assert [[KEY], ["youzan/B1/1:label.create"]] == [
        [each["key"] for each in found] for found in (late, youzan)
    ]


def test_one_exception_is_shown_with_the_commands_that_are_open(terminal: Terminal) -> None:
    terminal.opens(timedelta(days=3), timedelta(days=9))

    shown = terminal.said("show", KEY)

    assert "3 天" in shown
    assert "重试:lifeline ops resolve douyin/A1 --subject douyin/A1/1 --remedy retry" in shown
    assert "取消:lifeline ops cancel douyin/A1" in shown
    assert "改派仓库" not in shown
    assert ["retry", "cancel"] == json.loads(terminal.said("show", KEY, "--json"))["remedies"]


def test_two_people_do_not_take_the_same(terminal: Terminal) -> None:
    terminal.opens(timedelta(0), timedelta(days=1))
    terminal.said("take", KEY, "--by", "王芳")

    assert "已由 王芳" in str(terminal.run("take", KEY, "--by", "李四").exception)
    terminal.said("give-back", KEY, "--by", "王芳")
    taken = json.loads(terminal.said("take", KEY, "--by", "李四", "--json"))

    assert "李四" == taken["owner"]


def test_without_a_name_the_system_s_user_takes_it(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "wangwu")  # what getpass asks first
    terminal.opens(timedelta(0), timedelta(days=1))

    terminal.said("take", KEY)

    assert "wangwu" == terminal.book.shown(KEY).owner


def test_what_has_ended_can_not_be_taken_any_more(terminal: Terminal) -> None:
    since = utc_now()
    alert = replace(an_alert(), since=since)
    terminal.book.opened(alert, since)
    terminal.book.cleared(clearing_of(alert))

    assert "没有未处理的异常" in str(terminal.run("take", KEY).exception)
    assert KEY in terminal.said("list", "--part", "cleared")
