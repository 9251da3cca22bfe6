"""``lifeline guard list``: who may not order now, and what to do about it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from domain.clock import utc_now
from gateways.buyers import BuyerBook
from gateways.database import open_database
from infra.guard_commands import app
from infra.migrate import migrate_hub


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    monkeypatch.setenv("LIFELINE_HUB__URL", url)
    migrate_hub(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


def said(*words: str) -> str:
    result = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert 0 == result.exit_code, result.output
    return result.output


@pytest.mark.usefixtures("hub")
def test_an_empty_list_says_that_nobody_is_frozen() -> None:
    assert "没有被冻结的买家" in said("list")
    assert [] == json.loads(said("list", "--json"))


def test_a_frozen_buyer_stands_there_with_who_and_why_and_how_to_undo_it(hub: Engine) -> None:
    BuyerBook(hub).freeze("b-1", utc_now() + timedelta(hours=1), "仅退款 [三次]", "王芳")

    shown = said("list")

    assert all(part in shown for part in ("b-1", "王芳", "仅退款 [三次]"))
    assert "lifeline ops unfreeze --buyer" in shown
    assert [("b-1", "王芳")] == [
        (row["buyer_key"], row["by"]) for row in json.loads(said("list", "--json"))
    ]


def test_a_freeze_that_is_over_is_not_listed(hub: Engine) -> None:
    BuyerBook(hub).freeze("b-1", utc_now() - timedelta(seconds=1), "到期", "王芳")

    assert [] == json.loads(said("list", "--json"))
