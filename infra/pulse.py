"""How a process without a port shows that its event loop turns: a file that it touches."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NoReturn

EVERY_S = 2.0
FRESH_S = 10.0


async def beat(file: Path) -> NoReturn:
    """Touch ``file`` for ever."""
    while True:
        _touch(file)
        await asyncio.sleep(EVERY_S)


def beats(file: Path) -> Callable[[], Awaitable[bool]]:
    """Make a check that ``file`` was touched a moment ago."""

    async def check() -> bool:
        return _age_s(file) < FRESH_S

    return check


def _touch(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def _age_s(file: Path) -> float:
    try:
        return time.time() - file.stat().st_mtime  # noqa: TID251 - compared with a file's time
    except FileNotFoundError:
        return math.inf
