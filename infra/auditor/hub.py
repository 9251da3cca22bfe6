"""What the hub itself has on record and nobody outside knows: who bears a loss, who is frozen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.auditor.database import FAULTS, reading
from infra.auditor.records import Freeze, WriteOff
from infra.auditor.source import Unreadable

WRITE_OFFS = "SELECT order_id, subject, line_nos, `by` FROM write_off"
FREEZES = "SELECT buyer_key, at FROM buyer_act WHERE act = 'freeze' AND `by` = %s"
BUYERS = "SELECT order_id, buyer_key FROM order_book WHERE buyer_key IS NOT NULL"
GUARD = "guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRecord:
    """The hub's own record; ``buyers`` tells each order's buyer by the key that the hub uses."""

    write_offs: tuple[WriteOff, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    buyers: Mapping[str, str] = field(default_factory=dict)


def read_hub(url: str) -> HubRecord:
    """Read the hub's database; without an address nothing is on record.

    Raises:
        Unreadable: the database or its tables are not there.
    """
    if not url:
        return HubRecord()
    try:
        with reading(url, "中枢库", "hub.url") as cursor:
            return HubRecord(
                write_offs=_write_offs(cursor),
                freezes=_freezes(cursor, "?" if url.startswith("sqlite") else "%s"),
                buyers=dict(_rows(cursor, BUYERS)),
            )
    except FAULTS as e:
        raise Unreadable(f"中枢库读不了,请检查设置 hub.url:{e}") from e


def _write_offs(cursor: Any) -> tuple[WriteOff, ...]:  # noqa: ANN401 - either driver's
    return tuple(
        WriteOff(order_id=order_id, subject=subject, lines=tuple(json.loads(lines)), by=by)
        for order_id, subject, lines, by in _rows(cursor, WRITE_OFFS)
    )


def _freezes(cursor: Any, mark: str) -> tuple[Freeze, ...]:  # noqa: ANN401 - either driver's
    cursor.execute(FREEZES.replace("%s", mark), (GUARD,))
    return tuple(Freeze(buyer_key=key, at=_utc(at)) for key, at in cursor.fetchall())


def _rows(cursor: Any, query: str) -> Any:  # noqa: ANN401 - either driver's
    cursor.execute(query)
    return cursor.fetchall()


def _utc(at: str | datetime) -> datetime:
    """Read a time; the databases keep UTC without saying so."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.replace(tzinfo=UTC)
