"""A label printer on the network (TCP 9100), made to print each label once (protocols 11).

The printer takes bytes, knows no keys and confirms nothing. So each label is followed by a marker
that stays in the printer's memory: it works its stream off in order, so a marker that is there says
that the label before it was taken. Before anything is sent again, the printer is asked for the
marker. A power cut clears the marker together with the labels not yet on paper, so printing again
is right then.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from domain.errors import GatewayBusy
from gateways import zpl
from gateways.zpl import Trouble

# A marker matters only until the hub has written "printed" down; the oldest are deleted beyond
# this, so that they never fill the printer's memory.
MARKERS_KEPT = 256

REMEDIES = {
    Trouble.HEAD_OPEN: "开盖,请合上打印头和机盖",
    Trouble.PAPER_OUT: "缺纸,请装入 100×150 毫米面单纸",
    Trouble.RIBBON_OUT: "碳带用尽,请更换碳带",
    Trouble.OVER_HEATED: "打印头过热,请等待冷却",
    Trouble.BUFFER_FULL: "缓存已满,请等待出纸或检查是否卡纸",
    Trouble.PAUSED: "已暂停,请按打印机的暂停键恢复",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds: for a connection, for each answer, and for one's turn."""

    connect_s: float = 2.0
    answer_s: float = 2.0
    turn_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One label to print: its ZPL, and the marker that tells it from all others."""

    marker: str
    zpl: str


class LabelPrinter:
    """The printer of one warehouse. Keep one for each: its labels must not run into each other."""

    def __init__(self, warehouse: str, host: str, port: int, patience: Patience) -> None:
        self.warehouse = warehouse
        self.address = (host, port)
        self._patience = patience
        self._turn = asyncio.Lock()
        self._marked: deque[str] | None = None  # oldest first; unknown until the printer is asked

    async def print_once(self, job: Job) -> None:
        """See the label taken by the printer; one that it has already is not sent again.

        Raises:
            GatewayBusy: the printer needs a person, is silent, or has not confirmed the label; ask
                again, which finds out first whether it came through.
        """
        async with self._my_turn(), self._connected() as line:
            self._insist_on_ready(await line.status())
            if not await line.has(job.marker):
                await self._send(line, job)
            self._insist_on_ready(await line.status())

    async def _send(self, line: "Line", job: Job) -> None:
        if self._marked is None:
            self._marked = deque(await line.markers())
        stale = [self._marked.popleft() for _ in range(len(self._marked) + 1 - MARKERS_KEPT)]
        await line.send(
            b"".join(map(zpl.drop_marker, stale)),
            job.zpl.encode(),
            zpl.put_marker(job.marker),
        )
        if not await line.has(job.marker):
            raise self._busy("没有确认收到面单,稍后先查询再决定是否重打")
        self._marked.append(job.marker)

    def _insist_on_ready(self, troubles: tuple[Trouble, ...]) -> None:
        if troubles:
            raise self._busy(f"{REMEDIES[troubles[0]]};处理后自动继续打印")

    @contextlib.asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        """Wait for the labels before, but not for ever: behind a silent printer a queue grows."""
        try:
            async with asyncio.timeout(self._patience.turn_s):
                await self._turn.acquire()
        except TimeoutError as e:
            raise self._busy("前面的面单还没打完,稍后再试") from e
        try:
            yield
        finally:
            self._turn.release()

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator["Line"]:
        """Speak with the printer; silence and a lost connection are faults, never a yes."""
        try:
            async with asyncio.timeout(self._patience.connect_s):
                reader, writer = await asyncio.open_connection(*self.address)
        except (OSError, TimeoutError) as e:
            raise self._busy("连接不上,请检查电源和网线") from e
        try:
            yield Line(reader, writer, self._patience.answer_s)
        except TimeoutError as e:
            raise self._busy("无响应,请检查是否缺纸、开盖或死机") from e
        except (OSError, EOFError, asyncio.LimitOverrunError) as e:
            raise self._busy("通信中断,请检查网线") from e
        finally:
            writer.transport.abort()  # what was confirmed is out; the rest must not hold us up
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _busy(self, reason: str) -> GatewayBusy:
        return GatewayBusy("printer", f"{self.warehouse} 仓面单打印机{reason}")


class Line:
    """One open connection to a printer. Every answer raises ``TimeoutError`` if it stays away."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer_s: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answer_s = answer_s

    async def status(self) -> tuple[Trouble, ...]:
        """Ask how the printer is."""
        return zpl.read_status(await self._ask(zpl.ASK_STATUS, zpl.STATUS_LINES))

    async def has(self, marker: str) -> bool:
        """Ask whether the printer has a marker."""
        (listing,) = await self._ask(zpl.ask_marker(marker), 1)
        return marker in zpl.read_markers(listing)

    async def markers(self) -> tuple[str, ...]:
        """Ask for all markers."""
        (listing,) = await self._ask(zpl.ask_marker(zpl.ANY_MARKER), 1)
        return zpl.read_markers(listing)

    async def send(self, *formats: bytes) -> None:
        """Send formats in one piece, so that little can come between a label and its marker."""
        async with asyncio.timeout(self._answer_s):
            self._writer.write(b"".join(formats))
            await self._writer.drain()

    async def _ask(self, question: bytes, frames: int) -> tuple[bytes, ...]:
        await self.send(question)
        async with asyncio.timeout(self._answer_s):
            return tuple([await self._frame() for _ in range(frames)])

    async def _frame(self) -> bytes:
        """Read what stands between the next STX and its ETX."""
        await self._reader.readuntil(zpl.STX)
        return (await self._reader.readuntil(zpl.ETX))[: -len(zpl.ETX)]
