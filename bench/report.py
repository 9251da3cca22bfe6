"""The results as a table for people and as a file for whoever compares runs."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter
from rich.table import Table

from bench.rows import Row

ROWS = TypeAdapter(list[Row])


def keep(rows: Iterable[Row], file: Path) -> None:
    """Write the rows; one that was not measured this time stays as it was."""
    known = ROWS.validate_json(file.read_bytes()) if file.exists() else []
    latest = {row.name: row for row in (*known, *rows)}
    file.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps([asdict(row) for row in latest.values()], ensure_ascii=False, indent=2)
    file.write_text(f"{said}\n", encoding="utf-8")


def table(rows: Iterable[Row]) -> Table:
    """Show the rows, and whether each reached its goal."""
    shown = Table("项目 what", "我们 ours", "对照 against", "比值 ratio", "目标 goal")
    for row in rows:
        colour = "green" if row.ratio >= row.goal else "yellow"
        ratio = f"[{colour}]{row.ratio:.2f}[/]"
        shown.add_row(
            row.name, f"{row.value:g} {row.unit}", row.against, ratio, f"≥ {row.goal:.2f}"
        )
    return shown
