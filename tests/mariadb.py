"""The private MariaDB of one test session; import ``mariadb`` to use it."""

import os
from collections.abc import Iterator

import pytest

from infra.mariadb import Mariadb, MariadbMissing, private_mariadb


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mariadb]:
    try:
        with private_mariadb(tmp_path_factory.mktemp("m")) as server:
            yield server
    except MariadbMissing as missing:
        if os.environ.get("LIFELINE_REQUIRE_SERVICES") == "1":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
