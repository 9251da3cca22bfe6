"""``lifeline channels check``: a mistake in a mapping file is pointed at by its line."""

import json
from pathlib import Path

import pytest

from infra.channel_check import MappingFault, check
from tests.infra.channels.terminal import CHANNELS, Terminal


def broken(folder: Path, name: str, right: str, wrong: str) -> tuple[MappingFault, ...]:
    """Put a mistake into a mapping file, and tell what is found."""
    file = folder / name
    said = file.read_text("utf-8")
    assert said.count(right) == 1
    file.write_text(said.replace(right, wrong), "utf-8")
    channel, version = name.removesuffix(".yaml").split("/")
    (checked,) = (one for one in check(channel, folder) if one.version == version)
    return checked.faults


def line_with(folder: Path, name: str, text: str) -> int:
    lines = (folder / name).read_text("utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if text in line)
    return number


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_mapping_of_the_house_is_right_and_reads_what_is_on_record(channel: str) -> None:
    checked = list(check(channel))

    assert [] == [fault for one in checked for fault in one.faults]
    assert all(one.samples for one in checked)


FREIGHT = "freight_fen: whole(order.post_amount)"


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        (FREIGHT, "freight_fen: whole(order.", "freight_fen: whole(order.", "语法错误"),
        (FREIGHT, "freight_fen: yuan(order.a)", "freight_fen: yuan", "不认识的函数 yuan"),
        (FREIGHT, "freight_fen: whole(o.a)", "freight_fen: whole(o.a)", "不认识的变量 o"),
        ("  paid_at: epoch_s(order.pay_time)", "  payed_at: '1'", "order:", "payed_at"),
        ("scheme: md5_around", "scheme: md6", "signature:", "不认识的签名方式 md6"),
        ("scheme: douyin", "scheme: tiktok", "scheme: tiktok", "不认识的调用方式 tiktok"),
        ('page, "size": size,\n', 'page, "size": most,\n', "ask: >-", "不认识的变量 most"),
        ("title: 抖店", "title: ''", "title:", "不能为空"),
    ],
)
def test_a_mistake_is_pointed_at_by_its_line_in_chinese(
    folder: Path, right: str, wrong: str, line: str, said: str
) -> None:
    faults = broken(folder, "douyin/1.yaml", right, wrong)

    (fault,) = (fault for fault in faults if said in fault.reason)
    lines = (folder / "douyin/1.yaml").read_text("utf-8").splitlines()
    assert "douyin/1.yaml" == fault.file
    assert fault.line is not None
    assert lines[fault.line - 1].strip().startswith(line)


def test_a_missing_cell_is_pointed_at_by_its_section(folder: Path) -> None:
    faults = broken(folder, "douyin/1.yaml", "  freight_fen: whole(order.post_amount)\n", "")

    (fault,) = faults
    assert "缺少 freight_fen" in fault.reason
    assert line_with(folder, "douyin/1.yaml", "number: digits(order.order_id)") - 1 == fault.line


def test_a_cell_that_reads_the_wrong_field_does_not_read_what_is_on_record(folder: Path) -> None:
    faults = broken(
        folder,
        "douyin/1.yaml",
        "freight_fen: whole(order.post_amount)",
        "freight_fen: whole(order.post)",
    )

    (fault,) = faults
    assert ("douyin/samples/order.json", None) == (fault.file, fault.line)
    assert "$.post " in fault.reason


def test_a_word_in_the_wrong_row_of_a_table_is_told_by_what_comes_out(folder: Path) -> None:
    faults = broken(folder, "douyin/1.yaml", '"6": asked', '"6": refused')

    assert ["stage:应为 'asked',实际是 'refused'"] == [fault.reason for fault in faults]


def test_a_mistake_in_a_version_that_extends_another_is_pointed_at_in_its_own_file(
    folder: Path,
) -> None:
    faults = broken(
        folder,
        "pinduoduo/3.2.yaml",
        "amount_fen: fen(refund.after_sales.amount)",
        "amount_fen: fen(refund.after_sales.amount",
    )

    (fault,) = faults
    where = (fault.file, fault.line)
    assert where == (
        "pinduoduo/3.2.yaml",
        line_with(folder, "pinduoduo/3.2.yaml", "amount_fen: fen("),
    )


@pytest.mark.parametrize(
    "content", [b"channel: [", b"", b"\xff\xfe", b"a: \x00", b"- 1", b"channel: douyin\n"]
)
def test_a_file_that_is_no_mapping_is_a_fault_and_no_crash(folder: Path, content: bytes) -> None:
    (folder / "douyin" / "1.yaml").write_bytes(content)

    (checked,) = check("douyin", folder)

    assert checked.faults
    assert {"douyin/1.yaml"} == {fault.file for fault in checked.faults}


def test_one_broken_file_does_not_hide_the_others(folder: Path) -> None:
    (folder / "douyin" / "1.yaml").write_text("channel: douyin\n", "utf-8")

    right = {one.channel for one in check(folder=folder) if not one.faults}

    assert {"miniprogram", "pinduoduo", "youzan"} <= right


def test_check_ends_with_what_it_found(terminal: Terminal) -> None:
    all_right = terminal.ran("check", "pinduoduo")
    assert (0, "") == (all_right.returncode, all_right.stderr)
    assert "正确 pinduoduo 3.2" in all_right.stdout

    told = json.loads(terminal.ran("check", "douyin", "--json").stdout)
    assert [("douyin", "1", [])] == [(t["channel"], t["version"], t["faults"]) for t in told]

    nobody = terminal.ran("check", "lantern")
    assert 2 == nobody.returncode
    assert "没有渠道 lantern 的映射文件" in nobody.stderr
    assert "docs/adding-a-channel.md" in nobody.stderr
