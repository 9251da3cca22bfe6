"""A port that is taken is named before anything starts, with who has it and what to do."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.errors import CannotStart
from infra.ports import Port, holder_of, is_free, ports_of, require_free
from infra.sandbox.partners.printer import warehouse_codes
from settings import Engine, Sandbox, Settings
from tests.infra.waiting import free_port


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_taken_port_is_told_with_its_setting(listener: socket.socket) -> None:
    number = listener.getsockname()[1]

    with pytest.raises(CannotStart) as told:
        require_free([Port(number=number, setting="[web] port")])

    assert str(told.value).startswith(f"端口 {number} 已被占用(")
    assert str(told.value).endswith("或在 lifeline.toml 里改 [web] port。")


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux tells")
def test_who_listens_is_found(listener: socket.socket) -> None:
    holder = holder_of(listener.getsockname()[1])

    assert holder is not None
    assert holder.pid == os.getpid()
    assert holder.name == Path("/proc/self/comm").read_text().strip()


def test_a_free_port_has_no_holder() -> None:
    number = free_port()

    require_free([Port(number=number, setting="[web] port")])
    assert holder_of(number) is None


def test_a_connection_that_lingers_does_not_take_the_port(listener: socket.socket) -> None:
    address = listener.getsockname()
    client = socket.create_connection(address)
    accepted, _ = listener.accept()
    accepted.close()
    client.close()
    listener.close()

    assert is_free(Port(number=address[1], setting="[web] port"))


def test_an_external_engine_and_no_sandbox_need_only_our_own_port() -> None:
    settings = Settings(engine=Engine(profile="cloud"), sandbox=Sandbox(enabled=False))

    assert [port.setting for port in ports_of(settings)] == ["[web] port"]


def test_the_sandbox_needs_a_port_for_each_label_printer() -> None:
    printers = [port.number for port in ports_of(Settings()) if "printers" in port.setting]

    assert printers == list(range(9101, 9101 + len(warehouse_codes())))
