"""Recorded documents beside a channel's mappings: what each must be read as.

``channels/<name>/samples/<title>.json`` holds ``{"version", "kind", "document", "reads"}``: a
``push``, an ``order`` or a ``refund``, and what must come out of it, as far as it is written down.
The fields of these documents are the ones that are known; others are counted when they come.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from channels.mapping import ChannelMapping
from channels.paths import paths_of
from channels.sheets import FOLDER

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class SampleKind(StrEnum):
    """What a recorded document is."""

    PUSH = "push"
    ORDER = "order"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One recorded document, and what it must be read as."""

    name: str
    version: str
    kind: SampleKind
    document: Any
    reads: Any


def samples(channel: str, folder: Path = FOLDER) -> Iterator[Sample]:
    """Tell a channel's recorded documents, by name."""
    for path in sorted((folder / channel / "samples").glob("*.json")):
        said = json.loads(path.read_text("utf-8"))
        yield Sample(
            name=path.name,
            version=said["version"],
            kind=SampleKind(said["kind"]),
            document=said["document"],
            reads=said["reads"],
        )


def read_sample(mapping: ChannelMapping, kind: SampleKind, document: object) -> Any:  # noqa: ANN401 - plain JSON
    """Read a document with a mapping, and tell what comes out as plain JSON.

    Raises:
        Untranslatable: a field is missing or wrong.
    """
    match kind:
        case SampleKind.PUSH:
            events = mapping.unpack(json.dumps(document).encode())
            return [None if event is None else plain(asdict(event)) for event in events]
        case SampleKind.ORDER:
            return plain(asdict(mapping.order(document, EPOCH, lambda buyer: f"key of {buyer}")))
        case SampleKind.REFUND:
            return plain(asdict(mapping.refund(document)))


def known_paths(channel: str, folder: Path = FOLDER) -> frozenset[str]:
    """Tell the paths of every recorded order and refund of a channel."""
    found = (paths_of(s.document) for s in samples(channel, folder) if s.kind != SampleKind.PUSH)
    return frozenset().union(*found)


def plain(value: object) -> Any:  # noqa: ANN401 - plain JSON
    """Write a value as JSON would."""
    return json.loads(json.dumps(value, default=_text, ensure_ascii=False))


def differences(wanted: object, found: object, path: str = "") -> Iterator[str]:
    """Tell each path at which ``found`` is not what ``wanted`` writes down."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, inner in wanted.items():
            yield from differences(inner, found.get(key), f"{path}.{key}" if path else key)
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (inner, other) in enumerate(zip(wanted, found, strict=True)):
            yield from differences(inner, other, f"{path}[{index}]")
    elif wanted != found:
        yield f"{path or '$'}:应为 {wanted!r},实际是 {found!r}"


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
