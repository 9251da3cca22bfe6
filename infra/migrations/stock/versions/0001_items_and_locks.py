"""The item table, unless the merchant has one already, and the lock table."""

from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None

ON_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    names = context.config.attributes["names"]
    if not sa.inspect(op.get_bind()).has_table(names.item_table):
        op.create_table(
            names.item_table,
            sa.Column(names.warehouse, sa.String(32), primary_key=True),
            sa.Column(names.sku, sa.String(64), primary_key=True),
            sa.Column(names.on_hand, sa.Integer, nullable=False),
            sa.Column(names.locked, sa.Integer, nullable=False, server_default="0"),
            sa.Column(names.safety, sa.Integer, nullable=False, server_default="0"),
            **ON_MYSQL,
        )
    op.create_table(
        names.lock_table,
        sa.Column("parcel_key", sa.String(110), primary_key=True),
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("warehouse", sa.String(32), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        **ON_MYSQL,
    )
