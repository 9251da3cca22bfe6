"""Keeps the hub's processes running: starts them in order, restarts the dead, stops in reverse.

    async with Supervisor(children, logs=settings.var / "log") as house:
        await house.while_up(demo())

Entering returns when every child is healthy. A child that dies comes back after a growing pause;
one that is alive but unhealthy for too long is stopped first. One that never got healthy is given
up; one that was well once comes back for ever, for the others serve without it: the front keeps
pushes while the engine is away. SIGINT and SIGTERM end the work and
then the children, the last started first. If this process is killed, Linux kills the children.
"""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from infra.errors import CannotStart
from infra.processes import Child, ChildProcess, last_lines

Answer = TypeVar("Answer")
MOST_DOUBLINGS = 20
log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long the supervisor waits for what.

    Attributes:
        unwell_s: A child may be unhealthy for so long, at its start and later.
        check_s: One health check may take so long.
        ask_new_s: The time between health checks until a child is healthy.
        ask_again_s: The time between health checks afterwards.
        settled_s: A child that lived longer than this did not die young.
        young_deaths: After so many in a row a child that was never healthy is given up.
        pause_s: The pause after the first young death; it doubles with each.
        longest_pause_s: It does not get longer than this.
    """

    unwell_s: float = 60
    check_s: float = 5
    ask_new_s: float = 0.1
    ask_again_s: float = 5
    settled_s: float = 15
    young_deaths: int = 5
    pause_s: float = 0.2
    longest_pause_s: float = 10

    def pause(self, young: int) -> float:
        """Tell how long a child rests after so many young deaths in a row."""
        return min(self.pause_s * 2.0 ** min(young, MOST_DOUBLINGS), self.longest_pause_s)


class Supervisor:
    """Runs children as a context manager; see the module."""

    def __init__(
        self, children: Sequence[Child], *, logs: Path, patience: Patience | None = None
    ) -> None:
        self._children = children
        self._logs = logs
        self._patience = patience or Patience()
        self._keepers: list[asyncio.Task[None]] = []
        self._told = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Start the children one after the other, each when the one before is healthy.

        A signal that comes meanwhile ends the starting; ``while_up`` then answers at once.

        Raises:
            CannotStart: One keeps dying, or does not get healthy; the message has its last words.
        """
        self._listen()
        try:
            for child in self._children:
                if not self._told.is_set():
                    await self._bring_up(child)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the children, the last started first."""
        await self._stop()

    async def while_up(self, work: Coroutine[Any, Any, Answer]) -> Answer | None:
        """Do ``work`` while the children live.

        Returns:
            What ``work`` answers, or ``None`` when SIGINT or SIGTERM asked us to stop.

        Raises:
            CannotStart: A child never got healthy, so there is nothing to work with.
        """
        doing = asyncio.create_task(work)
        told = asyncio.create_task(self._told.wait())
        try:
            await asyncio.wait({doing, told, *self._keepers}, return_when=asyncio.FIRST_COMPLETED)
            self._raise_given_up()
            return doing.result() if doing.done() else None
        finally:
            await _cancel(doing, told)

    async def until_told(self) -> None:
        """Wait for SIGINT or SIGTERM; the work of a hub that just serves."""
        await self._told.wait()

    async def _bring_up(self, child: Child) -> None:
        healthy = asyncio.Event()
        self._keepers.append(asyncio.create_task(self._keep(child, healthy)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.unwell_s):
                await self.while_up(healthy.wait())
        if not healthy.is_set() and not self._told.is_set():
            raise CannotStart(self._last_words(child, "迟迟没有就绪"))

    async def _keep(self, child: Child, healthy: asyncio.Event) -> None:
        """Give the child one life after the other."""
        clock, patience, young = asyncio.get_running_loop().time, self._patience, 0
        while True:
            began = clock()
            await self._live(child, healthy)
            young = 0 if clock() - began > patience.settled_s else young + 1
            if young >= patience.young_deaths and not healthy.is_set():
                raise CannotStart(self._last_words(child, f"连续 {young} 次启动后很快退出"))
            pause_s = patience.pause(young)
            log.warning("child_ended", child=child.name, young_deaths=young, again_in_s=pause_s)
            await asyncio.sleep(pause_s)

    async def _live(self, child: Child, healthy: asyncio.Event) -> None:
        """See one life of the child to its end."""
        clock, patience = asyncio.get_running_loop().time, self._patience
        process = await ChildProcess.start(child, self._log(child))
        last_well, pause_s = clock(), patience.ask_new_s
        try:
            while process.alive and clock() - last_well < patience.unwell_s:
                if await self._is_healthy(child):
                    healthy.set()
                    last_well, pause_s = clock(), patience.ask_again_s
                await process.ended(within_s=pause_s)
        finally:
            await process.stop()

    async def _is_healthy(self, child: Child) -> bool:
        try:
            async with asyncio.timeout(self._patience.check_s):
                return await child.healthy()
        except TimeoutError:
            return False

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._told.set)

    async def _stop(self) -> None:
        for keeper in reversed(self._keepers):
            await _cancel(keeper)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    def _raise_given_up(self) -> None:
        for keeper in self._keepers:
            if keeper.done():
                keeper.result()

    def _log(self, child: Child) -> Path:
        return self._logs / f"{child.name}.log"

    def _last_words(self, child: Child, what: str) -> str:
        log = self._log(child)
        return f"{child.name} {what},请查看 {log}。最后几行:\n{last_lines(log)}"


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait for their end; what they raise has been told already."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
