"""The sandbox's printers, spoken to as a Zebra is: raw bytes over TCP."""

import asyncio
import base64
import contextlib
import hashlib
import zlib
from binascii import crc_hqx
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.sandbox.faults import Fault
from infra.sandbox.ledger import Ledger
from infra.sandbox.partners.printer import serve_printers, set_state, warehouse_codes
from infra.sandbox.world import World
from tests.free_ports import a_free_row

DOTS = bytes(range(20))
MARK = b"^XA^DFR:KABCDEFG.ZPL^FS^XZ"
ASK = b"^XA^HWR:KABCDEFG.ZPL^XZ"


@contextlib.asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    world = World(folder, speed=1, seed=1, hub_url="http://127.0.0.1:9")
    yield world
    for ledger in world.ledgers.values():
        ledger.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as world:
        yield world


@pytest.fixture
def ledger(world: World) -> Ledger:
    return world.open_ledger("printer")


@pytest.fixture
async def ports(world: World) -> AsyncIterator[dict[str, int]]:
    async with serve_printers(world, 0) as ports:
        yield ports


def z64(dots: bytes) -> str:
    packed = base64.b64encode(zlib.compress(dots))
    return f":Z64:{packed.decode()}:{crc_hqx(packed, 0):04X}"


def a_label(key: str = "miniprogram/1/1", data: str = z64(DOTS)) -> bytes:
    field = f"^FO0,0^GFA,{len(data)},{len(DOTS)},2,{data}^FS"
    return f"^XA^FXparcel {key}^FS^FXwaybill SF1^FS^PW16^LL10{field}^PQ1^XZ".encode()


async def say(port: int, words: bytes) -> bytes:
    """Say it, end, and hear the printer out."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    writer.write_eof()
    heard = await asyncio.wait_for(reader.read(), 3)
    writer.close()
    await writer.wait_closed()
    return heard


async def test_each_warehouse_has_its_printer_on_the_port_of_its_turn(world: World) -> None:
    first = a_free_row(len(warehouse_codes()))

    assert warehouse_codes()[:2] == ("HZ-GS", "HZ-XH")
    async with serve_printers(world, first) as ports:
        assert list(ports.items())[1] == ("HZ-XH", first + 1)


async def test_a_printer_tells_its_state_in_three_lines(
    ports: dict[str, int], ledger: Ledger
) -> None:
    set_state(ledger, "HZ-GS", paper_out=True, head_open=True)

    first, second, third = (await say(ports["HZ-GS"], b"~HS")).split(b"\r\n")[:3]

    assert first == b"\x02030,1,0,1200,000,0,0,0,000,0,0,0\x03"
    assert second == b"\x02000,0,1,0,0,2,4,0,00000000,1,000\x03"
    assert third == b"\x021234,0\x03"


@pytest.mark.parametrize("data", [z64(DOTS), DOTS.hex().upper()])
async def test_a_label_that_comes_out_is_in_the_ledger(
    ports: dict[str, int], ledger: Ledger, data: str
) -> None:
    await say(ports["HZ-GS"], a_label(data=data))

    assert list(ledger.each("label")) == [
        (
            "00000001",
            {
                "printer": "printer-HZ-GS",
                "warehouse": "HZ-GS",
                "parcel_key": "miniprogram/1/1",
                "waybill": "SF1",
                "sha256": hashlib.sha256(DOTS).hexdigest(),
            },
        )
    ]


@pytest.mark.parametrize(
    "data", [z64(DOTS)[:-4] + "0000", z64(DOTS + b"x"), "zz", ":Z64:x:0:0", ""]
)
async def test_a_picture_that_does_not_decode_is_not_a_label(
    ports: dict[str, int], ledger: Ledger, data: str
) -> None:
    await say(ports["HZ-GS"], a_label(data=data))

    assert ledger.count("label") == 0
    assert ledger.calls()[-1][3] == "graphic does not decode"


async def test_a_printer_remembers_names_until_they_are_deleted(ports: dict[str, int]) -> None:
    port = ports["HZ-GS"]
    assert b"*R:" not in await say(port, ASK)

    assert b"*R:KABCDEFG.ZPL" in await say(port, MARK + ASK)
    assert b"*R:KABCDEFG.ZPL" in await say(port, b"^XA^HWR:K*.ZPL^XZ")
    assert b"*R:" not in await say(ports["HZ-XH"], ASK)

    assert b"*R:" not in await say(port, b"^XA^IDR:KABCDEFG.ZPL^FS^XZ" + ASK)


async def test_a_label_waits_for_paper_and_its_marker_with_it(
    ports: dict[str, int], ledger: Ledger
) -> None:
    set_state(ledger, "HZ-GS", paper_out=True)
    assert await say(ports["HZ-GS"], a_label() + MARK + ASK) == b""
    assert ledger.count("label") == 0
    assert b"00000003,1,000" in await say(ports["HZ-GS"], b"~HS")
    set_state(ledger, "HZ-GS", paper_out=False)

    await say(ports["HZ-GS"], b"~HS")

    assert ledger.count("label") == 1
    assert b"*R:KABCDEFG.ZPL" in await say(ports["HZ-GS"], ASK)


async def test_a_silent_printer_hears_and_says_nothing(
    ports: dict[str, int], ledger: Ledger
) -> None:
    set_state(ledger, "HZ-GS", silent=True)

    assert await say(ports["HZ-GS"], b"~HS") == b""


@pytest.mark.parametrize(
    ("fault", "labels"),
    [(Fault.FAIL_BEFORE, 0), (Fault.FAIL_AFTER, 1), (Fault.LOST_ANSWER, 1), (Fault.SLOW, 1)],
)
async def test_faults_strike_labels_before_or_after_the_paper(
    world: World, ports: dict[str, int], ledger: Ledger, fault: Fault, labels: int
) -> None:
    world.plan_of("printer").switch(fault, 1)

    answer = await say(ports["HZ-GS"], a_label() + MARK + ASK)

    assert ledger.count("label") == labels
    assert (b"*R:KABCDEFG.ZPL" in answer) == (fault is Fault.SLOW)


async def test_a_label_may_come_in_pieces(ports: dict[str, int], ledger: Ledger) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", ports["HZ-GS"])
    for piece in (a_label()[:40], a_label()[40:-2], a_label()[-2:] + ASK):
        writer.write(piece)
        await writer.drain()
    await reader.readuntil(b"\x03")
    writer.close()
    await writer.wait_closed()

    assert ledger.count("label") == 1


async def test_what_a_printer_remembers_outlives_the_sandbox(tmp_path: Path) -> None:
    for answer in (MARK, ASK):
        async with a_world(tmp_path) as world, serve_printers(world, 0) as ports:
            heard = await say(ports["HZ-GS"], answer)

    assert b"*R:KABCDEFG.ZPL" in heard


def test_only_what_a_person_can_do_to_a_printer_is_a_state(world: World, ledger: Ledger) -> None:
    set_state(ledger, "HZ-GS", paused=True)

    assert set_state(ledger, "HZ-GS", paper_out=True).paused
    with pytest.raises(TypeError):
        set_state(ledger, "HZ-GS", on_fire=True)
