"""The two tables of the stock database, under the names that the merchant gave them.

The item table may be the merchant's own: what lies on the shelf, what of it is locked, and what is
kept back for safety, one row for each warehouse and SKU. The lock table is ours: one row for each
parcel and SKU, which is never deleted, so that a key is never used twice.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Integer, MetaData, String, Table

from gateways.tables import ON_MYSQL, PARCEL_KEY
from settings import StockNames

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class LockState(StrEnum):
    """What became of a lock; what came back has a row of its own, under the return's key."""

    LOCKED = "locked"
    SHIPPED = "shipped"
    RELEASED = "released"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTables:
    """The item table, whose columns have settable names, and the lock table, whose have not."""

    metadata: MetaData
    item: Table
    lock: Table


def stock_tables(names: StockNames) -> StockTables:
    """Draw the tables under these names.

    Raises:
        ValueError: a name is not a plain identifier; the message names the setting.
    """
    for setting, name in names.model_dump().items():
        if not PLAIN.fullmatch(name):
            raise ValueError(f"设置 stock.names.{setting} 只能用字母、数字和下划线:{name!r}")
    metadata = MetaData()
    return StockTables(metadata=metadata, item=_item(names, metadata), lock=_lock(names, metadata))


def _item(names: StockNames, metadata: MetaData) -> Table:
    return Table(
        names.item_table,
        metadata,
        Column(names.warehouse, String(32), primary_key=True, key="warehouse"),
        Column(names.sku, String(64), primary_key=True, key="sku"),
        Column(names.on_hand, Integer, nullable=False, key="on_hand"),
        Column(names.locked, Integer, nullable=False, key="locked", server_default="0"),
        Column(names.safety, Integer, nullable=False, key="safety", server_default="0"),
        **ON_MYSQL,
    )


def _lock(names: StockNames, metadata: MetaData) -> Table:
    """``at`` is when the lock was taken, ISO 8601 in UTC."""
    return Table(
        names.lock_table,
        metadata,
        Column("parcel_key", String(PARCEL_KEY), primary_key=True),
        Column("sku", String(64), primary_key=True),
        Column("warehouse", String(32), nullable=False),
        Column("quantity", Integer, nullable=False),
        Column("state", String(16), nullable=False),
        Column("at", String(32), nullable=False),
        **ON_MYSQL,
    )
