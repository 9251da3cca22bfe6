"""The sandbox as a process: it comes up, goes on after a kill -9, and leaves in order."""

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from infra.migrate import migrate_stock
from infra.sandbox import client
from settings import StockNames

ROOT = Path(__file__).parents[2]


class Process:
    """One sandbox process over one ``var``, on free ports."""

    def __init__(self, var: Path) -> None:
        self.port = free_ports(20)
        self.printer_port = self.port + 1
        self.base = f"http://127.0.0.1:{self.port}"
        self._stock = f"sqlite:///{var / 'stock.sqlite'}"
        self._var = var
        migrate_stock(self._stock, StockNames())

    def start(self) -> "subprocess.Popen[bytes]":
        options = {
            "--var": self._var,
            "--port": self.port,
            "--printer-port": self.printer_port,
            "--stock-url": self._stock,
            "--hub-url": "http://127.0.0.1:9",
            "--chaos": 0.05,
        }
        words = [str(word) for option in options.items() for word in option]
        return subprocess.Popen(
            [sys.executable, "-m", "infra.sandbox", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    @contextlib.contextmanager
    def running(self) -> Iterator["subprocess.Popen[bytes]"]:
        """Start it, wait until it answers, and make sure that it is gone at the end."""
        with self.start() as process:
            try:
                self.wait_for_health()
                yield process
            finally:
                process.kill()

    @retry(
        retry=retry_if_exception_type(httpx.TransportError),
        stop=stop_after_delay(60),
        wait=wait_fixed(0.1),
    )
    def wait_for_health(self) -> None:
        httpx.get(f"{self.base}/_sandbox/health", trust_env=False).raise_for_status()


def free_ports(count: int) -> int:
    """Find the first of so many ports in a row that nobody uses."""
    for first in range(20_000, 32_000, count):
        with contextlib.ExitStack() as taken, contextlib.suppress(OSError):
            for port in range(first, first + count):
                taken.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise OSError("no free ports")


@pytest.fixture
def sandbox(tmp_path: Path) -> Process:
    return Process(tmp_path)


def test_it_goes_on_after_a_kill_and_leaves_in_order(sandbox: Process) -> None:
    with sandbox.running() as process:
        ordered = client.push_orders(sandbox.base, 2)["orders"]
        process.kill()
    with sandbox.running() as process:
        told = client.progress(sandbox.base)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)

    assert ordered == ["MP7-00001", "MP7-00002"]
    assert told == {"orders": 2, "acknowledged": 0, "shipments": 0}
    assert (process.returncode, said) == (0, b"")


def test_every_partner_is_there_and_fails_its_share(sandbox: Process) -> None:
    with sandbox.running():
        partners = client.urls(sandbox.base)
        health = httpx.get(f"{sandbox.base}/_sandbox/health", trust_env=False).json()

    everyone = {
        "miniprogram",
        "sf",
        "kuaidi100",
        "qimen",
        "nuonuo",
        "kingdee",
        "erp",
        "mes",
        "wecom",
        "wecom_app",
        "printer",
        "youzan",
        "pinduoduo",
        "douyin",
    }
    assert partners.keys() == everyone
    half = {"fail_before": 0.025, "fail_after": 0.025}
    assert health["faults"] == {name: half for name in everyone}  # noqa: C420 - RUF024 forbids it


@pytest.mark.parametrize(("door", "said"), [("port", "端口 {}"), ("printer_port", "(从 {} 起)")])
def test_a_taken_port_is_one_sentence_with_the_remedy(
    sandbox: Process, door: str, said: str
) -> None:
    port = getattr(sandbox, door)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with sandbox.start() as process:
            told, _ = process.communicate(timeout=60)

    assert process.returncode == 2
    (sentence,) = told.decode().splitlines()
    assert said.format(port) in sentence
    assert "已被占用" in sentence
    assert "ss -ltnp" in sentence
