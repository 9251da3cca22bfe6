"""Waits for a fact about real processes, up to a deadline. And asks the system about them."""

import asyncio
import inspect
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

DEADLINE_S = 30


async def eventually(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return once ``holds`` does; fail at the deadline."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            answer = holds()
            if await answer if inspect.isawaitable(answer) else answer:
                return
            await asyncio.sleep(0.02)


def free_port() -> int:
    """Tell a port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lives(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be buried does not."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def number_in(file: Path) -> int | None:
    """Tell the number that a process wrote, if it has."""
    text = file.read_text() if file.exists() else ""
    return int(text) if text.endswith("\n") else None
