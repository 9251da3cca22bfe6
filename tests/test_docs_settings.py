"""The example and the READMEs show settings that exist, with their defaults."""

import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from settings import Channel, Settings

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
EXAMPLE = (ROOT / "lifeline.example.toml").read_text(encoding="utf-8")
BY_NAME = {
    ("printers", "addresses"),
    ("staff",),
    ("keys", "ring"),
    ("erp", "headers"),
}  # people choose the names
EXAMPLES_ONLY = {"label.font"}  # its default is "none", which TOML can not say

readme = pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)


def uncommented() -> dict[str, Any]:
    """Read the example as if every setting were switched on."""
    return tomllib.loads(re.sub(r"^#(?=[a-z_0-9]+ = )", "", EXAMPLE, flags=re.MULTILINE))


def flat(section: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Tell every setting by its dotted name; a secret as the public value that it starts with."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from flat(value, f"{prefix}{name}.")
        elif name == "channels":
            for channel, said in value.items():
                yield from own(said, f"{name}.{channel}.")
        else:
            yield (
                f"{prefix}{name}",
                value.get_secret_value() if isinstance(value, SecretStr) else value,
            )


def own(channel: Channel, prefix: str) -> Iterator[tuple[str, Any]]:
    """Tell what a channel says; what it leaves empty is not worth a line."""
    empty = dict(flat(Channel()))
    yield from ((prefix + key, value) for key, value in flat(channel) if value != empty[key])


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
        if isinstance(value, dict) and (*above, name) not in BY_NAME:
            yield from leaves(value, *above, name)
        else:
            yield (*above, name)
