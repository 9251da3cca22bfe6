"""An empty hub database, on SQLite and on MariaDB."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateways.database import open_database
from infra.migrate import migrate_hub


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    if request.param == "mariadb":
        url = request.getfixturevalue("mariadb").create("hub")
    migrate_hub(url)
    engine = open_database(url)
    yield engine
    engine.dispose()
