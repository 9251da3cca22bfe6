"""The warehouses' label printers: one TCP server each, a small part of a Zebra (protocols 11).

A printer works its stream off in order. Without paper, paused or open it keeps what comes, and goes
on when a person has been there; it looks whenever somebody speaks to it. Names in its memory
outlive a kill -9 of the sandbox, as its power is its own; labels that were still waiting are lost.

Ledger ``printer``: ``label`` by running number {printer, warehouse, parcel_key, waybill, sha256 of
the dots}; ``state`` by warehouse {paper_out, paused, head_open, silent}; ``memory`` by warehouse
and name. A fault is drawn for each label that comes in.
"""

import asyncio
import contextlib
import csv
import itertools
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

from infra.sandbox.faults import SLOW_S, Fault, FaultPlan
from infra.sandbox.ledger import Ledger
from infra.sandbox.partners.printer_wire import (
    Kind,
    Order,
    State,
    split,
    tell_names,
    tell_status,
)
from infra.sandbox.world import World

NAME = "printer"
HOST = "127.0.0.1"
WAREHOUSES = Path(__file__).parents[1] / "data" / "warehouses.csv"


class Voice:
    """How a printer answers on one connection, until a fault takes its voice."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.fault: Fault | None = None

    def say(self, answer: bytes) -> None:
        """Answer; or hang up or keep silent in its place."""
        if self.fault is Fault.FAIL_AFTER:
            self.hang_up()
        elif self.fault is not Fault.LOST_ANSWER and not self._writer.is_closing():
            self._writer.write(answer)

    def hang_up(self) -> None:
        """Close the connection."""
        self._writer.close()


class Printer:
    """One warehouse's printer."""

    def __init__(self, warehouse: str, ledger: Ledger, plan: FaultPlan) -> None:
        self._warehouse = warehouse
        self._ledger = ledger
        self._plan = plan
        self._buffer: deque[tuple[Order, Voice]] = deque()
        self._talks: set[asyncio.Task[None]] = set()

    def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a new connection."""
        task = asyncio.create_task(self._talk(reader, writer))
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    async def switch_off(self) -> None:
        """End every conversation."""
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        voice, heard = Voice(writer), b""
        try:
            while not writer.is_closing() and (chunk := await reader.read(65536)):
                orders, heard = split(heard + chunk)
                for order in itertools.takewhile(lambda _: not writer.is_closing(), orders):
                    await self._hear(order, voice)
        except ConnectionError:
            self._ledger.note("connection", self._warehouse, "lost")
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _hear(self, order: Order, voice: Voice) -> None:
        """Take one order in. ``~HS`` is answered at once, all else when its turn comes."""
        fault = self._plan.on_call() if order.kind is Kind.LABEL else None
        self._ledger.note(order.kind, order.parcel_key or self._warehouse, fault or "heard")
        if fault is Fault.FAIL_BEFORE:
            voice.hang_up()
            return
        if fault is Fault.SLOW:
            await asyncio.sleep(SLOW_S)
        voice.fault = fault or voice.fault
        if order.kind is not Kind.STATUS:
            self._buffer.append((order, voice))
        self._work_off()
        if order.kind is Kind.STATUS and not self._state().silent:
            voice.say(tell_status(self._state(), len(self._buffer)))

    def _work_off(self) -> None:
        while self._buffer and self._state().prints:
            order, voice = self._buffer.popleft()
            self._do(order, voice)

    def _do(self, order: Order, voice: Voice) -> None:
        name = f"{self._warehouse}/{order.name}"
        match order.kind:
            case Kind.LABEL:
                self._print(order)
            case Kind.STORE:
                self._ledger.put("memory", name, {})
            case Kind.DELETE:
                self._ledger.drop("memory", name)
            case Kind.LIST:
                voice.say(tell_names(order.name, self._names_like(order.name)))
            case Kind.STATUS | Kind.OTHER:
                pass  # answered already, or nothing that we know

    def _print(self, order: Order) -> None:
        if not order.dots:
            self._ledger.note(order.kind, order.parcel_key, "graphic does not decode")
            return
        doc = {
            "printer": f"{NAME}-{self._warehouse}",
            "warehouse": self._warehouse,
            "parcel_key": order.parcel_key,
            "waybill": order.waybill,
            "sha256": order.dots,
        }
        self._ledger.put("label", f"{self._ledger.count('label') + 1:08}", doc)

    def _names_like(self, asked: str) -> list[str]:
        if "*" not in asked:
            there = self._ledger.get("memory", f"{self._warehouse}/{asked}") is not None
            return [asked] if there else []
        start = f"{self._warehouse}/{asked.partition('*')[0]}"
        here = (key for key, _ in self._ledger.each("memory") if key.startswith(start))
        return [key.partition("/")[2] for key in here]

    def _state(self) -> State:
        return State(**self._ledger.get("state", self._warehouse) or {})


def set_state(ledger: Ledger, warehouse: str, **flags: bool) -> State:
    """Do to a printer what a person would: ``paper_out``, ``paused``, ``head_open``, ``silent``.

    Flags that are not named stay as they are.

    Raises:
        TypeError: there is no such flag.
    """
    state = State(**{**(ledger.get("state", warehouse) or {}), **flags})
    ledger.put("state", warehouse, {})
    ledger.amend("state", warehouse, **flags)
    return state


@contextlib.asynccontextmanager
async def serve_printers(world: World, first_port: int) -> AsyncIterator[dict[str, int]]:
    """Run the printer of each warehouse, and tell their ports.

    The n-th warehouse of ``warehouses.csv`` gets ``first_port + n``; 0 lets the system choose.
    """
    ledger, plan = world.open_ledger(NAME), world.plan_of(NAME)
    async with contextlib.AsyncExitStack() as running:
        ports = {}
        for n, warehouse in enumerate(warehouse_codes()):
            printer = Printer(warehouse, ledger, plan)
            port = first_port + n if first_port else 0
            server = await asyncio.start_server(printer.answer, HOST, port)
            await running.enter_async_context(server)
            running.push_async_callback(printer.switch_off)
            ports[warehouse] = server.sockets[0].getsockname()[1]
        yield ports


def warehouse_codes() -> tuple[str, ...]:
    """Tell the warehouses in the order of their ports."""
    with WAREHOUSES.open(encoding="utf-8", newline="") as file:
        return tuple(row["code"] for row in csv.DictReader(file))
