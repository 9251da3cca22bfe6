"""``lifeline channels``: what was done, seen and found, with and without anything to show."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from domain.clock import utc_now
from domain.reconciliation import Reconciliation
from gateways.field_watch import FieldWatch
from gateways.reconciliations import ReconciliationBook
from tests.infra.channels.terminal import Terminal


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("history", "还没有人启用或停用过版本"),
        ("fields", "没有没见过的字段"),
        ("reconciliations", "还没有对过账"),
    ],
)
def test_an_empty_list_says_what_that_means(terminal: Terminal, command: str, said: str) -> None:
    assert [] == terminal.told(command)
    assert said in terminal.typed(command)


def test_new_fields_are_shown_with_how_often_they_came(terminal: Terminal, hub: Engine) -> None:
    watch = FieldWatch(hub)
    watch.see("douyin", "1", {"[red]gift": 1})
    watch.write()

    (row,) = terminal.told("fields", "douyin")
    assert ("douyin", "1", "[red]gift", 1) == (
        row["channel"],
        row["version"],
        row["path"],
        row["times"],
    )
    assert "[red]gift" in terminal.typed("fields")
    assert [] == terminal.told("fields", "youzan")


def test_reconciliations_are_shown_the_latest_first(terminal: Terminal, hub: Engine) -> None:
    now = utc_now()
    look = Reconciliation(
        channel="douyin", since=now, until=now, found=12, started=3, mended=2, parked=1
    )
    ReconciliationBook(hub).record(look)
    ReconciliationBook(hub).record(replace(look, channel="youzan"))

    rows = terminal.told("reconciliations", "--limit", "1")
    assert [("youzan", 12, 3, 2, 1)] == [
        (row["channel"], row["found"], row["started"], row["mended"], row["parked"]) for row in rows
    ]
    shown = terminal.typed("reconciliations")
    assert all(word in shown for word in ("douyin", "youzan", "补建", "读不懂"))
