"""Every recorded document of every channel is read as it says; each field that counts is missed."""

import json
from typing import Any

import pytest

from channels.comparison import Replayed, compare
from channels.mapping import ChannelMapping
from channels.paths import MOST_PATHS, paths_of
from channels.samples import Sample, SampleKind, differences, known_paths, read_sample, samples
from channels.sheets import channels
from domain.errors import Untranslatable

ALL = [(channel, sample) for channel in channels() for sample in samples(channel)]


@pytest.mark.parametrize(
    ("channel", "sample"), ALL, ids=[f"{channel}/{sample.name}" for channel, sample in ALL]
)
def test_a_recorded_document_is_read_as_it_says(channel: str, sample: Sample) -> None:
    mapping = ChannelMapping.load(channel, sample.version)

    found = read_sample(mapping, sample.kind, sample.document)

    assert [] == list(differences(sample.reads, found))


@pytest.mark.parametrize("channel", channels())
def test_every_channel_has_an_order_on_record(channel: str) -> None:
    assert SampleKind.ORDER in {sample.kind for sample in samples(channel)}


def leaves(document: Any, steps: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Tell the way to every field of a document."""
    match document:
        case dict():
            return [
                way
                for key, inner in document.items()
                for way in [(*steps, key), *leaves(inner, (*steps, key))]
            ]
        case list():
            return [way for i, inner in enumerate(document) for way in leaves(inner, (*steps, i))]
        case _:
            return []


@pytest.mark.parametrize(
    ("channel", "sample"),
    [(c, s) for c, s in ALL if s.kind is not SampleKind.PUSH],
    ids=[f"{c}/{s.name}" for c, s in ALL if s.kind is not SampleKind.PUSH],
)
def test_a_field_that_is_gone_is_named_or_was_not_needed(channel: str, sample: Sample) -> None:
    """Nothing but a clear fault, or the same reading, comes of a document that lacks a field."""
    mapping, needed = ChannelMapping.load(channel, sample.version), 0
    for way in leaves(sample.document):
        document = json.loads(json.dumps(sample.document))
        spot = document
        for step in way[:-1]:
            spot = spot[step]
        del spot[way[-1]]
        needed += is_missed(mapping, sample.kind, document)
    assert needed >= 3  # of an order that is no longer due nothing else is read


def is_missed(mapping: ChannelMapping, kind: SampleKind, document: Any) -> bool:
    """Read a document that lacks a field; tell whether that was a fault, which must name one."""
    try:
        read_sample(mapping, kind, document)
    except Untranslatable as fault:
        return fault.path.startswith("$") or pytest.fail(f"no field is named: {fault}")
    return False


def test_what_another_version_would_read_differently_is_told_by_field() -> None:
    old, new = (ChannelMapping.load("pinduoduo", version) for version in ("3.1", "3.2"))
    claim = next(s for s in samples("pinduoduo") if s.name == "refund-3.2.json")
    order = next(s for s in samples("pinduoduo") if s.name == "order.json")
    past = [Replayed(name=s.name, kind=s.kind, document=s.document) for s in (claim, order)]

    (only,) = compare(old, new, past)

    assert ("refund-3.2.json", "$") == (only.name, only.path)
    assert "缺少该字段" in only.old
    assert only.new["amount_fen"] == claim.reads["amount_fen"]


def test_new_fields_are_those_that_no_record_has() -> None:
    order = next(s for s in samples("douyin") if s.name == "order.json").document

    assert frozenset() == paths_of(order) - known_paths("douyin")
    more = {**order, "gift": {"id": 1}}
    assert {"gift", "gift.id"} == paths_of(more) - known_paths("douyin")


def test_a_hostile_document_does_not_fill_the_table_of_fields() -> None:
    assert MOST_PATHS == len(paths_of({f"k{n}": n for n in range(10_000)}))
    deep: Any = {}
    for _ in range(500):
        deep = {"a": deep}
    assert len(paths_of(deep)) < 20
