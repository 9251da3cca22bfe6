"""What a handler sets off and nobody waits for at once: it is done before the life ends."""

import asyncio
from collections.abc import Coroutine


class Errands:
    """The errands of one life."""

    def __init__(self) -> None:
        self._running: list[asyncio.Task[None]] = []

    def begin(self, errand: Coroutine[None, None, None]) -> None:
        """Set an errand off."""
        self._running.append(asyncio.create_task(errand))

    async def done(self) -> None:
        """Wait until all are done, also what is begun meanwhile; a fault in one is raised here."""
        while self._running:
            await self._running.pop(0)

    @property
    def under_way(self) -> bool:
        """Whether something is to be waited for."""
        return bool(self._running)
