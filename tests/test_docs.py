"""The words people read agree with the code: the dictionary, the settings, the commands, the links.

What is checked is what silently goes wrong when the code moves on.
"""

import importlib
import inspect
import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from pydantic import BaseModel, SecretStr, TypeAdapter

from cli import app
from domain.lifecycle import OrderStage, ParcelStage
from domain.parcel import Milestone
from domain.trouble import HoldReason, Remedy
from domain.words import STEPS, WORDS
from settings import Settings
from workflows.order import OrderWorkflow

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PAGES = (*READMES, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
EXAMPLE = (ROOT / "lifeline.example.toml").read_text(encoding="utf-8")
STATES: tuple[type[StrEnum], ...] = (OrderStage, ParcelStage, Milestone, HoldReason, Remedy)
EXAMPLES_ONLY = {"label.font"}  # its default is "none", which TOML can not say

page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
readme = pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)


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


# The dictionary.


def test_the_dictionary_says_every_state_and_step_as_the_screens_do() -> None:
    said = {f"`{name}`": WORDS[state] for name, state in states().items()}
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
    """Tell every state by its name; two kinds of state may share a word, so WORDS is not asked."""
    return {f"{kind.__name__}.{state.name}": state for kind in STATES for state in kind}


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


# The settings.


def uncommented() -> dict[str, Any]:
    """Read the example as if every setting were switched on."""
    return tomllib.loads(re.sub(r"^#(?=[a-z_0-9]+ = )", "", EXAMPLE, flags=re.MULTILINE))


def flat(section: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Tell every setting by its dotted name; a secret as the public value that it starts with."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield (
                f"{prefix}{name}",
                value.get_secret_value() if isinstance(value, SecretStr) else value,
            )


def test_a_copied_example_changes_nothing() -> None:
    assert list(chain.from_iterable(leaves(tomllib.loads(EXAMPLE)))) == []


def test_the_example_has_every_setting_with_its_default() -> None:
    told = Settings.model_validate(uncommented())
    defaults = dict(flat(Settings.model_construct()))

    assert {name: value for name, value in flat(told) if name not in EXAMPLES_ONLY} == {
        name: value for name, value in defaults.items() if name not in EXAMPLES_ONLY
    }
    assert {defaults[name] for name in EXAMPLES_ONLY} == {None}


def test_every_setting_is_written_down_and_explained_once() -> None:
    written = [".".join(path) for path in leaves(uncommented())]
    settings = [name for name, _ in flat(Settings.model_construct())]

    assert sorted(written) == sorted(settings)
    for line, before in zip(EXAMPLE.splitlines()[1:], EXAMPLE.splitlines(), strict=False):
        if re.match(r"#[a-z_0-9]+ = ", line):
            assert before.startswith("# "), f"nobody explains {line}"


@readme
def test_a_readme_shows_settings_that_exist(readme: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)

    assert blocks
    for block in blocks:
        Settings.model_validate(tomllib.loads(block))


def leaves(table: dict[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    """Tell the path of every key; an empty table that has a section's name has none."""
    for name, value in table.items():
        if isinstance(value, dict) and (*above, name) != ("printers", "addresses"):
            yield from leaves(value, *above, name)
        else:
            yield (*above, name)


# The commands.


def commands(group: typer.Typer, above: str = "") -> Iterator[str]:
    """Tell every command that can be typed."""
    for command in group.registered_commands:
        function = getattr(command.callback, "__name__", "")
        yield above + (command.name or function)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from commands(inner.typer_instance, f"{above}{inner.name} ")


@readme
def test_a_readme_names_each_command(readme: Path) -> None:
    named = {" ".join(words) for words in typed(readme.read_text(encoding="utf-8"))}

    assert set(commands(app)) - named == set()


@page
def test_no_page_names_a_command_that_is_not_there(page: Path) -> None:
    there = set(commands(app))
    named = {" ".join(words) for words in typed(page.read_text(encoding="utf-8"))}

    assert {command for command in named if not meets(command, there)} == set()


def typed(text: str) -> Iterator[list[str]]:
    """Tell the lower-case words after each ``lifeline`` in code."""
    code = re.findall(r"`([^`\n]+)`|^ {4}(.+)$", text, flags=re.MULTILINE)
    for line in re.findall(r"```\w*\n(.*?)```", text, flags=re.DOTALL):
        code += [(part, "") for part in line.splitlines()]
    for inline, block in code:
        if found := re.match(r"(?:\S*/)?lifeline((?: [a-z]+)+)", inline or block):
            yield found.group(1).split()


def meets(named: str, there: set[str]) -> bool:
    """A command may be followed by an argument in lower case, such as ``sandbox fault sf slow``."""
    return any(named == command or named.startswith(f"{command} ") for command in there)


# The messages of an order's life.


def test_the_flow_shows_a_true_payload_for_each_message_of_a_life() -> None:
    shown = dict(payloads((ROOT / "docs" / "flow.md").read_text(encoding="utf-8")))
    asked = {name: asks for name, asks in messages().items() if asks is not None}

    assert shown.keys() == asked.keys()
    for name, text in shown.items():
        TypeAdapter(asked[name]).validate_json(text)


def test_the_flow_names_each_message_of_a_life() -> None:
    flow = (ROOT / "docs" / "flow.md").read_text(encoding="utf-8")

    assert {name for name in messages() if f"| `{name}` |" not in flow} == set()


def messages() -> dict[str, Any]:
    """Tell every signal, update and query with the type of what it asks for, if anything."""
    public = {
        name: deed
        for name, deed in vars(OrderWorkflow).items()
        if callable(deed) and not name.startswith("_") and name != "run"
    }
    return {name: asks(inspect.unwrap(deed)) for name, deed in public.items()}


def asks(deed: Any) -> Any:
    parameters = list(inspect.signature(deed).parameters.values())[1:]
    return parameters[0].annotation if parameters else None


def payloads(text: str) -> Iterator[tuple[str, str]]:
    """Tell each JSON example under the names that the line above it begins with."""
    for names, example in re.findall(
        r"^([^\n]+)\n\n```json\n(.*?)```", text, re.DOTALL | re.MULTILINE
    ):
        for name in re.findall(r"`(\w+)`", names.split(":")[0]):
            yield name, example


# The pages.


@page
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    inside = [link for link in links if not link.startswith(("http://", "https://"))]

    assert [link for link in inside if not (page.parent / link).exists()] == []


@page
def test_no_page_names_a_place_on_somebody_s_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert re.findall(r"/(?:home|root|work|tmp)/\S+|\.\./shared\S*", text) == []


@page
def test_a_page_has_one_sentence_per_line(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = [line for line in prose.splitlines() if not line.startswith(("|", "    ", "<!--"))]

    assert [line for line in lines if re.search(r"[a-z)`][.!?] [A-Z]|。[^」”)\s]", line)] == []


def test_each_decision_has_its_four_parts_and_its_own_number() -> None:
    numbers = [path.name[:4] for path in DECISIONS]

    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]
    for path in DECISIONS:
        parts = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert parts == ["Context", "Decision", "Why", "Price"], path.name


def test_the_libraries_page_gives_a_reason_for_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=~ ]", line)[0] for line in wanted}
    (libraries,) = (path for path in DECISIONS if "libraries" in path.name)
    reasons = re.findall(r"`([\w-]+)`", libraries.read_text(encoding="utf-8"))

    assert names - set(reasons) == set()
