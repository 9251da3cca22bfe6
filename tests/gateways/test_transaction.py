"""What becomes of a transaction when its database fails it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from domain.errors import GatewayBusy
from gateways.database import open_database
from gateways.transaction import patient, transaction
from infra.mariadb import Mariadb
from tests.mariadb import mariadb

__all__ = ["mariadb"]

NOBODY_HOME = "mysql://root@127.0.0.1:9/stock"


@pytest.fixture
def engine(mariadb: Mariadb) -> Iterator[Engine]:
    engine = open_database(mariadb.create("transactions"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE note (n INT PRIMARY KEY)")
    yield engine
    engine.dispose()


@patient("stock")
def write(engine: Engine, n: int) -> None:
    with transaction(engine) as cursor:
        cursor.execute("INSERT INTO note VALUES (%s)", (n,))


def count(engine: Engine) -> int:
    with engine.begin() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM note").scalar_one())


def hang_up(mariadb: Mariadb) -> None:
    """End every connection of this database but the one that says so."""
    connection = mariadb.connect()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = 'transactions'")
        for (number,) in cursor.fetchall():
            cursor.execute(f"KILL {number}")
    connection.close()


@pytest.mark.mariadb
def test_a_lost_connection_is_replaced(engine: Engine, mariadb: Mariadb) -> None:
    write(engine, 1)

    hang_up(mariadb)
    write(engine, 2)

    assert count(engine) == 2


@pytest.mark.mariadb
def test_a_connection_that_is_lost_half_way_leaves_nothing_half_done(
    engine: Engine, mariadb: Mariadb
) -> None:
    tries: list[int] = []

    @patient("stock")
    def write_two() -> None:
        with transaction(engine) as cursor:
            tries.append(1)
            cursor.execute("INSERT INTO note VALUES (1)")
            if len(tries) == 1:
                hang_up(mariadb)
            cursor.execute("INSERT INTO note VALUES (2)")

    write_two()

    assert len(tries) == 2
    assert count(engine) == 2


@pytest.mark.mariadb
def test_whoever_waits_too_long_for_a_lock_tries_again(engine: Engine) -> None:
    write(engine, 1)
    tries: list[int] = []

    @patient("stock")
    def change() -> None:
        with transaction(engine) as cursor:
            cursor.execute("SET innodb_lock_wait_timeout = 0")
            tries.append(1)
            if len(tries) == 2:
                other.execute("COMMIT")
            cursor.execute("UPDATE note SET n = 3")

    with transaction(engine) as other:
        other.execute("UPDATE note SET n = 2")
        change()

    assert len(tries) == 2


@pytest.mark.mariadb
def test_a_fault_rolls_back(engine: Engine) -> None:
    def change_our_mind() -> None:
        with transaction(engine) as cursor:
            cursor.execute("INSERT INTO note VALUES (1)")
            raise LookupError

    with pytest.raises(LookupError):
        change_our_mind()

    assert count(engine) == 0


@pytest.mark.mariadb
def test_a_wrong_statement_is_not_called_busy(engine: Engine) -> None:
    @patient("stock")
    def err() -> None:
        with transaction(engine) as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    with pytest.raises(ProgrammingError):
        err()


def test_a_database_out_of_reach_is_busy() -> None:
    engine = open_database(NOBODY_HOME)

    with pytest.raises(GatewayBusy, match="stock 暂无答复") as busy:
        write(engine, 1)

    assert isinstance(busy.value.__cause__, OperationalError)
    assert "2003" in str(busy.value)


def test_a_sqlite_file_may_lie_in_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a' / 'b' / 'hub.sqlite'}")

    with engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()
