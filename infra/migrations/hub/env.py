"""Brings the hub's database up to date on the connection that ``infra.migrate`` hands over."""

from alembic import context
from sqlmodel import SQLModel

import gateways.tables  # noqa: F401 - names the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    version_table="lifeline_hub_version",
    render_as_batch=True,  # SQLite can not alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
