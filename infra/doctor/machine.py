"""This machine: its Python, its disk, its ports, its font."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import ImageFont

from gateways.lettering import BUNDLED
from infra.doctor.finding import Finding, fine, wrong
from infra.lock import user_of
from infra.ports import Port, holder_of, is_free, ports_of, taken
from settings import Settings

OLDEST_PYTHON = (3, 11)
LEAST_ROOM_BYTES = 1_000_000_000  # a day of a small merchant's histories, labels and logs


def python(version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Look at the Python that runs us."""
    if version < OLDEST_PYTHON:
        return wrong(
            "Python", "需要 Python 3.11 或更新:apt-get install python3.11 python3.11-venv。"
        )
    return fine("Python", f"{platform.python_version()}({sys.executable})")


def room(var: Path, least_bytes: int = LEAST_ROOM_BYTES) -> Finding:
    """Look whether ``var/`` can be written and has room left."""
    place = next(folder for folder in (var, *var.absolute().parents) if folder.exists())
    if not os.access(place, os.W_OK):
        return wrong("数据目录", f"{var}/ 不能写:请 chown 给当前用户,或在 lifeline.toml 里改 var。")
    free = shutil.disk_usage(place).free
    if free < least_bytes:
        return wrong("数据目录", f"{var}/ 所在磁盘只剩 {free / 1e9:.1f} GB:请清理磁盘。")
    return fine("数据目录", f"{var}/ 可写,磁盘剩余 {free / 1e9:.0f} GB")


def ports(settings: Settings) -> list[Finding]:
    """Look at each port: free, held by our own hub that is running, or in somebody's hands."""
    wanted, hub = ports_of(settings), user_of(settings.var)
    missing = [port for port in wanted if not is_free(port) and not _is_ours(port, hub)]
    if missing:
        return [wrong(f"端口 {port.number}", taken(port)) for port in missing]
    numbers = "、".join(str(port.number) for port in wanted)
    return [fine("端口", f"{numbers} {'可用' if hub is None else '由正在运行的 Lifeline 使用'}")]


def font(settings: Settings) -> Finding:
    """Look whether labels can be written in Chinese."""
    path = settings.label.font or BUNDLED
    try:
        ImageFont.truetype(path)
    except OSError:
        return wrong(
            "面单字体", f"字体 {path} 打不开:请在 lifeline.toml 里改 [label] font,或留空。"
        )
    return fine("面单字体", path.name)


def _is_ours(port: Port, hub: int | None) -> bool:
    holder = holder_of(port.number)
    return hub is not None and holder is not None and hub in _line_of(holder.pid)


def _line_of(pid: int) -> Iterator[int]:
    """Tell a process and its parents, as far as Linux shows them."""
    while pid > 0:
        yield pid
        stat = Path(f"/proc/{pid}/stat")
        pid = int(stat.read_text().rpartition(")")[2].split()[1]) if stat.exists() else 0
