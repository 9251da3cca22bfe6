"""Transactions: one through the driver alone, and patience for what passes by itself."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from sqlalchemy import Engine, Insert, PoolProxiedConnection
from sqlalchemy.engine.interfaces import DBAPICursor, DBAPIModule
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from domain.errors import GatewayBusy

Args = ParamSpec("Args")
Answer = TypeVar("Answer")

# MySQL's numbers for what passes by itself: lock wait timeout, deadlock, connection lost (twice).
PASSING = frozenset({1205, 1213, 2006, 2013})


@contextlib.contextmanager
def transaction(engine: Engine) -> Iterator[DBAPICursor]:
    """Give a cursor of the driver itself; commit at the end of the block, or roll back.

    For statements whose text is ready: SQLAlchemy's own connection takes as long in Python as
    such a statement takes in the database. Faults are SQLAlchemy's all the same.
    """
    driver = engine.dialect.loaded_dbapi
    try:
        with contextlib.closing(engine.raw_connection()) as connection:
            try:
                cursor = connection.cursor()
                if engine.dialect.name == "sqlite":
                    cursor.execute("BEGIN IMMEDIATE")  # pymysql begins by itself
                yield cursor
                connection.commit()
            except driver.Error as e:
                _undo(engine, connection, e)
                raise
            except BaseException:
                connection.rollback()
                raise
    except driver.Error as e:
        raise DBAPIError.instance(None, None, e, driver.Error) from e


def _undo(engine: Engine, connection: PoolProxiedConnection, fault: DBAPIModule.Error) -> None:
    """Roll back; a connection that is lost shall not go back to the pool."""
    if engine.dialect.is_disconnect(fault, connection, None):
        connection.invalidate(fault)
    else:
        connection.rollback()


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
