"""The merchant's stock database, read with plain SQL: what lies there, and who has locked it."""

import re
from dataclasses import astuple, dataclass
from typing import Any

from infra.auditor.database import FAULTS, reading
from infra.auditor.records import Goods, Lock, LockState, Shelf
from infra.auditor.source import Unreadable

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
        with reading(url, "库存库", "stock.url") as cursor:
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
