"""Sales channels: versions, unknown fields, tokens, reconciliations; early and dropped pushes."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMBLOB

revision = "0002"
down_revision = "0001"

ON_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary().with_variant(MEDIUMBLOB(), "mysql")
UTC = sa.DateTime().with_variant(DATETIME(fsp=6), "mysql")


def upgrade() -> None:
    _inbox()
    _orders()
    _channels()
    _reconciliation()


def _inbox() -> None:
    op.add_column("inbox", sa.Column("settled_by", sa.String(64)))
    op.add_column("inbox", sa.Column("settled_why", sa.Text))
    op.create_table(
        "inbox_alert",
        sa.Column("door", sa.String(32), primary_key=True),
        sa.Column("fault_path", sa.String(190), primary_key=True),
        sa.Column("rung_at", UTC, nullable=False),
        **ON_MYSQL,
    )


def _orders() -> None:
    op.add_column("order_book", sa.Column("seen", sa.String(64)))
    op.add_column("order_book", sa.Column("seen_at", UTC))
    op.add_column("order_book", sa.Column("acceptance", sa.String(16)))
    op.add_column("order_book", sa.Column("acceptance_reason", sa.Text))
    with op.batch_alter_table("sku") as sku:
        sku.add_column(
            sa.Column("made_to_order", sa.Boolean, nullable=False, server_default=sa.false())
        )
        sku.alter_column("made_to_order", existing_type=sa.Boolean, server_default=None)


def _channels() -> None:
    op.create_table(
        "channel_act",
        sa.Column("id", AUTO_ID, primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", UTC, nullable=False),
        **ON_MYSQL,
    )
    op.create_index("ix_channel_act_channel", "channel_act", ["channel"])
    op.create_table(
        "channel_field",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("version", sa.String(32), primary_key=True),
        sa.Column("path", sa.String(190), primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("first_seen", UTC, nullable=False),
        sa.Column("last_seen", UTC, nullable=False),
        **ON_MYSQL,
    )
    op.create_table(
        "channel_token",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("sealed", BYTES, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        **ON_MYSQL,
    )


def _reconciliation() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("id", AUTO_ID, primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("since", UTC, nullable=False),
        sa.Column("until", UTC, nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("started", sa.Integer, nullable=False),
        sa.Column("mended", sa.Integer, nullable=False),
        sa.Column("parked", sa.Integer, nullable=False),
        sa.Column("at", UTC, nullable=False),
        **ON_MYSQL,
    )
    op.create_index("ix_reconciliation_channel", "reconciliation", ["channel"])
