"""What another version of a mapping would make of the same documents."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from channels.mapping import ChannelMapping
from channels.samples import SampleKind, read_sample
from domain.errors import Untranslatable


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A past document: what it is called for people, and what it is."""

    name: str
    kind: SampleKind
    document: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that two versions read differently; a fault stands for the whole document."""

    name: str
    path: str
    old: Any
    new: Any


def compare(
    old: ChannelMapping, new: ChannelMapping, documents: Iterable[Replayed]
) -> Iterator[Difference]:
    """Read every document with both versions, and tell what comes out differently.

    The version's own name, which every order carries, is no difference.
    """
    for document in documents:
        before, after = (_read(mapping, document) for mapping in (old, new))
        for path, was, is_now in _changes(before, after, ""):
            if not path.endswith("protocol"):
                yield Difference(name=document.name, path=path, old=was, new=is_now)


def _read(mapping: ChannelMapping, document: Replayed) -> Any:  # noqa: ANN401 - plain JSON
    try:
        return read_sample(mapping, document.kind, document.document)
    except Untranslatable as fault:
        return str(fault)


def _changes(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - plain JSON
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            below = f"{path}.{key}" if path else key
            yield from _changes(before.get(key), after.get(key), below)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (was, is_now) in enumerate(zip(before, after, strict=True)):
            yield from _changes(was, is_now, f"{path}[{index}]")
    elif before != after:
        yield path or "$", before, after
