"""``lifeline carriers``, as it is typed."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from typer.testing import CliRunner

from gateways.database import open_database
from gateways.order_book import OrderBook
from infra.carrier_commands import app
from infra.doctor import rules
from infra.migrate import migrate_hub

AMBIGUOUS = "444003079772"


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "hub.sqlite"
    monkeypatch.setenv("LIFELINE_HUB__URL", f"sqlite:///{file}")
    return file


def typed(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert 0 == result.exit_code, result.output
    return result.stdout


def told(*words: str) -> Any:
    return json.loads(typed(*words, "--json"))


def allot(hub: Path, carrier: str, waybill: str) -> None:
    migrate_hub(f"sqlite:///{hub}")
    engine = open_database(f"sqlite:///{hub}")
    OrderBook(engine).allot(carrier, waybill, "miniprogram/A1/1")
    engine.dispose()


def test_a_number_is_cleaned_before_there_is_a_database(hub: Path) -> None:
    answer = told("try", " zto20260206123456789")

    assert "20260206123456789" == answer["cleaned"]
    assert "exact" == answer["verdict"]
    assert ["zhongtong"] == [each["carrier"] for each in answer["candidates"]]
    assert "业务数据库还没有建立" == answer["record_note"]
    assert not hub.exists()


def test_the_allocation_record_decides_between_carriers(hub: Path) -> None:
    assert "ambiguous" == told("try", AMBIGUOUS)["verdict"]

    allot(hub, "yimidida", AMBIGUOUS)
    answer = told("try", f"单号:{AMBIGUOUS}")

    assert ("recorded", AMBIGUOUS) == (answer["verdict"], answer["cleaned"])
    (row,) = answer["record"]
    assert ("yimidida", "miniprogram/A1/1", "miniprogram/A1") == (
        row["carrier"],
        row["parcel"],
        row["order"],
    )


def test_a_person_reads_the_verdict_in_chinese(hub: Path) -> None:
    allot(hub, "zhongtong", "20260206123456789")

    screen = typed("try", "ZTO20260206123456789")

    for words in ("20260206123456789", "分配记录已定", "中通快递", "去掉 ZTO 后符合"):
        assert words in screen


def test_a_number_of_another_carrier_is_told(hub: Path) -> None:
    assert "misfit" == told("try", "YT9693083639795", "--carrier", "shunfeng")["verdict"]


def test_a_database_without_tables_is_no_reason_to_fail(hub: Path) -> None:
    hub.touch()

    assert told("try", AMBIGUOUS)["record_note"].startswith("业务数据库读不到")


def test_an_unknown_carrier_is_refused_with_those_that_are_known() -> None:
    result = CliRunner().invoke(app, ["try", "1", "--carrier", "nobody"])

    assert 2 == result.exit_code
    assert "没有快递公司" in result.output


def test_the_table_of_carriers_shows_every_code_and_pattern() -> None:
    rows = {row["code"]: row for row in told("list")}

    assert 17 == len(rows)
    assert ["debangkuaidi", "debangwuliu"] == rows["debangkuaidi"]["kuaidi100"]
    assert {"pattern": r"^YT\d{12,13}$", "sure": "firm"} in rows["yuantong"]["patterns"]
    assert "中通快递" in typed("list")


def test_the_words_of_all_partners_stand_in_one_table() -> None:
    tables = {table["title"]: table for table in told("words")}

    assert {"word": "80", "ours": "delivered", "zh": "已签收"} in tables["顺丰路由"]["words"]
    assert {"word": "完工", "ours": "made", "zh": "已完工"} in tables["产线"]["words"]
    assert "3" == tables["快递100 状态"]["names"]["签收"]
    for words in ("顺丰路由", "奇门出库单", "奇门入库单", "已上架", "已报废"):
        assert words in typed("words")


def test_the_doctor_names_a_fault_in_the_carriers_files(tmp_path: Path) -> None:
    assert rules.carriers().ok
    assert rules.statuses().ok

    broken = copytree(rules.RULES, tmp_path / "rules")
    (broken / "carriers.yaml").write_text("words: []\n", "utf-8")
    (broken / "statuses.yaml").unlink()

    assert "rules/carriers.yaml (整个文件): 缺少 carriers" in rules.carriers(broken).sentence
    assert "rules/statuses.yaml: 找不到文件" in rules.statuses(broken).sentence
