"""The merchant's stock database, read with plain SQL: what lies there, and who has locked it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql

from infra.auditor.records import Goods, Lock, LockState, Shelf
from infra.auditor.source import Unreadable

FAULTS = (sqlite3.Error, pymysql.err.Error)
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockNames:
    """How the merchant's database calls the two tables, and the columns of the first."""

    item_table: str = "stock_item"
    lock_table: str = "stock_lock"
    warehouse: str = "warehouse"
    sku: str = "sku"
    on_hand: str = "on_hand"
    locked: str = "locked"
    safety: str = "safety"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """All shelves and all locks, of the same moment."""

    shelves: tuple[Shelf, ...]
    locks: tuple[Lock, ...]


def read_stock(url: str, names: StockNames) -> Stock:
    """Read ``sqlite:///path`` or ``mysql://user:word@host:port/name`` (``mysql+pymysql`` too).

    Raises:
        Unreadable: the database or its tables are not there, or a name is not a plain word.
    """
    for name in astuple(names):
        if not PLAIN.fullmatch(name):
            raise Unreadable(f"库存库的表名或列名只能用字母、数字和下划线:{name!r}")
    try:
        with _reading(url) as cursor:
            return Stock(shelves=_shelves(cursor, names), locks=_locks(cursor, names))
    except FAULTS as e:
        raise Unreadable(f"库存库读不了,请检查设置 stock.url 与 stock.names:{e}") from e


def _shelves(cursor: Any, names: StockNames) -> tuple[Shelf, ...]:  # noqa: ANN401 - either driver's
    columns = (names.warehouse, names.sku, names.on_hand, names.locked)
    cursor.execute(_select(columns, names.item_table))
    return tuple(
        Shelf(warehouse=warehouse, sku=sku, on_hand=on_hand, locked=locked)
        for warehouse, sku, on_hand, locked in cursor.fetchall()
    )


def _locks(cursor: Any, names: StockNames) -> tuple[Lock, ...]:  # noqa: ANN401 - either driver's
    columns = ("parcel_key", "warehouse", "sku", "quantity", "state")
    cursor.execute(_select(columns, names.lock_table))
    return tuple(
        Lock(
            parcel_key=parcel_key,
            warehouse=warehouse,
            goods=Goods(sku=sku, quantity=quantity),
            state=LockState(state),
        )
        for parcel_key, warehouse, sku, quantity, state in cursor.fetchall()
    )


def _select(columns: tuple[str, ...], table: str) -> str:
    """Both databases take a name between backticks, also one that is a word of theirs."""
    return f"SELECT {', '.join(f'`{name}`' for name in columns)} FROM `{table}`"  # noqa: S608 - plain words only


@contextmanager
def _reading(url: str) -> Iterator[Any]:
    """Give a cursor that sees one moment and can change nothing."""
    on_sqlite = url.startswith("sqlite")
    with closing(_open_file(url) if on_sqlite else _open_server(url)) as connection:
        cursor = connection.cursor()
        cursor.execute("BEGIN" if on_sqlite else "START TRANSACTION READ ONLY")
        yield cursor


def _open_file(url: str) -> sqlite3.Connection:
    path = Path(url.partition("///")[2])
    if not path.exists():
        raise Unreadable(f"缺少库存库 {path}:请先运行 lifeline up,或检查设置 stock.url")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _open_server(url: str) -> "pymysql.Connection[Any]":
    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
        unix_socket=dict(parse_qsl(parts.query)).get("unix_socket"),
        charset="utf8mb4",
    )
