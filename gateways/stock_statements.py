"""The SQL of the stock, rendered once for the database and the names at hand.

SQLAlchemy writes each statement a single time; after that only the driver works. On a hot row the
time between the conditional update and the commit is what every other order waits for.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Insert,
    Table,
    Update,
    UpdateBase,
    bindparam,
    case,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql import Select

from gateways.stock_tables import StockTables

Number = ColumnElement[int]


class Prepared:
    """A statement as text; its values are given by name."""

    def __init__(self, statement: UpdateBase | Select[Any], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._order = tuple(compiled.positiontup or ())

    def run(self, cursor: DBAPICursor, **values: object) -> int:
        """Run it once, and tell how many rows it met."""
        cursor.execute(self._text, self._row(values))
        return cursor.rowcount

    def run_each(self, cursor: DBAPICursor, rows: Iterable[Mapping[str, object]]) -> None:
        """Run it for each row, in one round trip where the driver can.

        A single row, the usual parcel, goes the short way: pymysql takes a statement apart before
        it repeats it.
        """
        values = [self._row(row) for row in rows]
        if len(values) == 1:
            cursor.execute(self._text, values[0])
        else:
            cursor.executemany(self._text, values)

    def _row(self, values: Mapping[str, object]) -> tuple[object, ...]:
        return tuple([values[name] for name in self._order])


class StockStatements:
    """Everything that the stock says to its database."""

    def __init__(self, tables: StockTables, dialect: Dialect) -> None:
        item, lock = tables.item, tables.lock
        self.reserve = Prepared(lock.insert().values(_each_column(lock)), dialect)
        self.look_up = Prepared(_rows_of_a_key(lock), dialect)
        self.settle = Prepared(_settle(lock), dialect)
        self.take = Prepared(_take(item), dialect)
        self.give_back = Prepared(_leave(item, {}), dialect)
        self.ship = Prepared(_leave(item, {"on_hand": _at_least_none(item.c.on_hand)}), dialect)
        self.set_on_hand = Prepared(_upsert(item, dialect, lambda _, given: given), dialect)
        self.receive = Prepared(_upsert(item, dialect, lambda here, given: here + given), dialect)


def _each_column(table: Table) -> dict[str, Any]:
    return {key: bindparam(key) for key in table.c.keys()}  # noqa: SIM118 - not a dict


def _rows_of_a_key(lock: Table) -> Select[Any]:
    """Tell a parcel's rows and keep them from changing until the transaction ends."""
    return (
        select(lock.c.sku, lock.c.warehouse, lock.c.quantity, lock.c.state, lock.c.at)
        .where(lock.c.parcel_key == bindparam("parcel_key"))
        .order_by(lock.c.sku)
        .with_for_update()
    )


def _settle(lock: Table) -> Update:
    return (
        update(lock)
        .where(lock.c.parcel_key == bindparam("parcel_key"))
        .values(state=bindparam("state"))
    )


def _take(item: Table) -> Update:
    """Lock pieces if that many are free; no row is changed otherwise."""
    free = item.c.on_hand - item.c.locked - item.c.safety
    return (
        update(item)
        .where(_of_warehouse_and_sku(item), free >= bindparam("quantity"))
        .values(locked=item.c.locked + bindparam("quantity"))
    )


def _leave(item: Table, also: Mapping[str, Any]) -> Update:
    """Pieces are locked no more."""
    fewer = item.c.locked - bindparam("quantity")
    return update(item).where(_of_warehouse_and_sku(item)).values(locked=fewer, **also)


def _at_least_none(on_hand: Number) -> Number:
    """Take pieces off the shelf. A mirror of the WMS may know already that they are gone."""
    gone: Number = bindparam("quantity")
    return case((on_hand > gone, on_hand - gone), else_=literal_column("0"))


def _of_warehouse_and_sku(item: Table) -> ColumnElement[bool]:
    return (item.c.warehouse == bindparam("warehouse")) & (item.c.sku == bindparam("sku"))


def _upsert(item: Table, dialect: Dialect, new: Callable[[Any, Any], Any]) -> Insert:
    """Write what is on hand, for an article that the warehouse has or has not had before."""
    row: dict[str, Any] = {key: bindparam(key) for key in ("warehouse", "sku", "on_hand")}
    if dialect.name == "sqlite":
        there = sqlite.insert(item).values(row)
        written = {item.c.on_hand: new(item.c.on_hand, there.excluded.on_hand)}
        return there.on_conflict_do_update(index_elements=item.primary_key, set_=written)
    given = mysql.insert(item).values(row)
    return given.on_duplicate_key_update(on_hand=new(item.c.on_hand, given.inserted.on_hand))
