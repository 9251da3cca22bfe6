"""Starts a private MariaDB that nobody else sees, for tests and for the bench.

It lives in a folder of its own, listens on a free loopback port, has small buffers, and ends with
the block that asked for it. Its data is not made safe against a power cut.
"""

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

INSTALL_IT = "找不到 mariadbd,请先安装:apt-get install mariadb-server"

SMALL_AND_QUICK = (
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
    "--innodb-flush-log-at-trx-commit=2",
    "--key-buffer-size=1M",
    "--max-connections=100",
    "--character-set-server=utf8mb4",
    "--skip-name-resolve",
    "--skip-log-bin",
)


class MariadbMissing(Exception):
    """There is no ``mariadbd`` on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mariadb:
    """A running server whose root needs no password."""

    port: int

    def create(self, database: str) -> str:
        """Make an empty database and tell its URL."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE OR REPLACE DATABASE `{database}`")
        return f"mysql://root@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str | None = None) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        """Open a plain connection."""
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user="root", database=database, charset="utf8mb4"
        )


@contextlib.contextmanager
def private_mariadb(folder: Path) -> Iterator[Mariadb]:
    """Run a server in the empty ``folder`` for as long as the block lasts.

    Raises:
        MariadbMissing: the server is not installed; the message says how to install it.
    """
    server = _program("mariadbd")
    _install(folder / "data")
    port = _free_port()
    with (folder / "mariadbd.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own words only
            _command(server, folder, port), stdout=log, stderr=log
        )
    try:
        yield _ready(Mariadb(port=port), process, folder)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _program(name: str) -> str:
    """Find a program; Debian keeps servers where an ordinary user's path does not look."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise MariadbMissing(INSTALL_IT)
    return found


def _install(data: Path) -> None:
    """Make the system tables, with a root who needs no password."""
    command = [
        _program("mariadb-install-db"),
        "--no-defaults",
        f"--datadir={data}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--skip-name-resolve",
        *_as_whom(),
    ]
    data.mkdir(parents=True)
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words only


def _command(server: str, folder: Path, port: int) -> list[str]:
    return [
        server,
        "--no-defaults",
        f"--datadir={folder / 'data'}",
        f"--socket={folder / 's'}",
        f"--pid-file={folder / 'pid'}",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        *SMALL_AND_QUICK,
        *_as_whom(),
    ]


def _as_whom() -> tuple[str, ...]:
    """Let root run it as root: its folder belongs to root, and nobody else can reach it."""
    return ("--user=root",) if os.geteuid() == 0 else ()


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _ready(server: Mariadb, process: "subprocess.Popen[bytes]", folder: Path) -> Mariadb:
    """Wait until it lets us in."""
    patience = Retrying(
        retry=retry_if_exception_type(pymysql.err.OperationalError),
        wait=wait_fixed(0.05),
        stop=stop_after_delay(60),
        reraise=True,
    )
    for attempt in patience:
        with attempt:
            if process.poll() is not None:
                raise RuntimeError((folder / "mariadbd.log").read_text()[-2000:])
            server.connect().close()
    return server
