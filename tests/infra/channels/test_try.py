"""``lifeline channels try``: what a payload would become."""

import json
from pathlib import Path

import pytest

from channels.mapping import ChannelMapping
from channels.samples import SampleKind, samples
from domain.errors import Untranslatable
from infra import channel_desk
from tests.infra.channels.terminal import CHANNELS, Terminal, document

KINDS = {SampleKind.PUSH: "推送", SampleKind.ORDER: "订单", SampleKind.REFUND: "售后单"}


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        (channel, sample.name)
        for channel in CHANNELS
        for sample in samples(channel)
        if (channel, sample.kind) != ("miniprogram", SampleKind.PUSH)
    ],
)
def test_what_is_on_record_is_tried_as_what_it_is(
    terminal: Terminal, tmp_path: Path, channel: str, name: str
) -> None:
    (sample,) = (s for s in samples(channel) if s.name == name)
    payload = tmp_path / "payload.json"
    payload.write_text(json.dumps(sample.document), "utf-8")

    read = terminal.told("try", channel, str(payload), "--version", sample.version)

    assert isinstance(read, list) == (sample.kind is SampleKind.PUSH)
    shown = terminal.typed("try", channel, str(payload), "--version", sample.version)
    assert f"({channel} {sample.version}){KINDS[sample.kind]}" in shown.splitlines()[0]


def test_a_push_that_is_itself_the_document_is_tried_as_the_document(
    terminal: Terminal, tmp_path: Path
) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text(json.dumps(document("miniprogram", "push-refund.json")), "utf-8")

    assert "5000001" == terminal.told("try", "miniprogram", str(payload))["id"]
    assert "售后单" in terminal.typed("try", "miniprogram", str(payload))


def test_without_a_version_the_one_in_force_reads(terminal: Terminal, tmp_path: Path) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text(json.dumps(document("pinduoduo", "refund.json")), "utf-8")

    assert "3.1" == terminal.told("try", "pinduoduo", str(payload))["protocol"]


@pytest.mark.parametrize(
    ("channel", "version", "name", "path"),
    [
        ("pinduoduo", "3.1", "refund-3.2.json", "$.refund_amount"),
        ("pinduoduo", "3.2", "refund.json", "$.after_sales.lines"),
    ],
)
def test_a_payload_of_another_version_is_told_by_its_field(
    channel: str, version: str, name: str, path: str
) -> None:
    mapping = ChannelMapping.load(channel, version)

    with pytest.raises(Untranslatable) as fault:
        channel_desk.try_payload(mapping, json.dumps(document(channel, name)).encode())

    assert path == fault.value.path


@pytest.mark.parametrize(
    ("channel", "version", "name", "field"),
    [
        ("douyin", "1", "order.json", "order_id"),
        ("douyin", "1", "refund.json", "order_info"),
        ("miniprogram", "1", "order.json", "items"),
        ("pinduoduo", "3.1", "order.json", "order_sn"),
        ("pinduoduo", "3.1", "refund.json", "after_sales_status"),
        ("pinduoduo", "3.1", "push-order.json", "time"),
        ("youzan", "4", "order.json", "full_order_info"),
        ("youzan", "4", "refund.json", "demand"),
        ("youzan", "4", "push-order.json", "type"),
    ],
)
def test_a_wrong_payload_is_told_as_what_it_is_most_like(
    channel: str, version: str, name: str, field: str
) -> None:
    said = document(channel, name)
    del said[field]

    with pytest.raises(Untranslatable) as fault:
        channel_desk.try_payload(ChannelMapping.load(channel, version), json.dumps(said).encode())

    assert fault.value.path.startswith(f"$.{field}")


@pytest.mark.parametrize("content", [b"", b"no JSON", b"\xff", b"[" * 100_000])
def test_a_payload_that_is_no_json_is_told_so(content: bytes) -> None:
    with pytest.raises(Untranslatable, match="不是 JSON"):
        channel_desk.try_payload(ChannelMapping.load("douyin", "1"), content)


def test_a_wrong_payload_ends_in_one_sentence(terminal: Terminal, tmp_path: Path) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text('{"order_no": 5}', "utf-8")

    result = terminal.ran("try", "miniprogram", str(payload))

    assert 2 == result.returncode
    assert ["miniprogram:字段 $.order_no 无法识别('5')"] == result.stderr.splitlines()
