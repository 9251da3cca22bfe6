"""The dictionary says what the screens say, and names what is in the code."""

import importlib
import re
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from domain.words import STEPS, WORDS, word

ROOT = Path(__file__).parents[1]


class Row(NamedTuple):
    """One row of the dictionary."""

    en: str
    zh: str
    code: str
    meaning: str


def dictionary() -> list[Row]:
    text = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in text.splitlines() if "|" in line]
    return [Row(*row) for row in rows if row[0] != "English" and not row[0].startswith("---")]


def test_the_dictionary_says_every_state_and_step_as_the_screens_do() -> None:
    said = {f"`{name}`": word(state) for name, state in states().items()}
    said |= {f"`{step}`": word for step, word in STEPS.items()}

    written = {row.code: (row.zh, row.en) for row in dictionary() if row.code in said}

    assert written == said


def test_the_dictionary_names_only_what_is_in_the_code() -> None:
    known = states().keys() | STEPS.keys()
    names = {name for row in dictionary() for name in re.findall(r"`([^`]+)`", row.code)}

    assert {name for name in names - known if not is_in_code(name)} == set()


def test_each_word_of_the_dictionary_has_a_meaning_and_a_chinese_name() -> None:
    for row in dictionary():
        assert re.search(r"[\u4e00-\u9fff]", row.zh), row
        assert row.meaning.endswith((".", "?")), row


def states() -> dict[str, StrEnum]:
    """Tell every state by its name."""
    return {f"{kind.__name__}.{state.name}": state for kind in WORDS for state in kind}


def is_in_code(name: str) -> bool:
    """Follow a dotted name from its module down."""
    parts = name.split(".")
    for split in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:split]))
        except ModuleNotFoundError:
            continue
        for part in parts[split:]:
            found = getattr(found, part, None)
        return found is not None
    return False
