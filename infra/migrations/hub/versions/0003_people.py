"""What people work on: exceptions with their owners, and what was done about buyers."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import DATETIME

revision = "0003"
down_revision = "0002"

ON_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime().with_variant(DATETIME(fsp=6), "mysql")


def upgrade() -> None:
    op.add_column("order_book", sa.Column("buyer_key", sa.String(64)))
    op.create_index("ix_order_book_buyer_key", "order_book", ["buyer_key"])
    _buyer_act()
    _exception()


def _buyer_act() -> None:
    op.create_table(
        "buyer_act",
        sa.Column("id", AUTO_ID, primary_key=True),
        sa.Column("buyer_key", sa.String(64), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("until", UTC),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", UTC, nullable=False),
        **ON_MYSQL,
    )
    op.create_index("ix_buyer_act_buyer_key", "buyer_act", ["buyer_key"])


def _exception() -> None:
    op.create_table(
        "exception",
        sa.Column("order_id", sa.String(100), primary_key=True),
        sa.Column("step", sa.String(32), primary_key=True),
        sa.Column("subject", sa.String(110), primary_key=True),
        sa.Column("since", UTC, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("remedies", sa.Text, nullable=False),
        sa.Column("deadline", UTC, nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("owned_at", UTC),
        sa.Column("escalations", sa.Integer, nullable=False),
        sa.Column("rung_at", UTC),
        sa.Column("cleared_at", UTC),
        **ON_MYSQL,
    )
    op.create_index("ix_exception_deadline", "exception", ["deadline"])
    op.create_index("ix_exception_cleared_at", "exception", ["cleared_at"])
