"""The stock: what lies in each warehouse, and which parcel has locked what of it (design 10).

One code for SQLite and MySQL. A lock is one transaction: the parcel's rows in the lock table,
whose unique key keeps a second one out, and a conditional update of each article. Transactions
take their rows in one order (the parcel's, then articles by SKU), so they seldom meet head-on;
when they do, the loser is done again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from domain.clock import utc_now
from domain.comeback import Receipt
from domain.errors import GatewayBusy, GatewayRefused
from domain.parcel import Parcel
from domain.stock import StockAnswer
from gateways.database import READING
from gateways.stock_locks import LockTable, Pieces, pieces_of, state_of
from gateways.stock_mirror import Inventory, Mirror
from gateways.stock_statements import StockStatements
from gateways.stock_tables import LockState, stock_tables
from gateways.transaction import patient, transaction
from settings import Stock as StockSettings


class SqlStock:
    """Locks, ships and releases stock in the warehouses' own database.

    Every call is safe to repeat and to run for nothing; the parcel's key is the lock's key.
    """

    def __init__(
        self,
        engine: Engine,
        settings: StockSettings,
        inventory: Inventory,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        tables = stock_tables(settings.names)
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._item = tables.item
        self._sql = StockStatements(tables, engine.dialect)
        self._locks = LockTable(self._sql)
        self._mirror = Mirror(settings, inventory)
        self._now = now

    @patient("stock")
    def lock(self, parcel: Parcel) -> StockAnswer:
        """Lock all pieces of the parcel or none; a second call finds the first lock.

        A parcel that was released is short for ever: its key is never locked again.

        Raises:
            GatewayBusy: the database, or the WMS that knows the stock, does not answer.
        """
        pieces = pieces_of(parcel)
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
        with transaction(self._engine) as cursor:
            rows = self._locks.read(cursor, parcel)
            state = state_of(rows)
            if state is LockState.LOCKED:
                self._locks.settle(cursor, parcel, rows, LockState.SHIPPED)
            elif state is not LockState.SHIPPED:
                reason = f"包裹 {parcel.key} 没有锁定的库存,不能出库;请核对实物后改派"
                raise GatewayRefused("stock", "not_locked", reason)

    @patient("stock")
    def release(self, parcel: Parcel) -> None:
        """Give the locked pieces back, if any; a lock that comes later finds itself refused.

        What was shipped stays shipped.

        Raises:
            GatewayBusy: the database does not answer.
        """
        with transaction(self._engine) as cursor:
            rows = self._locks.read(cursor, parcel)
            state = state_of(rows)
            if state is None:
                pieces = pieces_of(parcel)
                self._locks.write(cursor, parcel, pieces, LockState.RELEASED, self._now())
            elif state is LockState.LOCKED:
                self._locks.settle(cursor, parcel, rows, LockState.RELEASED)

    @patient("stock")
    def put_back(self, receipt: Receipt) -> None:
        """Put what a warehouse received back on the books, once for each return.

        Where a WMS counts the stock it has counted this already: only the receipt is kept.

        Raises:
            GatewayBusy: the database does not answer.
        """
        pieces = Counter[str]()
        for found in sorted(receipt.goods, key=lambda found: found.sku):
            pieces[found.sku] += found.quantity
        with suppress(IntegrityError), transaction(self._engine) as cursor:
            self._locks.write(cursor, receipt, pieces, LockState.RETURNED, receipt.at)
            if receipt.warehouse not in self._mirror.warehouses:
                for sku, quantity in pieces.items():
                    self._sql.receive.run(
                        cursor, warehouse=receipt.warehouse, sku=sku, on_hand=quantity
                    )

    @patient("stock")
    def snapshot(self, skus: Iterable[str]) -> Mapping[tuple[str, str], int]:
        """Tell the free pieces by warehouse and SKU: on hand less locked less safety, not below 0.

        A warehouse whose WMS does not answer is left out: nothing is routed there for now.

        Raises:
            GatewayBusy: the database does not answer.
        """
        wanted = sorted(set(skus))
        silent = [name for name in self._mirror.warehouses if not self._is_fresh(name, wanted)]
        item = self._item.c
        free = item.on_hand - item.locked - item.safety
        query = select(item.warehouse, item.sku, free).where(
            item.sku.in_(wanted), item.warehouse.not_in(silent)
        )
        with self._reading.begin() as connection:
            rows = connection.execute(query).all()
        return {(warehouse, sku): max(0, pieces) for warehouse, sku, pieces in rows}

    @patient("stock")
    def set_on_hand(self, warehouse: str, quantities: Pieces) -> None:
        """Write what was counted in a warehouse, in pieces by SKU; locks stay as they are."""
        rows = [
            {"warehouse": warehouse, "sku": sku, "on_hand": pieces}
            for sku, pieces in sorted(quantities.items())
        ]
        with transaction(self._engine) as cursor:
            self._sql.set_on_hand.run_each(cursor, rows)

    def receive(self, warehouse: str, sku: str, quantity: int) -> None:
        """Add pieces that were put on the shelf.

        Not repeated by itself, since nothing names the delivery: the caller looks, then repeats.
        """
        with transaction(self._engine) as cursor:
            self._sql.receive.run(cursor, warehouse=warehouse, sku=sku, on_hand=quantity)

    def _take(self, parcel: Parcel, pieces: Pieces, at: datetime) -> tuple[str, ...]:
        """Lock everything, or nothing and tell which SKUs are short."""
        take, warehouse = self._sql.take, parcel.warehouse
        with transaction(self._engine) as cursor:
            self._locks.write(cursor, parcel, pieces, LockState.LOCKED, at)
            short = tuple(
                sku
                for sku, quantity in pieces.items()
                if not take.run(cursor, warehouse=warehouse, sku=sku, quantity=quantity)
            )
            if short:
                cursor.execute("ROLLBACK")
        return short

    def _found(self, parcel: Parcel, pieces: Pieces) -> StockAnswer:
        """Answer for a key that is in the lock table already."""
        with transaction(self._engine) as cursor:
            rows = self._locks.read(cursor, parcel)
        if state_of(rows) is LockState.RELEASED:
            return StockAnswer(short=tuple(pieces), at=self._now())
        return StockAnswer(short=(), at=rows[0].at)

    def _is_fresh(self, warehouse: str, skus: Iterable[str]) -> bool:
        """Try to make the mirror of a warehouse fresh, where it is one."""
        with suppress(GatewayBusy):
            self._mirror.refresh(warehouse, skus, self.set_on_hand)
            return True
        return False
