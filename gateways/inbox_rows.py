"""How a push is written into the inbox, and read out of it again."""

import hashlib
import json
from typing import Any

from sqlalchemy import Row

from domain.events import Push
from gateways.database import writable
from gateways.tables import LONG_KEY, InboxState


def row_of(door: str, key: str, push: Push) -> dict[str, object]:
    """Write a push that nobody has worked on yet."""
    return {
        "door": door,
        "event_key": fitting(key),
        "path": writable(push.path),
        "headers": json.dumps(dict(push.headers)),
        "query": json.dumps(dict(push.query)),
        "body": push.body,
        "received_at": push.received_at,
        "state": InboxState.NEW,
        "attempts": 0,
    }


def push_of(row: Row[Any]) -> Push:
    """Read a push as it came."""
    return Push(
        path=row.path,
        headers=json.loads(row.headers),
        query=json.loads(row.query),
        body=row.body,
        received_at=row.received_at,
    )


def fitting(key: str) -> str:
    """Keep a key as it is, or its hash when an index can not tell it from others.

    It may have no room for it, no way to write it, or, on MySQL, no eye for spaces at the end.
    """
    if len(key) <= LONG_KEY and key == writable(key).rstrip():
        return key
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
