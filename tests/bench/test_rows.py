"""What the bench writes down is computed right from what it measured."""

import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from bench import lives
from bench.report import keep, table
from bench.rows import Row
from bench.work import Work

WORK = Work(activities=6, local_activities=4, signals=3)
ROW = Row(name="lives", value=34.0, unit="lives/s", against="bare", ratio=0.9, goal=0.85)
NUMBER = {"type": "number", "exclusiveMinimum": 0}
TEXT = {"type": "string", "minLength": 1}
SCHEMA = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "name": TEXT,
            "value": NUMBER,
            "unit": TEXT,
            "against": TEXT,
            "ratio": NUMBER,
            "goal": NUMBER,
        },
        "required": ["name", "value", "unit", "against", "ratio", "goal"],
        "additionalProperties": False,
    },
}
LATEST = Path(__file__).parents[2] / "bench" / "results" / "latest.json"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "results" / "latest.json"


def read(file: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(file.read_text(encoding="utf-8"))
    return rows


def test_a_row_is_the_median_of_the_pairs() -> None:
    row = lives.row_of([(10.0, 20.0), (30.0, 40.0), (50.0, 51.0)], WORK)

    assert 30.0 == row.value
    assert 0.75 == row.ratio


def test_the_ratio_is_taken_within_each_pair() -> None:
    row = lives.row_of([(10.0, 10.0), (20.0, 40.0), (30.0, 20.0)], WORK)

    assert 1.0 == row.ratio  # of 1.0, 0.5 and 1.5; the medians' ratio is 20 to 20 by chance
    assert 20.0 == row.value


def test_a_row_says_beside_what_it_was_measured() -> None:
    row = lives.row_of([(10.0, 20.0)], WORK)

    work = "6 activities, 4 local activities and 3 signals"
    assert f"bare workflow with {work}: 20.0 lives/s" == row.against


def test_one_pair_more_is_run_to_warm_up() -> None:
    assert 6 == lives.turns(5)


def test_the_file_is_a_list_of_rows(file: Path) -> None:
    keep([ROW], file)

    jsonschema.validate(read(file), SCHEMA)
    assert {"name": "lives", "value": 34.0, "unit": "lives/s"}.items() <= read(file)[0].items()


def test_a_row_that_was_not_measured_again_stays(file: Path) -> None:
    locks = replace(ROW, name="locks", value=500.0)
    keep([ROW, locks], file)
    keep([replace(ROW, value=35.0)], file)

    assert [("lives", 35.0), ("locks", 500.0)] == [
        (row["name"], row["value"]) for row in read(file)
    ]


def test_the_latest_results_are_rows() -> None:
    rows = read(LATEST)
    jsonschema.validate(rows, SCHEMA)

    assert rows


def test_the_table_shows_each_row_with_its_goal() -> None:
    console = Console(record=True, width=160, file=io.StringIO())
    console.print(table([ROW, replace(ROW, name="locks", ratio=0.5)]))
    shown = console.export_text()

    assert "34 lives/s" in shown
    assert "0.50" in shown
    assert shown.count("≥ 0.85") == 2
