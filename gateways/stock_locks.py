"""The lock table: one row for each parcel and SKU, written once and never deleted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlalchemy.engine.interfaces import DBAPICursor

from domain.parcel import Parcel
from gateways.stock_statements import Prepared, StockStatements
from gateways.stock_tables import LockState

Pieces = Mapping[str, int]  # pieces by SKU, in the order in which rows are taken


class Owner(Protocol):
    """Whoever rows belong to: a parcel, or what came back of one."""

    @property
    def key(self) -> str: ...
    @property
    def warehouse(self) -> str: ...


class LockRow(NamedTuple):
    """What a parcel has locked of one SKU."""

    sku: str
    warehouse: str
    quantity: int
    state: LockState
    at: datetime


def pieces_of(parcel: Parcel) -> Pieces:
    """Add up the pieces of each SKU, in the fixed order of all transactions."""
    pieces: Counter[str] = Counter()
    for item in sorted(parcel.items, key=lambda item: item.sku):
        pieces[item.sku] += item.quantity
    return pieces


def state_of(rows: Sequence[LockRow]) -> LockState | None:
    """Tell what became of a parcel's lock; its rows always change together."""
    return rows[0].state if rows else None


class LockTable:
    """Reads and writes a parcel's rows, within the transaction whose cursor is given."""

    def __init__(self, sql: StockStatements) -> None:
        self._sql = sql

    def write(
        self, cursor: DBAPICursor, owner: Owner, pieces: Pieces, state: LockState, at: datetime
    ) -> None:
        """Write the owner's rows; the driver's ``IntegrityError`` when they are there already."""
        same = {
            "parcel_key": owner.key,
            "warehouse": owner.warehouse,
            "state": state.value,
            "at": at.isoformat(),
        }
        rows = [{**same, "sku": sku, "quantity": quantity} for sku, quantity in pieces.items()]
        self._sql.reserve.run_each(cursor, rows)

    def read(self, cursor: DBAPICursor, parcel: Parcel) -> list[LockRow]:
        """Read the parcel's rows by SKU; nobody changes them until the transaction ends."""
        self._sql.look_up.run(cursor, parcel_key=parcel.key)
        return [
            LockRow(sku, warehouse, quantity, LockState(state), datetime.fromisoformat(at))
            for sku, warehouse, quantity, state, at in cursor.fetchall()
        ]

    def settle(
        self, cursor: DBAPICursor, parcel: Parcel, rows: Sequence[LockRow], state: LockState
    ) -> None:
        """Write what became of the lock, and move its pieces accordingly."""
        self._sql.settle.run(cursor, parcel_key=parcel.key, state=state.value)
        move = self._move_into(state)
        for row in rows:
            move.run(cursor, warehouse=row.warehouse, sku=row.sku, quantity=row.quantity)

    def _move_into(self, state: LockState) -> Prepared:
        return self._sql.ship if state is LockState.SHIPPED else self._sql.give_back
