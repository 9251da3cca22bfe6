"""The stock: what lies in each warehouse, and which parcel has locked what of it (design 10).

One code for SQLite and MySQL. A lock is one transaction: the parcel's rows in the lock table,
whose unique key keeps a second one out, and a conditional update of each article. Transactions
take their rows in one order (the parcel's, then articles by SKU), so they seldom meet head-on;
when they do, the loser is done again.

Promise: ``0 <= locked`` and locked + safety never exceeds on hand because of a lock.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select
from sqlalchemy.exc import IntegrityError

from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused
from domain.parcel import Parcel
from domain.stock import StockAnswer
from gateways.database import READING, patient
from gateways.stock_mirror import Inventory, Mirror
from gateways.stock_statements import Prepared, StockStatements
from gateways.stock_tables import LockState, StockTables, stock_tables
from settings import Stock as StockSettings

Pieces = Mapping[str, int]  # pieces by SKU, in the order in which rows are taken


def open_stock(settings: StockSettings, engine: Engine, inventory: Inventory) -> "SqlStock":
    """Set up the stock as the settings name and share it; ``inventory`` speaks for the WMS."""
    return SqlStock(engine, stock_tables(settings.names), Mirror(settings, inventory))


class SqlStock:
    """Locks, ships and releases stock in the warehouses' own database.

    Every call is safe to repeat and to run for nothing; the parcel's key is the lock's key.
    """

    def __init__(
        self,
        engine: Engine,
        tables: StockTables,
        mirror: Mirror,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._item = tables.item
        self._sql = StockStatements(tables, engine.dialect)
        self._mirror = mirror
        self._now = now

    @patient("stock")
    def lock(self, parcel: Parcel) -> StockAnswer:
        """Lock all pieces of the parcel or none; a second call finds the first lock.

        A parcel that was released is short for ever: its key is never locked again.

        Raises:
            GatewayBusy: the database, or the WMS that knows the stock, does not answer.
        """
        pieces = _pieces(parcel)
        self._mirror.refresh(parcel.warehouse, pieces, self.set_on_hand)
        at = self._now()
        try:
            return StockAnswer(short=self._take(parcel, pieces, at), at=at)
        except IntegrityError:
            return self._found(parcel, pieces)

    @patient("stock")
    def ship(self, parcel: Parcel) -> None:
        """Take the locked pieces off the books: they have left the warehouse.

        Raises:
            GatewayRefused: nothing is locked for this parcel, or it was released.
            GatewayBusy: the database does not answer.
        """
        with self._engine.begin() as connection:
            rows = self._rows(connection, parcel)
            if _state(rows) is LockState.LOCKED:
                self._settle(connection, parcel, rows, LockState.SHIPPED, self._sql.ship)
            elif _state(rows) is not LockState.SHIPPED:
                reason = f"包裹 {parcel.key} 没有锁定的库存,不能出库;请核对实物后改派"
                raise GatewayRefused("stock", "not_locked", reason)

    @patient("stock")
    def release(self, parcel: Parcel) -> None:
        """Give the locked pieces back, if any; a lock that comes later finds itself refused.

        What was shipped stays shipped.

        Raises:
            GatewayBusy: the database does not answer.
        """
        with self._engine.begin() as connection:
            rows = self._rows(connection, parcel)
            if not rows:
                self._reserve(connection, parcel, _pieces(parcel), LockState.RELEASED, self._now())
            elif _state(rows) is LockState.LOCKED:
                self._settle(connection, parcel, rows, LockState.RELEASED, self._sql.give_back)

    @patient("stock")
    def snapshot(self, skus: Iterable[str]) -> Mapping[tuple[str, str], int]:
        """Tell the free pieces by warehouse and SKU: on hand less locked less safety, not below 0.

        A warehouse whose WMS does not answer is left out: nothing is routed there for now.
        """
        wanted = sorted(set(skus))
        silent = [name for name in self._mirror.warehouses if not self._is_fresh(name, wanted)]
        item = self._item
        free = item.c.on_hand - item.c.locked - item.c.safety
        query = select(item.c.warehouse, item.c.sku, free).where(
            item.c.sku.in_(wanted), item.c.warehouse.not_in(silent)
        )
        with self._reading.begin() as connection:
            rows = connection.execute(query).all()
        return {(warehouse, sku): max(0, pieces) for warehouse, sku, pieces in rows}

    @patient("stock")
    def set_on_hand(self, warehouse: str, quantities: Pieces) -> None:
        """Write what was counted in a warehouse, in pieces by SKU."""
        rows = [
            {"warehouse": warehouse, "sku": sku, "on_hand": pieces}
            for sku, pieces in sorted(quantities.items())
        ]
        with self._engine.begin() as connection:
            self._sql.set_on_hand.run_each(connection, rows)

    def receive(self, warehouse: str, sku: str, quantity: int) -> None:
        """Add pieces that were put on the shelf.

        Not repeated by itself, since nothing names the delivery; the caller may look and repeat.
        """
        with self._engine.begin() as connection:
            self._sql.receive.run(connection, warehouse=warehouse, sku=sku, on_hand=quantity)

    def _take(self, parcel: Parcel, pieces: Pieces, at: datetime) -> tuple[str, ...]:
        """Lock everything, or nothing and tell which SKUs are short."""
        with self._engine.connect() as connection, connection.begin() as transaction:
            self._reserve(connection, parcel, pieces, LockState.LOCKED, at)
            short = tuple(
                sku
                for sku, quantity in pieces.items()
                if self._sql.take.run(
                    connection, warehouse=parcel.warehouse, sku=sku, quantity=quantity
                ).rowcount
                == 0
            )
            if short:
                transaction.rollback()
        return short

    def _found(self, parcel: Parcel, pieces: Pieces) -> StockAnswer:
        """Answer for a key that is in the lock table already."""
        with self._engine.begin() as connection:
            rows = self._rows(connection, parcel)
        if _state(rows) is LockState.RELEASED:
            return StockAnswer(short=tuple(pieces), at=self._now())
        return StockAnswer(short=(), at=datetime.fromisoformat(rows[0].at))

    def _reserve(
        self, connection: Connection, parcel: Parcel, pieces: Pieces, state: LockState, at: datetime
    ) -> None:
        same = {
            "parcel_key": parcel.key,
            "warehouse": parcel.warehouse,
            "state": state.value,
            "at": at.isoformat(),
        }
        rows = [{**same, "sku": sku, "quantity": quantity} for sku, quantity in pieces.items()]
        self._sql.reserve.run_each(connection, rows)

    def _rows(self, connection: Connection, parcel: Parcel) -> Sequence[Row[Any]]:
        return self._sql.look_up.run(connection, parcel_key=parcel.key).all()

    def _settle(
        self,
        connection: Connection,
        parcel: Parcel,
        rows: Sequence[Row[Any]],
        state: LockState,
        move: Prepared,
    ) -> None:
        """Write what became of the lock, and move its pieces accordingly."""
        self._sql.settle.run(connection, parcel_key=parcel.key, state=state.value)
        for row in rows:
            move.run(connection, warehouse=row.warehouse, sku=row.sku, quantity=row.quantity)

    def _is_fresh(self, warehouse: str, skus: Iterable[str]) -> bool:
        with suppress(GatewayBusy):
            self._mirror.refresh(warehouse, skus, self.set_on_hand)
            return True
        return False


def _pieces(parcel: Parcel) -> Pieces:
    """Add up the pieces of each SKU, in the fixed order of all transactions."""
    pieces: Counter[str] = Counter()
    for item in sorted(parcel.items, key=lambda item: item.sku):
        pieces[item.sku] += item.quantity
    return pieces


def _state(rows: Sequence[Row[Any]]) -> LockState | None:
    """Tell what became of a parcel's lock; its rows always change together."""
    return LockState(rows[0].state) if rows else None
