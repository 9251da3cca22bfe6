"""A mapping that can not be right is refused when it is loaded, with the cell that is wrong."""

from pathlib import Path

import pytest

from channels.mapping import ChannelMapping
from channels.sheets import FOLDER, channels, versions
from rulebook.faults import BrokenRules

GOOD = (FOLDER / "miniprogram" / "1.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("epoch_ms(order.paid_at)\n", "epoch_ms(order.paid_at\n", "order.paid_at: 语法错误"),
        (
            "epoch_ms(order.paid_at)\n",
            "epoch(order.paid_at)\n",
            "order.paid_at: 不认识的函数 epoch",
        ),
        ("text(item.sku)", "text(line.sku)", "lines.sku: 不认识的变量 line"),
        ("news.waybill", "news.tracking", "api.shipped.ask: news 没有字段 tracking"),
        ("claim.waybill", "claim.parcel", "api.claims.shipped.ask: claim 没有字段 parcel"),
        ("    agree_goods:\n", "    agree_gods:\n", "不认识的键 agree_gods"),
        ("  sku: text(item.sku)\n", "", "lines: 缺少 sku"),
        ('version: "1"', 'version: "1"\nsecret: x', "不认识的键 secret"),
        ("paid: due", "paid: done", "status.order.paid: 只能是"),
        ("channel: miniprogram", "channel: lantern", "文件名应与 channel 和 version 一致"),
    ],
)
def test_the_wrong_cell_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in GOOD
    file = tmp_path / "miniprogram" / "1.yaml"
    file.parent.mkdir()
    file.write_text(GOOD.replace(right, wrong), "utf-8")

    with pytest.raises(BrokenRules) as fault:
        ChannelMapping.load("miniprogram", "1", tmp_path)

    assert said in str(fault.value)


@pytest.mark.parametrize(
    ("channel", "version"), [(name, each) for name in channels() for each in versions(name)]
)
def test_every_mapping_of_the_house_loads(channel: str, version: str) -> None:
    mapping = ChannelMapping.load(channel, version)

    assert (channel, version) == (mapping.channel, mapping.version)


def test_a_version_says_only_what_differs_from_the_one_it_extends(tmp_path: Path) -> None:
    folder = tmp_path / "miniprogram"
    folder.mkdir()
    (folder / "1.yaml").write_text(GOOD, "utf-8")
    newer = 'extends: "1"\nversion: "2"\norder: { leader: null, number: number(order.no) }\n'
    (folder / "2.yaml").write_text(newer, "utf-8")

    older, newer_mapping = (
        ChannelMapping.load("miniprogram", version, tmp_path) for version in ("1", "2")
    )

    assert older.source.digest != newer_mapping.source.digest
    assert older.carriers == newer_mapping.carriers
    assert not newer_mapping.source.is_stale
    (folder / "1.yaml").write_text(GOOD + "# mended", "utf-8")
    assert newer_mapping.source.is_stale  # what it stands on was changed
