"""Checks the mapping files of the channels: each fault with its file and its line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from channels.mapping import ChannelMapping
from channels.samples import Sample, differences, read_sample, samples
from channels.sheets import FOLDER, channels, versions
from domain.errors import Untranslatable
from rulebook.faults import BrokenRules
from rulebook.lines import line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFault:
    """What is wrong, and where; ``line`` is ``None`` when it stands on no line."""

    file: str
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One version of one channel: what was looked at, and what is wrong with it."""

    channel: str
    version: str
    samples: int
    faults: tuple[MappingFault, ...]


def check(channel: str | None = None, folder: Path = FOLDER) -> Iterator[Checked]:
    """Check every version of a channel, or of all: compile it, and read what is on record."""
    for name in (channel,) if channel else channels(folder):
        for version in versions(name, folder):
            yield _check(name, version, folder)


def _check(channel: str, version: str, folder: Path) -> Checked:
    try:
        mapping = ChannelMapping.load(channel, version, folder)
    except BrokenRules as fault:
        found = tuple(_pointed(text, folder / channel / f"{version}.yaml") for text in fault.faults)
        return Checked(channel=channel, version=version, samples=0, faults=found)
    mine = [sample for sample in samples(channel, folder) if sample.version == version]
    wrong = [
        MappingFault(file=f"{channel}/samples/{sample.name}", line=None, reason=reason)
        for sample in mine
        for reason in _misread(mapping, sample)
    ]
    return Checked(channel=channel, version=version, samples=len(mine), faults=tuple(wrong))


def _misread(mapping: ChannelMapping, sample: Sample) -> list[str]:
    try:
        return list(differences(sample.reads, read_sample(mapping, sample.kind, sample.document)))
    except Untranslatable as fault:
        return [str(fault)]


def _pointed(text: str, path: Path) -> MappingFault:
    """Find the line of a fault, ``douyin/1.yaml order.paid_at: reason``; the base's if need be."""
    where, _, reason = text.partition(": ")
    file, _, place = where.partition(" ")
    return MappingFault(file=file, line=line_of(path, place), reason=f"{place}:{reason}")
