"""Checks that our ports are free before anything starts, and says who sits on them."""

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.errors import CannotStart
from infra.sandbox.partners.printer import warehouse_codes
from settings import Settings

LISTENING = "0A"  # the state column of /proc/net/tcp


@dataclass(frozen=True, kw_only=True, slots=True)
class Port:
    """A port that we want, and the setting that moves it."""

    number: int
    setting: str
    host: str = "127.0.0.1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """A process that listens on a port."""

    pid: int
    name: str


def ports_of(settings: Settings) -> tuple[Port, ...]:
    """Tell the ports that ``lifeline up`` will listen on."""
    ports = [Port(number=settings.web.port, setting="[web] port", host=settings.web.host)]
    if not settings.engine.profile:
        ports.append(Port(number=settings.engine.port, setting="[engine] port"))
        ports.append(Port(number=settings.engine.ui_port, setting="[engine] ui_port"))
    if settings.sandbox.enabled:
        ports.append(Port(number=settings.sandbox.port, setting="[sandbox] port"))
        ports.extend(_printers(settings.printers.sandbox_first_port))
    return tuple(ports)


def _printers(first: int) -> Iterator[Port]:
    """Tell the ports of the sandbox's label printers, one for each warehouse."""
    for n in range(len(warehouse_codes())):
        yield Port(number=first + n, setting="[printers] sandbox_first_port")


def require_free(ports: Iterable[Port]) -> None:
    """Make sure that nobody listens on any of them.

    Raises:
        CannotStart: One is taken; the message names it, who has it, and the setting.
    """
    for port in ports:
        if not is_free(port):
            raise CannotStart(taken(port))


def is_free(port: Port) -> bool:
    """Tell whether we could listen there."""
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As every server does: connections that linger from the last run do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except OSError:
            return False
    return True


def taken(port: Port) -> str:
    """Tell a person that a port is taken, and what to do."""
    holder = holder_of(port.number)
    who = f"{holder.name},进程 {holder.pid}" if holder else "可能是另一个 Lifeline"
    return (
        f"端口 {port.number} 已被占用({who})。"
        f"请关闭占用它的程序,或在 lifeline.toml 里改 {port.setting}。"
    )


def holder_of(number: int) -> Holder | None:
    """Tell who listens on a port, where Linux lets us see it."""
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(number)}
    for process in Path("/proc").glob("[0-9]*") if wanted else ():
        if wanted & set(_open_files(process)):
            return Holder(pid=int(process.name), name=(process / "comm").read_text().strip())
    return None


def _listening_inodes(number: int) -> Iterator[str]:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        rows = table.read_text().splitlines()[1:] if table.exists() else []
        for columns in map(str.split, rows):
            if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == number:
                yield columns[9]


def _open_files(process: Path) -> Iterator[str]:
    try:
        for file in (process / "fd").iterdir():
            yield str(file.readlink())
    except OSError:
        return  # it ended meanwhile, or belongs to somebody else
