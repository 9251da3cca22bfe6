"""Keeps a robot within its messages a minute, whoever speaks through it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

# WeCom lets a robot speak 20 times a minute (protocols 6: the figure is from memory). Two are left
# for a front that has just been started again and does not know what it said before.
MOST_A_MINUTE = 18
MINUTE_S = 60.0


class RobotPace:
    """Counts what was said in the last minute.

    Args:
        most: How many messages may be said in ``within_s`` seconds.
        now: Tells the seconds of a clock that is never set.
    """

    def __init__(
        self,
        most: int = MOST_A_MINUTE,
        within_s: float = MINUTE_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._within_s = within_s
        self._now = now
        self._spoken: deque[float] = deque(maxlen=most)

    async def ready(self) -> None:
        """Wait until one more message may be said."""
        while (wait_s := self._wait_s()) > 0:  # noqa: ASYNC110 - time passes without an event
            await asyncio.sleep(wait_s)

    async def turn(self) -> None:
        """Wait for one's turn, and take it; nobody comes in between."""
        await self.ready()
        self._spoken.append(self._now())

    def _wait_s(self) -> float:
        if len(self._spoken) < (self._spoken.maxlen or 0):
            return 0.0
        return self._spoken[0] + self._within_s - self._now()
