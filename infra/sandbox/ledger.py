"""What one partner knows and did, in a SQLite file of its own.

The auditor reads these files, so the shape is a contract:
``entry(kind, key, at, world_at, doc)`` holds documents by kind and key, ``call(at, operation,
subject, outcome)`` holds every request that came in, also the refused and the failed ones.
Times are ISO 8601 in UTC; ``doc`` is JSON; money in it is whole fen (``*_fen``).
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    kind TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL, world_at TEXT NOT NULL,
    doc TEXT NOT NULL, PRIMARY KEY (kind, key)
);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, operation TEXT NOT NULL,
    subject TEXT NOT NULL, outcome TEXT NOT NULL
);
"""

Doc = dict[str, Any]


class Clock(Protocol):
    """Whoever knows the time in the sandbox's world."""

    def now(self) -> datetime: ...


class Ledger:
    """One partner's documents and call log. A write is committed when it returns."""

    def __init__(self, path: Path, clock: Clock) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Commit what is written inside at once, or nothing of it. Do not await inside."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def put(self, kind: str, key: str, doc: Doc) -> bool:
        """Keep a new document; ``False`` when one is there under this key already."""
        row = (kind, key, _utc_now(), self._clock.now().isoformat(), _text(doc))
        done = self._db.execute("INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?)", row)
        return done.rowcount == 1

    def get(self, kind: str, key: str) -> Doc | None:
        """Look a document up."""
        query = "SELECT doc FROM entry WHERE kind = ? AND key = ?"
        row = self._db.execute(query, (kind, key)).fetchone()
        return None if row is None else json.loads(row[0])

    def amend(self, kind: str, key: str, **changes: Any) -> Doc:  # noqa: ANN401 - JSON values
        """Change fields of a document that is there, and tell what it says now."""
        doc = {**(self.get(kind, key) or {}), **changes}
        query = "UPDATE entry SET doc = ? WHERE kind = ? AND key = ?"
        if self._db.execute(query, (_text(doc), kind, key)).rowcount != 1:
            raise KeyError(f"{kind} {key}")
        return doc

    def drop(self, kind: str, key: str) -> None:
        """Forget a document, if it is there."""
        self._db.execute("DELETE FROM entry WHERE kind = ? AND key = ?", (kind, key))

    def each(self, kind: str) -> Iterator[tuple[str, Doc]]:
        """Tell every document of a kind, oldest first."""
        query = "SELECT key, doc FROM entry WHERE kind = ? ORDER BY rowid"
        for key, doc in self._db.execute(query, (kind,)).fetchall():
            yield key, json.loads(doc)

    def kinds(self) -> list[str]:
        """Tell which kinds of documents there are."""
        query = "SELECT DISTINCT kind FROM entry ORDER BY kind"
        return [kind for (kind,) in self._db.execute(query)]

    def count(self, kind: str) -> int:
        """Count the documents of a kind."""
        query = "SELECT count(*) FROM entry WHERE kind = ?"
        return int(self._db.execute(query, (kind,)).fetchone()[0])

    def note(self, operation: str, subject: str, outcome: str) -> None:
        """Log one call: what was asked, about what, and what became of it."""
        self._db.execute(
            "INSERT INTO call (at, operation, subject, outcome) VALUES (?, ?, ?, ?)",
            (_utc_now(), operation, subject, outcome),
        )

    def calls(self) -> list[tuple[str, str, str, str]]:
        """Tell the call log, oldest first: time, operation, subject, outcome."""
        query = "SELECT at, operation, subject, outcome FROM call ORDER BY id"
        return self._db.execute(query).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _utc_now() -> str:
    return datetime.now(UTC).isoformat()


def _text(doc: Doc) -> str:
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":"))
