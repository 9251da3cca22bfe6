"""How one partner's ledger file is read: its documents by kind, all of the same moment.

A ledger is a SQLite file with a table ``entry(kind, key, at, world_at, doc)``, ``doc`` being JSON.
It is opened read-only, so an audit never stands in the way of the one who writes it.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

Doc = dict[str, Any]
Record = TypeVar("Record")
QUERY = "SELECT key, doc FROM entry WHERE kind = ? ORDER BY rowid"


class Unreadable(Exception):
    """Something to be audited is missing or has another shape; the message is for people."""


class Source:
    """The documents of some kinds in one ledger.

    Raises:
        Unreadable: the ledger is not there, or is no ledger.
    """

    def __init__(self, folder: Path, partner: str, *kinds: str) -> None:
        self._path = folder / f"{partner}.sqlite"
        self._rows = self._read(kinds)

    def each(self, kind: str, record: Callable[[str, Doc], Record]) -> tuple[Record, ...]:
        """Make a record of every document of a kind, oldest first.

        Raises:
            Unreadable: a document lacks a field; the message names the document and the field.
        """
        return tuple(self._record(kind, key, doc, record) for key, doc in self._rows[kind])

    def _record(
        self, kind: str, key: str, doc: str, record: Callable[[str, Doc], Record]
    ) -> Record:
        try:
            return record(key, json.loads(doc))
        except (KeyError, TypeError, ValueError) as e:
            raise Unreadable(f"账本 {self._path} 的 {kind} {key} 读不懂:{e!r}") from e

    def _read(self, kinds: tuple[str, ...]) -> dict[str, list[tuple[str, str]]]:
        if not self._path.exists():
            raise Unreadable(
                f"缺少账本 {self._path}:请先用 lifeline up 启动沙箱,或检查设置 var 指向的目录"
            )
        try:
            with closing(
                sqlite3.connect(self._address(), uri=True, isolation_level=None)
            ) as ledger:
                ledger.execute("BEGIN")  # one moment for all kinds
                return {kind: ledger.execute(QUERY, (kind,)).fetchall() for kind in kinds}
        except sqlite3.Error as e:
            raise Unreadable(f"账本 {self._path} 打不开:{e}") from e

    def _address(self) -> str:
        return f"{self._path.resolve().as_uri()}?mode=ro"
