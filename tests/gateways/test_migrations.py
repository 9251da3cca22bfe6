from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect
from sqlmodel import SQLModel

import gateways.tables  # noqa: F401 - names the tables
from gateways.database import open_database
from gateways.stock_tables import stock_tables
from infra.migrate import migrate_hub, migrate_stock
from settings import StockNames
from tests.mariadb import mariadb

__all__ = ["mariadb"]

A_MERCHANTS_OWN = StockNames(item_table="kc_spkc", warehouse="ckdm", sku="spdm", on_hand="sl")


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'down' / 'db.sqlite'}"
    database: str = request.getfixturevalue("mariadb").create("migrations")
    return database


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    yield engine
    engine.dispose()


def differences(engine: Engine, metadata: MetaData, versions: str) -> list[object]:
    """Tell what alembic would change to make the database look like the metadata."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": versions, "compare_server_default": True}
        )
        return list(compare_metadata(context, metadata))


def test_the_hubs_revisions_end_at_the_hubs_tables(url: str, engine: Engine) -> None:
    migrate_hub(url)

    assert [] == differences(engine, SQLModel.metadata, "lifeline_hub_version")


@pytest.mark.parametrize("names", [StockNames(), A_MERCHANTS_OWN])
def test_the_stocks_revisions_end_at_the_stocks_tables(
    url: str, engine: Engine, names: StockNames
) -> None:
    migrate_stock(url, names)

    assert [] == differences(engine, stock_tables(names).metadata, "lifeline_stock_version")


def test_a_merchants_own_item_table_is_left_alone(url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kc_spkc (ckdm INT, extra INT)")

    migrate_stock(url, A_MERCHANTS_OWN)

    columns = [column["name"] for column in inspect(engine).get_columns("kc_spkc")]
    assert ["ckdm", "extra"] == columns
    assert inspect(engine).has_table("stock_lock")


def test_two_processes_that_start_at_once_migrate_once(url: str, engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(migrate_hub, url) for _ in range(4)]:
            each.result()

    with engine.begin() as connection:
        versions = connection.exec_driver_sql("SELECT * FROM lifeline_hub_version").all()
    assert [("0004",)] == [tuple(row) for row in versions]


def test_hub_and_stock_may_share_a_database(url: str, engine: Engine) -> None:
    migrate_hub(url)
    migrate_stock(url, StockNames())
    migrate_hub(url)
    migrate_stock(url, StockNames())

    assert {"inbox", "order_book", "stock_item", "stock_lock"} <= set(
        inspect(engine).get_table_names()
    )


@pytest.mark.parametrize("name", ["a; DROP TABLE x", "", "sku`", "库存", "1st"])
def test_a_column_name_is_a_plain_identifier(name: str) -> None:
    with pytest.raises(ValueError, match=r"stock\.names\.sku"):
        stock_tables(StockNames(sku=name))
