"""Opens a database, SQLite or MySQL, so that the same code is safe and quick on both."""

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_random

# Pass to ``engine.execution_options`` for transactions that only read: on SQLite they then never
# wait for a writer. All others take the write lock at once, since two transactions that both read
# first and write later can not be told to wait: one of them would fail.
READING = {"reading": True}

BUSY_TIMEOUT_MS = 10_000  # how long SQLite waits for another writer


def open_database(url: str) -> Engine:
    """Open the database at ``url``: ``sqlite:///var/hub.sqlite`` or ``mysql://user:pw@host/name``.

    Faults do not tell the values of a statement: buyers are among them, and faults are logged.

    A relative SQLite path counts from the working directory; its folder is made if it is missing.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return _open_mysql(parsed)


def _open_sqlite(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver shall not begin transactions behind our back
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _to_wal(connection)
    connection.execute("PRAGMA synchronous=NORMAL")  # with WAL, a killed process loses nothing
    connection.execute("PRAGMA foreign_keys=ON")


# When two processes open a new file at once, one meets a lock that busy_timeout does not cover.
@retry(
    retry=retry_if_exception_type(sqlite3.OperationalError),
    stop=stop_after_delay(BUSY_TIMEOUT_MS / 1000),
    wait=wait_random(max=0.05),
    reraise=True,
)
def _to_wal(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _open_mysql(url: URL) -> Engine:
    """Speak pymysql to MySQL and MariaDB alike.

    READ COMMITTED: each statement sees what is committed, and no gaps are locked. The pool does
    not roll back what we have committed already: that would cost a round trip each time.
    """
    return create_engine(
        url.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"}),
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        paramstyle="format",  # by position, as SQLite has it too
        pool_size=16,
        max_overflow=16,
        pool_recycle=1800,
        pool_reset_on_return=None,
        connect_args={
            "connect_timeout": 3,
            "read_timeout": 30,
            "write_timeout": 30,
            "init_command": "SET SESSION innodb_lock_wait_timeout = 3",  # the default is 50 s
        },
    )


def writable(text: str) -> str:
    """Spell out what is no character: JSON may bring half of one, and databases refuse it."""
    return text.encode(errors="backslashreplace").decode()
