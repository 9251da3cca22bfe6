"""The folder into which an MES without pushes puts CSV files.

Each row becomes a push of the door ``mes`` and goes into the inbox like any other, so parking,
replay and "each once" are the same. A file is moved when all of it is kept: to ``done``, or to
``failed`` when rows of it are broken, with a list of them beside it. A process that dies in between
reads the file again, and the inbox knows its rows.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from domain.clock import utc_now
from domain.errors import Untranslatable
from domain.events import Push
from gateways.mes_door import NAME, MesDoor

COLUMNS: Mapping[str, str] = {
    "产线完工单号": "completion_no",
    "订单号": "order_no",
    "SKU": "sku",
    "数量": "quantity",
    "完工时间": "finished_at",
}
TITLES = {field: title for title, field in COLUMNS.items()}
REASON = "错误原因"
MADE = "完工"  # a file tells of nothing else
LARGEST_BYTES = 10 * 1024 * 1024

log = structlog.get_logger()

Row = Mapping[str, str]


class Keeper(Protocol):
    """What this needs from the inbox: commit before it returns; ``False``: it was here before."""

    def keep(self, door: str, key: str, push: Push) -> bool: ...


class Unreadable(Exception):
    """No row of a file can be read; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A row that is no completion, and why."""

    row: Row
    reason: str


class MesFolder:
    """Empties the folder, one look at a time."""

    def __init__(self, folder: Path, door: MesDoor, inbox: Keeper) -> None:
        self._folder = folder
        self._door = door
        self._inbox = inbox
        self._seen: dict[Path, tuple[int, int]] = {}

    def sweep(self) -> int:
        """Take every file that has not changed since the last look; tell how many rows were new.

        A file that is still being written is larger at the next look, and waits for the one after.

        Raises:
            GatewayBusy: the hub's database is away; the file is read again then.
            OSError: a file can not be read or moved.
        """
        last, self._seen = self._seen, {file: _size(file) for file in self._files()}
        still = [file for file, size in self._seen.items() if last.get(file) == size]
        return sum(self._take(file) for file in still)

    def _files(self) -> Iterable[Path]:
        return sorted(file for file in self._folder.glob("*.[cC][sS][vV]") if file.is_file())

    def _take(self, file: Path) -> int:
        try:
            kept, broken = self._keep(file.name, _rows(file))
        except Unreadable as fault:
            kept, broken = 0, [BrokenRow(row={}, reason=str(fault))]
        if broken:
            _report(self._move(file, "failed"), broken)
        else:
            self._move(file, "done")
        log.info("mes_file", file=file.name, new=kept, broken=len(broken))
        return kept

    def _keep(self, name: str, rows: Iterable[Row]) -> tuple[int, list[BrokenRow]]:
        """Put the good rows into the inbox; tell how many were new, and which are broken."""
        kept, broken = 0, list[BrokenRow]()
        for row in rows:
            push = _push(name, row)
            try:
                self._door.read(push)
                key = self._door.key(push)
            except Untranslatable as fault:
                broken.append(BrokenRow(row=row, reason=_reason(fault, row)))
            else:
                kept += self._inbox.keep(NAME, key, push)
        return kept, broken

    def _move(self, file: Path, to: str) -> Path:
        """Move a file away, beside one of the same name that came before."""
        shelf = self._folder / to
        shelf.mkdir(exist_ok=True)
        target, n = shelf / file.name, 1
        while target.exists():
            n += 1
            target = shelf / f"{file.stem}-{n}{file.suffix}"
        return file.rename(target)


def _size(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def _rows(file: Path) -> Iterator[Row]:
    """Tell the rows by title; an empty line is none."""
    if file.stat().st_size > LARGEST_BYTES:
        raise Unreadable(f"文件超过 {LARGEST_BYTES // 1024 // 1024} MB,请拆成几个文件")
    reader = csv.DictReader(io.StringIO(_text(file.read_bytes()), newline=""), restval="")
    titles = [title.strip() for title in reader.fieldnames or ()]
    if missing := [title for title in COLUMNS if title not in titles]:
        raise Unreadable(f"表头缺少列 {'、'.join(missing)},应有:{','.join(COLUMNS)}")
    reader.fieldnames = titles
    try:
        for row in reader:
            yield {title: row[title].strip() for title in COLUMNS}
    except csv.Error as e:
        raise Unreadable(f"第 {reader.line_num} 行不是有效的 CSV:{e}") from e


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文件编码不是 UTF-8,也不是 GB18030")


def _push(name: str, row: Row) -> Push:
    told = {field: row[title] for title, field in COLUMNS.items()} | {"status": MADE}
    body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    return Push(path=f"mes/{name}", headers={}, query={}, body=body, received_at=utc_now())


def _reason(fault: Untranslatable, row: Row) -> str:
    title = TITLES.get(fault.path, fault.path)
    found = row.get(title, "")
    return f"{title} 无法识别:{found}" if found else f"{title} 为空"


def _report(moved: Path, broken: Iterable[BrokenRow]) -> None:
    """List the broken rows beside the file; with a BOM, so that a spreadsheet shows Chinese."""
    beside = moved.with_name(f"{moved.name}.错误.csv")
    with beside.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*COLUMNS, REASON], restval="")
        writer.writeheader()
        writer.writerows({**one.row, REASON: one.reason} for one in broken)
