"""Files that an MES drops into a folder: each row is one push in the inbox, each file goes away."""

import csv
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateways.inbox import Inbox
from gateways.mes_door import MesDoor
from gateways.mes_folder import MesFolder
from settings import Mes
from tests.gateways.hubs import hub  # noqa: F401 - a fixture
from tests.mariadb import mariadb  # noqa: F401 - a fixture

HEAD = "产线完工单号,订单号,SKU,数量,完工时间"
GOOD = "WG-1,miniprogram/MP7-00001,28165,2,2026-11-22 14:40:00"
OTHER = "WG-2,miniprogram/MP7-00002,28165,1,2026/11/22 15:05"
BAD = "WG-3,miniprogram/MP7-00003,28165,两件,2026-11-22 14:40:00"


@pytest.fixture
def inbox(hub: Engine) -> Inbox:  # noqa: F811 - the fixture
    return Inbox(hub)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "mes"
    folder.mkdir()
    return folder


@pytest.fixture
def folder(drop: Path, inbox: Inbox) -> MesFolder:
    return MesFolder(drop, MesDoor(Mes()), inbox)


def put(drop: Path, *rows: str, name: str = "完工.csv", encoding: str = "utf-8") -> Path:
    file = drop / name
    file.write_bytes("\r\n".join([HEAD, *rows, ""]).encode(encoding))
    return file


def looked_twice(folder: MesFolder) -> int:
    """A file is taken at the second look that finds it as it was."""
    return folder.sweep() + folder.sweep()


def said(inbox: Inbox) -> list[str]:
    """Tell the completions in the inbox."""
    return [json.loads(kept.push.body)["completion_no"] for kept in inbox.claim(100)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_each_row_becomes_a_push_of_the_mes(
    drop: Path, folder: MesFolder, inbox: Inbox, encoding: str
) -> None:
    put(drop, GOOD, OTHER, encoding=encoding)

    assert 2 == looked_twice(folder)

    kept = inbox.claim(10)
    assert ["mes", "mes"] == [one.door for one in kept]
    events = [MesDoor(Mes()).read(one.push)[0] for one in kept]
    assert [("WG-1", 2), ("WG-2", 1)] == [(e.completion_id, e.quantity) for e in events]
    assert ["完工.csv"] == [file.name for file in (drop / "done").iterdir()]


def test_a_file_that_still_grows_waits(drop: Path, folder: MesFolder, inbox: Inbox) -> None:
    put(drop, GOOD)
    assert 0 == folder.sweep()
    put(drop, GOOD, OTHER)
    assert 0 == folder.sweep()

    assert 2 == folder.sweep()
    assert ["WG-1", "WG-2"] == said(inbox)


def test_rows_that_came_before_are_not_kept_again(drop: Path, folder: MesFolder) -> None:
    put(drop, GOOD)
    looked_twice(folder)
    put(drop, GOOD, OTHER)

    assert 1 == looked_twice(folder)
    assert {"完工.csv", "完工-2.csv"} == {file.name for file in (drop / "done").iterdir()}


def test_broken_rows_are_listed_and_good_ones_go_on(
    drop: Path, folder: MesFolder, inbox: Inbox
) -> None:
    put(drop, GOOD, BAD, OTHER)

    assert 2 == looked_twice(folder)

    assert ["WG-1", "WG-2"] == said(inbox)
    with (drop / "failed" / "完工.csv.错误.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert ("WG-3", "数量 无法识别:两件") == (row["产线完工单号"], row["错误原因"])
    assert (drop / "failed" / "完工.csv").exists()
    assert [] == [entry for entry in drop.iterdir() if entry.is_file()]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("单号,数量\n1,2\n".encode(), "表头缺少列"),
        (b"", "表头缺少列"),
        (b"\xff\xfe\xff", "文件编码"),
        (f'{HEAD}\n"WG'.encode() + b"\x00", "为空"),
    ],
)
def test_a_file_that_can_not_be_read_is_put_aside_with_the_reason(
    drop: Path, folder: MesFolder, content: bytes, reason: str
) -> None:
    (drop / "x.csv").write_bytes(content)

    looked_twice(folder)

    assert reason in (drop / "failed" / "x.csv.错误.csv").read_text(encoding="utf-8-sig")


def test_what_is_no_csv_file_is_left_alone(drop: Path, folder: MesFolder) -> None:
    (drop / "readme.txt").write_text("x")
    (drop / ".WG-1.part").write_text("x")
    (drop / "folder.csv").mkdir()

    assert 0 == looked_twice(folder)
    assert 3 == len(list(drop.iterdir()))


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path, inbox: Inbox) -> None:
    assert 0 == looked_twice(MesFolder(tmp_path / "none", MesDoor(Mes()), inbox))
