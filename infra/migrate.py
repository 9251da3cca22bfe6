"""Brings databases up to date at start-up. Safe to repeat, and safe in two processes at once.

Each history is a folder of its own, ``migrations/hub`` and ``migrations/stock``. A revision that
was released is never changed; a test fails when the tables and their revisions differ.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from gateways.database import open_database
from settings import StockNames

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate_hub(url: str) -> None:
    """Make or change the hub's tables until they are this version's."""
    with _alone(url) as connection:
        command.upgrade(_history("hub", connection=connection), "head")


def migrate_stock(url: str, names: StockNames) -> None:
    """Make or change the stock's tables; an item table that is there already is left alone."""
    with _alone(url) as connection:
        command.upgrade(_history("stock", connection=connection, names=names), "head")


def _history(name: str, **given: object) -> Config:
    """Find one of the two histories; ``given`` is what its ``env.py`` asks for."""
    config = Config(attributes=dict(given))
    config.set_main_option("script_location", str(MIGRATIONS / name).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextlib.contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """Connect so that a second process that migrates waits for us.

    On SQLite the transaction itself keeps the second one out; MySQL commits each change of a
    table by itself, so there a named lock does, which also ends with a killed connection.
    """
    engine = open_database(url)
    named_lock = engine.dialect.name == "mysql"
    try:
        with engine.begin() as connection:
            if named_lock:
                connection.exec_driver_sql("SELECT GET_LOCK('lifeline migrate', 60)")
            yield connection
            if named_lock:
                connection.exec_driver_sql("SELECT RELEASE_LOCK('lifeline migrate')")
    finally:
        engine.dispose()
