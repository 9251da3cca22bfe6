"""Opens a database, SQLite or MySQL, so that the same code is safe and quick on both."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, Insert, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from domain.errors import GatewayBusy

Args = ParamSpec("Args")
Answer = TypeVar("Answer")

# Pass to ``engine.execution_options`` for transactions that only read: on SQLite they then never
# wait for a writer. All others take the write lock at once, since two transactions that both read
# first and write later can not be told to wait: one of them would fail.
READING: dict[str, Any] = {"reading": True}

BUSY_TIMEOUT_MS = 10_000  # how long SQLite waits for another writer

# MySQL's numbers for what passes by itself: lock wait timeout, deadlock, connection lost (twice).
PASSING = frozenset({1205, 1213, 2006, 2013})


def open_database(url: str) -> Engine:
    """Open the database at ``url``: ``sqlite:///var/hub.sqlite`` or ``mysql://user:pw@host/name``.

    A relative SQLite path counts from the working directory; its folder is made if it is missing.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return _open_mysql(parsed)


def _open_sqlite(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - whatever the driver gives
    connection.isolation_level = None  # the driver shall not begin transactions behind our back
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # with WAL, a killed process loses nothing
    connection.execute("PRAGMA foreign_keys=ON")


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


def inserted(engine: Engine, row: Insert) -> bool:
    """Insert one row and commit; ``False`` when its key is there already."""
    try:
        with engine.begin() as connection:
            connection.execute(row)
    except IntegrityError:
        return False
    return True


def patient(database: str) -> Callable[[Callable[Args, Answer]], Callable[Args, Answer]]:
    """Do a transaction again that a deadlock or a lost connection undid.

    The transaction must be safe to repeat: a connection may be lost after the commit.

    Raises:
        GatewayBusy: the database stays out of reach; ``database`` names it.
    """

    def around(work: Callable[Args, Answer]) -> Callable[Args, Answer]:
        @functools.wraps(work)
        def patiently(*args: Args.args, **kwargs: Args.kwargs) -> Answer:
            try:
                return work(*args, **kwargs)  # almost always enough, and it costs nothing
            except DBAPIError as e:
                if not _is_passing(e):
                    raise _busy(database, e) from e
            try:
                return AGAIN(work, *args, **kwargs)
            except DBAPIError as e:
                raise _busy(database, e) from e

        return patiently

    return around


def _is_passing(error: BaseException) -> bool:
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    lost_a_race = isinstance(error, IntegrityError)  # to another with the same key: look again
    waited_in_vain = "database is locked" in str(error.orig)  # SQLite
    return lost_a_race or waited_in_vain or _number(error) in PASSING


def _number(error: DBAPIError) -> object:
    return next(iter(error.orig.args), None) if error.orig else None


def _busy(database: str, error: DBAPIError) -> Exception:
    """Tell a database that does not answer from a statement that is wrong."""
    if isinstance(error, OperationalError):
        return GatewayBusy(database, f"数据库没有答复({_number(error)})")
    return error


AGAIN = Retrying(
    retry=retry_if_exception(_is_passing),
    stop=stop_after_attempt(8),
    wait=wait_random_exponential(multiplier=0.01, max=0.5),
    reraise=True,
)
