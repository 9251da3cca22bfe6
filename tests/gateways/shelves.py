"""Stocks to test against, and parcels to lock."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from domain.order import OrderId
from domain.parcel import Band, Item, Parcel
from gateways.database import open_database
from gateways.stock import SqlStock
from gateways.stock_mirror import Inventory
from gateways.stock_tables import stock_tables
from infra.migrate import migrate_stock
from settings import Stock
from tests.fakes.stock import FakeStock

Books = dict[tuple[str, str], tuple[int, int]]  # on hand and locked, by warehouse and SKU


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """A stock, and a look into its books behind its back."""

    stock: SqlStock | FakeStock
    books: Callable[[], Books]


class NoWms:
    """Nobody is to be asked."""

    def quantities(self, warehouse: str, skus: Iterable[str]) -> dict[str, int]:
        raise AssertionError(f"{warehouse} was asked for {skus}")


@contextlib.contextmanager
def sql_shelves(settings: Stock, inventory: Inventory | None = None) -> Iterator[Shelves]:
    """Open an empty stock in the database that the settings name."""
    migrate_stock(settings.url, settings.names)
    engine, tables = open_database(settings.url), stock_tables(settings.names)

    def books() -> Books:
        item = tables.item.c
        with engine.begin() as connection:
            query = select(item.warehouse, item.sku, item.on_hand, item.locked)
            return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}

    yield Shelves(stock=SqlStock(engine, settings, inventory or NoWms()), books=books)
    engine.dispose()


def fake_shelves() -> Shelves:
    stock = FakeStock()
    return Shelves(
        stock=stock,
        books=lambda: {
            shelf: (stock.on_hand[shelf], stock.locked[shelf]) for shelf in (*stock.on_hand,)
        },
    )


def a_parcel(order: str, *lines: tuple[str, int], warehouse: str = "HZ-GS", no: int = 1) -> Parcel:
    """Pack SKUs and pieces; the same SKU may come in several lines."""
    return Parcel(
        order_id=OrderId(f"miniprogram/{order}"),
        no=no,
        warehouse=warehouse,
        carrier="shunfeng",
        items=tuple(
            Item(
                line_no=line_no,
                sku=sku,
                name=sku,
                quantity=quantity,
                band=Band.AMBIENT,
                weight_g=500,
                volume_cm3=800,
                paid_fen=990,
            )
            for line_no, (sku, quantity) in enumerate(lines, start=1)
        ),
    )
