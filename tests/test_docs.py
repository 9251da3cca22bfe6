"""The pages lead where they say, and name the commands and libraries that are there."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from cli import app

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PAGES = (*READMES, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))

page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
readme = pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)


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
        if found := re.match(r"(?:\S*/)?lifeline((?: [a-z]+(?:-[a-z]+)*)+)", inline or block):
            yield found.group(1).split()


def meets(named: str, there: set[str]) -> bool:
    """A command may be followed by an argument in lower case, such as ``sandbox fault sf slow``."""
    return any(named == command or named.startswith(f"{command} ") for command in there)


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
