"""A child process: what it is, how it is started with its log, and how it is stopped."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TETHER = Path(__file__).with_name("tether.py")
LONGEST_LOG_BYTES = 20_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """A process that belongs to the hub.

    Attributes:
        name: Names its log file.
        command: The program and its arguments.
        healthy: Tells whether it does its work now; answers ``False`` instead of raising.
        environment: Added to what this process was given.
        stop_within_s: How long it may take to stop after SIGTERM before it is killed.
    """

    name: str
    command: tuple[str, ...]
    healthy: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_within_s: float = 15


class ChildProcess:
    """One run of a child."""

    def __init__(self, child: Child, process: asyncio.subprocess.Process) -> None:
        self._child = child
        self._process = process

    @classmethod
    async def start(cls, child: Child, log: Path) -> "ChildProcess":
        """Start it, tied to this process; what it says is added to ``log``."""
        _make_room(log)
        with log.open("ab") as said:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *child.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**os.environ, **child.environment},  # noqa: TID251 - handed on, not read
                # In a session of its own, so that Ctrl-C reaches only us and we stop it in turn.
                start_new_session=True,
            )
        return cls(child, process)

    @property
    def alive(self) -> bool:
        """Tell whether it has not ended yet."""
        return self._process.returncode is None

    async def ended(self, within_s: float) -> bool:
        """Wait for its end, but not longer than ``within_s``; tell whether it came."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):  # wait_for of 3.11 can swallow a cancel
                await self._process.wait()
        return not self.alive

    async def stop(self) -> None:
        """Ask it to stop; kill it and what it started when it takes too long."""
        if self.alive:
            self._signal(signal.SIGTERM)
            await self.ended(self._child.stop_within_s)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


def last_lines(log: Path, count: int = 15) -> str:
    """Tell the last lines of a log, for a person who asks why."""
    if not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-count:])


def _make_room(log: Path) -> None:
    """Put a long log aside; one old log is kept."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LONGEST_LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
