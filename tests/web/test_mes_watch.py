"""The front looks into the folder of the MES, and goes on looking whatever it meets there."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from domain.errors import GatewayBusy
from web.mes_watch import MesWatch


class Folder:
    """A folder that brings what the test says, one look after the other."""

    def __init__(self, *looks: int | Exception) -> None:
        self.looks = list(looks)
        self.empty = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def sweep(self) -> int:
        if not self.looks:
            self._loop.call_soon_threadsafe(self.empty.set)
            return 0
        found = self.looks.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


@contextlib.asynccontextmanager
async def watched(folder: Folder) -> AsyncIterator[list[None]]:
    told: list[None] = []
    watching = asyncio.create_task(MesWatch(folder, lambda: told.append(None), 0).run())
    yield told
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


async def test_the_drain_is_told_of_every_look_that_brought_something() -> None:
    folder = Folder(0, 2, 0, 1)

    async with watched(folder) as told, asyncio.timeout(5):
        await folder.empty.wait()

    assert 2 == len(told)


@pytest.mark.parametrize("fault", [GatewayBusy("hub", "数据库无响应"), PermissionError("done")])
async def test_a_look_that_fails_is_followed_by_another(fault: Exception) -> None:
    folder = Folder(fault, 1)

    async with watched(folder) as told, asyncio.timeout(5):
        await folder.empty.wait()

    assert 1 == len(told)
