"""A database that is only looked at: SQLite or MySQL, all of one moment."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql

from infra.auditor.source import Unreadable

FAULTS = (sqlite3.Error, pymysql.err.Error)


@contextmanager
def reading(url: str, what: str, setting: str) -> Iterator[Any]:
    """Give a cursor that sees one moment and can change nothing.

    Args:
        url: ``sqlite:///path`` or ``mysql://user:word@host:port/name`` (``mysql+pymysql`` too).
        what: How a message calls the database.
        setting: The setting that says where it is.

    Raises:
        Unreadable: the file is not there.
    """
    on_sqlite = url.startswith("sqlite")
    opened = _open_file(url, what, setting) if on_sqlite else _open_server(url)
    with closing(opened) as connection:
        cursor = connection.cursor()
        cursor.execute("BEGIN" if on_sqlite else "START TRANSACTION READ ONLY")
        yield cursor


def _open_file(url: str, what: str, setting: str) -> sqlite3.Connection:
    path = Path(url.partition("///")[2])
    if not path.exists():
        raise Unreadable(f"缺少{what} {path}:请先运行 lifeline up,或检查设置 {setting}")
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
