"""Brings the stock database up to date on the connection that ``infra.migrate`` hands over."""

from alembic import context

from gateways.stock_tables import stock_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=stock_tables(context.config.attributes["names"]).metadata,
    version_table="lifeline_stock_version",
    render_as_batch=True,  # SQLite can not alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
