"""Looks into the folder of the MES every second, for ever."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from domain.errors import GatewayBusy

LOOK_S = 1.0  # an order waits for what lies there; a look at an empty folder costs nothing

log = structlog.get_logger()


class Folder(Protocol):
    """What this needs: take what is complete, and tell how many rows were new."""

    def sweep(self) -> int: ...


class MesWatch:
    """Watches one folder; ``arrived`` is told after each look that brought something new."""

    def __init__(self, folder: Folder, arrived: Callable[[], None], look_s: float = LOOK_S) -> None:
        self._folder = folder
        self._arrived = arrived
        self._look_s = look_s

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                if await asyncio.to_thread(self._folder.sweep):
                    self._arrived()
            except (GatewayBusy, OSError) as fault:
                log.warning("mes_folder_waits", fault=type(fault).__name__)
            await asyncio.sleep(self._look_s)
