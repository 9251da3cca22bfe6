"""The hub's own database and the stock's: do they answer, and have they the tables of today?"""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from gateways.database import open_database
from infra.doctor.finding import Finding, fine, wrong
from infra.migrate import MIGRATIONS
from settings import Settings


def hub(settings: Settings) -> Finding:
    """Look at the database of inbox, order book and labels."""
    return _examine("业务数据库", settings.hub.url, "hub")


def stock(settings: Settings) -> Finding:
    """Look at the stock's database."""
    return _examine("库存数据库", settings.stock.url, "stock")


def _examine(name: str, url: str, history: str) -> Finding:
    shown = make_url(url).render_as_string(hide_password=True)
    if _not_made_yet(url):
        return fine(name, f"{shown} 还没有建立,第一次启动时自动建立")
    try:
        found = _revision(url, history)
    except SQLAlchemyError as silent:
        return wrong(
            name,
            f"{shown} 连不上({type(silent).__name__}):"
            f"请检查数据库是否启动,以及 lifeline.toml 的 [{history}] url。",
        )
    wanted = ScriptDirectory(str(MIGRATIONS / history)).get_current_head()
    if found != wanted:
        return wrong(
            name, f"{shown} 的表结构是 {found},应为 {wanted}:运行 lifeline up 会自动升级。"
        )
    return fine(name, f"{shown},表结构 {found}")


def _not_made_yet(url: str) -> bool:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return False
    return not Path(parsed.database).exists()


def _revision(url: str, history: str) -> str | None:
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            options = {"version_table": f"lifeline_{history}_version"}
            return MigrationContext.configure(connection, opts=options).get_current_revision()
    finally:
        engine.dispose()
