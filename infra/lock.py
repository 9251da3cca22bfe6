"""One hub for one ``var/``: two would fight over the same files."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from infra.errors import CannotStart


@contextlib.contextmanager
def sole_user(var: Path) -> Iterator[None]:
    """Hold ``var/lifeline.lock``. The system lets go of it when this process ends in any way.

    Raises:
        CannotStart: Another hub holds it.
    """
    var.mkdir(parents=True, exist_ok=True)
    with _path(var).open("a+") as file:
        if not _taken_by_us(file):
            raise CannotStart(
                f"另一个 Lifeline(进程 {_pid(file)})正在使用 {var}/:"
                "请先停止它,或在 lifeline.toml 里改 var。"
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def user_of(var: Path) -> int | None:
    """Tell the process id of the hub that uses ``var``, or ``None``."""
    if not _path(var).exists():
        return None
    with _path(var).open("r") as file:
        return None if _taken_by_us(file) else _pid(file)


def _path(var: Path) -> Path:
    return var / "lifeline.lock"


def _taken_by_us(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pid(file: IO[str]) -> int:
    file.seek(0)
    return int(file.read() or 0)
