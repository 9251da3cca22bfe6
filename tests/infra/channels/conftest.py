"""A command line, its hub, and mapping files that may be broken."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from channels.sheets import FOLDER
from gateways.database import open_database
from infra.migrate import migrate_hub
from tests.infra.channels.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    monkeypatch.setenv("LIFELINE_HUB__URL", url)
    return Terminal(url=url)


@pytest.fixture
def hub(terminal: Terminal) -> Iterator[Engine]:
    migrate_hub(terminal.url)
    engine = open_database(terminal.url)
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The house's mapping files, where a test may break them."""
    copy = tmp_path / "channels"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy
