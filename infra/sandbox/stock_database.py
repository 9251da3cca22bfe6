"""The merchant's own stock database, as its warehouse staff fill it: plain SQL, no hub code.

``stock_item(warehouse, sku, on_hand, locked, safety)`` is there already. Goods that come in later
are journalled in ``goods_in`` in the same transaction, so that a receipt is booked once even when
the sandbox is killed in the middle of it.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pymysql

Goods = list[tuple[str, int]]  # (sku, pieces)
FAULTS = (sqlite3.Error, pymysql.err.Error)
PATIENCE_S = 30  # the hub writes here too
JOURNAL = "CREATE TABLE IF NOT EXISTS goods_in (receipt VARCHAR(64) PRIMARY KEY)"


class StockDatabase:
    """Books goods in. ``url`` is ``sqlite:///path`` or ``mysql+pymysql://user:word@host/name``."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sqlite = url.startswith("sqlite")

    def shelve(self, warehouse: str, goods: Goods) -> None:
        """Put goods on empty shelves; a shelf that has a row is left alone."""
        ignore = "OR IGNORE" if self._sqlite else "IGNORE"
        insert = (
            f"INSERT {ignore} INTO stock_item (warehouse, sku, on_hand, locked, safety)"  # noqa: S608 - one of two words of our own
            " VALUES (%s, %s, %s, 0, 0)"
        )
        with self._work() as cursor:
            cursor.execute(JOURNAL)
            cursor.executemany(self._sql(insert), [(warehouse, *shelf) for shelf in goods])

    def receive(self, receipt: str, warehouse: str, goods: Goods) -> None:
        """Add goods to their shelves, once for each receipt."""
        known = self._sql("SELECT 1 FROM goods_in WHERE receipt = %s")
        note = self._sql("INSERT INTO goods_in (receipt) VALUES (%s)")
        add = "UPDATE stock_item SET on_hand = on_hand + %s WHERE warehouse = %s AND sku = %s"
        with self._work() as cursor:
            cursor.execute(known, (receipt,))
            if cursor.fetchone() is None:
                cursor.execute(note, (receipt,))
                rows = [(quantity, warehouse, sku) for sku, quantity in sorted(goods)]
                cursor.executemany(self._sql(add), rows)

    def _sql(self, text: str) -> str:
        return text.replace("%s", "?") if self._sqlite else text

    @contextlib.contextmanager
    def _work(self) -> Iterator[Any]:
        """Give a cursor in one transaction."""
        with contextlib.closing(self._connect()) as connection:
            cursor = connection.cursor()
            if self._sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def _connect(self) -> Any:  # noqa: ANN401 - either driver's connection
        if self._sqlite:
            # "rw": a database that is not there is a fault, and no new file.
            path = f"file:{quote(self._url.removeprefix('sqlite:///'))}?mode=rw"
            return sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None, uri=True)
        parts = urlsplit(self._url)
        return pymysql.connect(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 3306,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=parts.path.lstrip("/"),
            unix_socket=dict(parse_qsl(parts.query)).get("unix_socket"),
            charset="utf8mb4",
        )
