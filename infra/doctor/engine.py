"""The engine: is it installed, and is the place that it keeps orders in one that it understands?"""

from infra.connect import address
from infra.doctor.finding import Finding, fine, wrong
from infra.engine import database
from infra.engine.binary import engine_version, temporal
from infra.errors import CannotStart
from settings import Settings


def binary() -> Finding:
    """Look for the ``temporal`` command."""
    try:
        return fine("Temporal", f"{engine_version()}({temporal()})")
    except CannotStart as missing:
        return wrong("Temporal", str(missing))


def place(settings: Settings) -> Finding:
    """Look at the embedded engine's database, or at the profile of an external engine."""
    return _profile(settings) if settings.engine.profile else _database(settings)


def _profile(settings: Settings) -> Finding:
    try:
        target = address(settings.engine)
    except CannotStart as missing:
        return wrong("外部引擎", str(missing))
    return fine("外部引擎", f"{target['target_host']},命名空间 {target['namespace']}")


def _database(settings: Settings) -> Finding:
    found = database.version_of(settings.var)
    if found is None:
        return fine("引擎数据库", "还没有建立,第一次启动时自动建立")
    try:
        database.require_version(settings.var, engine_version())
    except CannotStart as other:
        return wrong("引擎数据库", str(other))
    return fine("引擎数据库", f"{database.path_of(settings.var)},版本 {found}")
