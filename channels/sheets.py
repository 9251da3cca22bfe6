"""Mapping files as they stand on the disk: found, read, and laid over the version they extend."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rulebook.faults import BrokenRules
from rulebook.sheet import Sheet, check_sheet, read_sheet, version_of

FOLDER = Path(__file__).parent
SCHEMA = FOLDER / "mapping.schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingSheet:
    """What one mapping file says, its base laid under it.

    Attributes:
        digest: Names what it says; comments and the order of keys do not matter.
        stamps: When each file that it was read from last changed, in nanoseconds.
    """

    sheet: Sheet
    digest: str
    stamps: Mapping[Path, int]

    @property
    def is_stale(self) -> bool:
        """Whether a file was changed, or taken away, since it was read."""
        return any(_stamp(path) != stamp for path, stamp in self.stamps.items())


def versions(channel: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """Tell the versions that a channel has a file for, oldest name first."""
    return tuple(sorted(path.stem for path in (folder / channel).glob("*.yaml")))


def channels(folder: Path = FOLDER) -> tuple[str, ...]:
    """Tell the channels that have a mapping file."""
    return tuple(sorted({path.parent.name for path in folder.glob("*/*.yaml")}))


def read_mapping_sheet(path: Path) -> MappingSheet:
    """Read ``<channel>/<version>.yaml`` and what it extends.

    Raises:
        BrokenRules: a file is missing, is no YAML, breaks the schema, or has the wrong name.
    """
    name = f"{path.parent.name}/{path.name}"
    content, stamps = _laid_over_its_base(path, name)
    sheet = check_sheet(name, content, SCHEMA)
    said = sheet.content
    if (said["channel"], said["version"]) != (path.parent.name, path.stem):
        wanted = f"{said['channel']}/{said['version']}.yaml"
        raise BrokenRules.at(name, f"文件名应与 channel 和 version 一致:{wanted}")
    return MappingSheet(sheet=sheet, digest=version_of(sheet), stamps=stamps)


def _laid_over_its_base(path: Path, name: str) -> tuple[Any, dict[Path, int]]:
    content, stamps = read_sheet(path), {path: _stamp(path)}
    if not isinstance(content, dict) or "extends" not in content:
        return content, stamps
    base = path.with_name(f"{content['extends']}.yaml")
    below = read_sheet(base)
    if not isinstance(below, dict) or "extends" in below:
        raise BrokenRules.at(f"{name} extends", f"{base.name} 自己不能再 extends 别的版本")
    own = {key: value for key, value in content.items() if key != "extends"}
    return _laid_over(below, own), {**stamps, base: _stamp(base)}


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay one document over another: ``null`` takes a key away, lists are replaced whole."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(value, dict) and isinstance(under, dict)
        merged[key] = _laid_over(under, value) if both and isinstance(under, dict) else value
    return {key: value for key, value in merged.items() if value is not None}


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
