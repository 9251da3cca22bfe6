"""What every printer of the hub must do: the fake one, and the desk before a sandbox printer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from activities.printer import Printers
from domain.errors import GatewayBusy, GatewayRefused
from domain.parcel import Dispatch
from gateways.database import open_database
from gateways.label_desk import LabelDesk, printers_of
from gateways.label_store import LabelStore
from gateways.printer import Job, LabelPrinter, Patience
from infra.sandbox.faults import Fault
from infra.sandbox.partners.printer import serve_printers, set_state
from infra.sandbox.world import World
from settings import Label
from settings import Printers as PrinterSettings
from tests.fakes.printers import FakePrinters
from tests.gateways.label_parcels import a_dispatch

HASTE = Patience(connect_s=1, answer_s=0.5, turn_s=1)


class Hall(Protocol):
    """The packing hall: its printers, and hands on them."""

    @property
    def printers(self) -> Printers: ...
    def labels(self) -> list[str]: ...
    def paper(self, warehouse: str, *, there: bool) -> None: ...
    def silence(self, warehouse: str) -> None: ...
    def lose_confirmations(self, *, lost: bool) -> None: ...


class FakeHall:
    def __init__(self) -> None:
        self.printers = FakePrinters()

    def labels(self) -> list[str]:
        return self.printers.labels

    def paper(self, warehouse: str, *, there: bool) -> None:
        change = set.discard if there else set.add
        change(self.printers.out_of_paper, warehouse)

    def silence(self, warehouse: str) -> None:
        self.printers.silent.add(warehouse)

    def lose_confirmations(self, *, lost: bool) -> None:
        self.printers.confirms = not lost


class SandboxHall:
    """The real gateway on a real socket."""

    def __init__(self, world: World, ports: dict[str, int], var: Path) -> None:
        self._world = world
        self._var = var
        self.ledger = world.open_ledger("printer")
        addresses = {code: f"127.0.0.1:{port}" for code, port in ports.items()}
        self._settings = PrinterSettings(addresses=addresses)
        self._engines: list[Engine] = []
        self.printers = self.desk_without_memory()

    def desk_without_memory(self) -> LabelDesk:
        """As after a crash that came before the label was written down as printed."""
        engine = open_database(f"sqlite:///{self._var / f'hub{len(self._engines)}.sqlite'}")
        SQLModel.metadata.create_all(engine)
        self._engines.append(engine)
        return LabelDesk(Label(), self._settings, LabelStore(engine), (), HASTE)

    def close(self) -> None:
        for engine in self._engines:
            engine.dispose()

    def labels(self) -> list[str]:
        return [label["parcel_key"] for _, label in self.ledger.each("label")]

    def paper(self, warehouse: str, *, there: bool) -> None:
        set_state(self.ledger, warehouse, paper_out=not there)

    def silence(self, warehouse: str) -> None:
        set_state(self.ledger, warehouse, silent=True)

    def lose_confirmations(self, *, lost: bool) -> None:
        self.strike(Fault.FAIL_AFTER, always=lost)

    def strike(self, fault: Fault, *, always: bool) -> None:
        self._world.plan_of("printer").switch(fault, float(always))


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxHall]:
    world = World(tmp_path, speed=1, seed=1, hub_url="http://127.0.0.1:9")
    async with serve_printers(world, 0) as ports:
        hall = SandboxHall(world, ports, tmp_path)
        yield hall
        hall.close()
    for ledger in world.ledgers.values():
        ledger.close()


@pytest.fixture(params=["fake", "sandbox"])
def hall(request: pytest.FixtureRequest, sandbox: SandboxHall) -> Hall:
    return FakeHall() if request.param == "fake" else sandbox


async def test_a_parcel_gets_its_label_at_its_own_warehouse(hall: Hall) -> None:
    parcel = a_dispatch(warehouse="HZ-GS")

    printed = await hall.printers.print(parcel)

    assert printed.printer == "HZ-GS"
    assert hall.labels() == [parcel.parcel.key]


async def test_a_second_print_of_the_same_parcel_prints_nothing(hall: Hall) -> None:
    first = await hall.printers.print(a_dispatch())

    assert await hall.printers.print(a_dispatch()) == first
    assert len(hall.labels()) == 1


async def test_two_parcels_get_two_labels(hall: Hall) -> None:
    await hall.printers.print(a_dispatch("1"))
    await hall.printers.print(a_dispatch("2"))

    assert hall.labels() == ["miniprogram/1/1", "miniprogram/2/1"]


async def test_a_label_that_was_not_confirmed_is_printed_exactly_once(hall: Hall) -> None:
    hall.lose_confirmations(lost=True)
    with pytest.raises(GatewayBusy):
        await hall.printers.print(a_dispatch())
    hall.lose_confirmations(lost=False)

    await hall.printers.print(a_dispatch())

    assert hall.labels() == [a_dispatch().parcel.key]


async def test_without_paper_a_person_is_told_and_the_label_comes_with_the_paper(
    hall: Hall,
) -> None:
    hall.paper("HZ-XS", there=False)
    with pytest.raises(GatewayBusy, match="HZ-XS 仓面单打印机缺纸"):
        await hall.printers.print(a_dispatch())
    assert hall.labels() == []
    hall.paper("HZ-XS", there=True)

    await hall.printers.print(a_dispatch())

    assert len(hall.labels()) == 1


async def test_a_silent_printer_is_a_fault_and_not_a_yes(hall: Hall) -> None:
    hall.silence("HZ-XS")

    with pytest.raises(GatewayBusy, match="HZ-XS 仓面单打印机无响应"):
        await hall.printers.print(a_dispatch())
    assert hall.labels() == []


@pytest.mark.parametrize(
    ("fault", "labels"), [(Fault.FAIL_BEFORE, 0), (Fault.FAIL_AFTER, 1), (Fault.LOST_ANSWER, 1)]
)
async def test_each_fault_is_busy_and_ends_in_one_label(
    sandbox: SandboxHall, fault: Fault, labels: int
) -> None:
    sandbox.strike(fault, always=True)
    with pytest.raises(GatewayBusy):
        await sandbox.printers.print(a_dispatch())
    assert len(sandbox.labels()) == labels
    sandbox.strike(fault, always=False)

    await sandbox.printers.print(a_dispatch())

    assert len(sandbox.labels()) == 1


@pytest.mark.parametrize(
    ("flag", "remedy"), [("paused", "暂停键"), ("head_open", "合上打印头"), ("paper_out", "装入")]
)
async def test_a_person_is_told_what_to_do_at_the_printer(
    sandbox: SandboxHall, flag: str, remedy: str
) -> None:
    set_state(sandbox.ledger, "HZ-XS", **{flag: True})

    with pytest.raises(GatewayBusy, match=remedy):
        await sandbox.printers.print(a_dispatch())


async def test_one_printer_without_paper_does_not_stop_the_others(sandbox: SandboxHall) -> None:
    sandbox.paper("HZ-XS", there=False)

    await sandbox.printers.print(a_dispatch(warehouse="HZ-GS"))

    assert len(sandbox.labels()) == 1


async def test_a_hub_that_forgot_asks_the_printer_before_it_prints(sandbox: SandboxHall) -> None:
    """Killed after the label came out and before it was written down."""
    await sandbox.printers.print(a_dispatch())

    await sandbox.desk_without_memory().print(a_dispatch())

    assert len(sandbox.labels()) == 1


async def test_two_attempts_at_once_print_one_label(sandbox: SandboxHall) -> None:
    await asyncio.gather(*(sandbox.printers.print(a_dispatch()) for _ in range(5)))

    assert len(sandbox.labels()) == 1


async def test_many_labels_leave_few_markers_behind(
    sandbox: SandboxHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateways.printer.MARKERS_KEPT", 3)
    for number in range(5):
        await sandbox.printers.print(a_dispatch(str(number)))

    await sandbox.desk_without_memory().print(a_dispatch("after a restart"))

    assert len(sandbox.labels()) == 6
    assert sandbox.ledger.count("memory") == 3


async def test_a_printer_that_is_switched_off_is_busy() -> None:
    printer = LabelPrinter("HZ-XS", "127.0.0.1", 1, HASTE)

    with pytest.raises(GatewayBusy, match="HZ-XS 仓面单打印机连接不上,请检查电源和网线"):
        await printer.print_once(Job(marker="KABCDEFG", zpl="^XA^XZ"))


async def test_a_warehouse_without_printer_needs_a_person(sandbox: SandboxHall) -> None:
    with pytest.raises(GatewayRefused, match=r"printers\.addresses"):
        await sandbox.printers.print(a_dispatch(warehouse="SH-01"))


async def test_a_parcel_without_waybill_needs_a_person(sandbox: SandboxHall) -> None:
    parcel = a_dispatch()
    booked = Dispatch(parcel=parcel.parcel, receiver=parcel.receiver, waybill=None)

    with pytest.raises(GatewayRefused, match="运单号"):
        await sandbox.printers.print(booked)


def test_a_printer_address_without_port_is_named_at_start() -> None:
    wrong = PrinterSettings(addresses={"HZ-GS": "10.0.0.9"})

    with pytest.raises(ValueError, match=r"printers\.addresses\.HZ-GS"):
        printers_of(wrong, (), HASTE)


def test_without_an_address_the_nth_warehouse_has_the_nth_sandbox_printer() -> None:
    mixed = PrinterSettings(addresses={"HZ-XH": "10.0.0.9:9100"}, sandbox_first_port=9101)

    printers = printers_of(mixed, ("HZ-GS", "HZ-XH", "HZ-BJ"), HASTE)

    assert {code: printer.address for code, printer in printers.items()} == {
        "HZ-GS": ("127.0.0.1", 9101),
        "HZ-XH": ("10.0.0.9", 9100),
        "HZ-BJ": ("127.0.0.1", 9103),
    }
