"""Stock locks per second on one hot SKU, beside plain pymysql that says the same to MariaDB.

Both sides run the same statements on the same private server, in turns, with the same number of
threads: reserve the parcel's row, take the pieces if they are free, commit. Plain pymysql neither
pools connections nor repeats a deadlock nor looks for an earlier lock; that is what ours costs.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pymysql
from pymysql.cursors import Cursor

from bench.rows import Row
from domain.clock import utc_now
from domain.order import order_id
from domain.parcel import Band, Item, Parcel
from gateways.database import open_database
from gateways.stock import SqlStock
from infra.mariadb import Mariadb, private_mariadb
from infra.migrate import migrate_stock
from settings import Stock, StockNames

THREADS = 8
LOCKS = 200  # by each thread, in each half of a pair
ENOUGH = 1_000_000
WAREHOUSE, SKU = "HZ-GS", "hot"
FAILED = "a lock failed, so the figure would be wrong"

RESERVE = (
    "INSERT INTO stock_lock (parcel_key, sku, warehouse, quantity, state, at)"
    " VALUES (%s, %s, %s, %s, %s, %s)"
)
TAKE = (
    "UPDATE stock_item SET locked = locked + %s WHERE warehouse = %s AND sku = %s"
    " AND on_hand - locked - safety >= %s"
)

LockMany = Callable[[int, Sequence[Parcel]], None]  # lock these parcels, as this thread


def measure(pairs: int = 5) -> list[Row]:
    """Measure both sides ``pairs`` times, in turns, on a server of their own."""
    with tempfile.TemporaryDirectory() as folder, private_mariadb(Path(folder)) as server:
        url = server.create("bench")
        migrate_stock(url, StockNames())
        with _ours(url) as ours, _plain(server) as plain:
            _rate(ours, "ours-warm"), _rate(plain, "plain-warm")
            rates = [(_rate(ours, f"ours-{n}"), _rate(plain, f"plain-{n}")) for n in range(pairs)]
    return [
        Row(
            name="stock locks on one hot SKU, MariaDB, 8 threads",
            value=round(median(ours for ours, _ in rates), 1),
            unit="locks/s",
            against="plain pymysql with the same statements",
            ratio=round(median(ours / plain for ours, plain in rates), 3),
            goal=0.7,
        )
    ]


def _rate(lock_many: LockMany, turn: str) -> float:
    """Let all threads lock parcels of their own, and tell how many locks a second came of it."""
    work = [[_parcel(f"{turn}-{thread}-{n}") for n in range(LOCKS)] for thread in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()
        for thread in [pool.submit(lock_many, n, parcels) for n, parcels in enumerate(work)]:
            thread.result()
        return THREADS * LOCKS / (time.perf_counter() - began)


@contextlib.contextmanager
def _ours(url: str) -> Iterator[LockMany]:
    """Lock through the hub's own gateway, which also puts the goods there."""
    engine = open_database(url)
    stock = SqlStock(engine, Stock(url=url, through_wms=()), _NoWms())
    stock.set_on_hand(WAREHOUSE, {SKU: ENOUGH})

    def lock_many(_: int, parcels: Sequence[Parcel]) -> None:
        if not all(stock.lock(parcel).locked for parcel in parcels):
            raise RuntimeError(FAILED)

    yield lock_many
    engine.dispose()


@contextlib.contextmanager
def _plain(server: Mariadb) -> Iterator[LockMany]:
    """Say the same through pymysql alone, each thread on a connection of its own."""
    with contextlib.ExitStack() as opened:
        connections = [
            opened.enter_context(contextlib.closing(server.connect("bench")))
            for _ in range(THREADS)
        ]

        def lock_many(thread: int, parcels: Sequence[Parcel]) -> None:
            for parcel in parcels:
                _lock_plainly(connections[thread], parcel.key)

        yield lock_many


def _lock_plainly(connection: "pymysql.Connection[Cursor]", key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, (key, SKU, WAREHOUSE, 1, "locked", utc_now().isoformat()))
        if cursor.execute(TAKE, (1, WAREHOUSE, SKU, 1)) != 1:
            raise RuntimeError(FAILED)
    connection.commit()


def _parcel(number: str) -> Parcel:
    item = Item(
        line_no=1,
        sku=SKU,
        name="热卖",
        quantity=1,
        band=Band.AMBIENT,
        weight_g=500,
        volume_cm3=800,
        paid_fen=990,
    )
    order = order_id("bench", number)
    return Parcel(order_id=order, no=1, warehouse=WAREHOUSE, carrier="shunfeng", items=(item,))


class _NoWms:
    """No warehouse of the bench lives in a WMS."""

    def quantities(self, warehouse: str, skus: Iterable[str]) -> dict[str, int]:
        raise AssertionError(f"{warehouse}: {list(skus)}")
