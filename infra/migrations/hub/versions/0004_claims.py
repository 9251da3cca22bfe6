"""What was written off: goods that are gone, and by whose word."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import DATETIME

revision = "0004"
down_revision = "0003"

ON_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
UTC = sa.DateTime().with_variant(DATETIME(fsp=6), "mysql")


def upgrade() -> None:
    op.create_table(
        "write_off",
        sa.Column("order_id", sa.String(100), primary_key=True),
        sa.Column("subject", sa.String(110), primary_key=True),
        sa.Column("line_nos", sa.Text, nullable=False),
        sa.Column("amount_fen", sa.Integer, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", UTC, nullable=False),
        **ON_MYSQL,
    )
    op.create_index("ix_write_off_at", "write_off", ["at"])
