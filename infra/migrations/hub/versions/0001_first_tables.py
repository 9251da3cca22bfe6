"""The first tables: inbox, order book, allocations, labels, buyers, articles."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMBLOB, MEDIUMTEXT

revision = "0001"
down_revision = None

ON_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary().with_variant(MEDIUMBLOB(), "mysql")
LONG_TEXT = sa.Text().with_variant(MEDIUMTEXT(), "mysql")
UTC = sa.DateTime().with_variant(DATETIME(fsp=6), "mysql")


def upgrade() -> None:
    _inbox()
    _order_book()
    _allocation()
    _label()
    _buyer()
    _sku()


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", AUTO_ID, primary_key=True),
        sa.Column("door", sa.String(32), nullable=False),
        sa.Column("event_key", sa.String(190), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("received_at", UTC, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("claimed_until", UTC),
        sa.Column("order_id", sa.String(100)),
        sa.Column("fault_path", sa.String(190)),
        sa.Column("fault_reason", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("settled_at", UTC),
        sa.UniqueConstraint("door", "event_key", name="inbox_event"),
        **ON_MYSQL,
    )
    op.create_index("ix_inbox_state", "inbox", ["state"])


def _order_book() -> None:
    op.create_table(
        "order_book",
        sa.Column("order_id", sa.String(100), primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("received_at", UTC, nullable=False),
        sa.Column("opened_at", UTC),
        sa.UniqueConstraint("channel", "number", name="order_book_number"),
        **ON_MYSQL,
    )
    op.create_index("ix_order_book_number", "order_book", ["number"])
    op.create_index("ix_order_book_received_at", "order_book", ["received_at"])


def _allocation() -> None:
    op.create_table(
        "allocation",
        sa.Column("carrier", sa.String(32), primary_key=True),
        sa.Column("waybill", sa.String(64), primary_key=True),
        sa.Column("parcel_key", sa.String(110), nullable=False),
        sa.Column("order_id", sa.String(100), nullable=False),
        sa.Column("at", UTC, nullable=False),
        **ON_MYSQL,
    )
    op.create_index("ix_allocation_waybill", "allocation", ["waybill"])
    op.create_index("ix_allocation_parcel_key", "allocation", ["parcel_key"])


def _label() -> None:
    op.create_table(
        "label",
        sa.Column("parcel_key", sa.String(110), primary_key=True),
        sa.Column("waybill", sa.String(64), nullable=False),
        sa.Column("png", BYTES, nullable=False),
        sa.Column("zpl", LONG_TEXT, nullable=False),
        sa.Column("printer", sa.String(64), nullable=False),
        sa.Column("drawn_at", UTC, nullable=False),
        sa.Column("sent_at", UTC),
        sa.Column("printed_at", UTC),
        **ON_MYSQL,
    )


def _buyer() -> None:
    op.create_table(
        "buyer",
        sa.Column("buyer_key", sa.String(64), primary_key=True),
        sa.Column("frozen_until", UTC, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", UTC, nullable=False),
        **ON_MYSQL,
    )


def _sku() -> None:
    op.create_table(
        "sku",
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("band", sa.String(16), nullable=False),
        sa.Column("weight_g", sa.Integer, nullable=False),
        sa.Column("volume_cm3", sa.Integer, nullable=False),
        sa.Column("price_fen", sa.Integer, nullable=False),
        **ON_MYSQL,
    )
