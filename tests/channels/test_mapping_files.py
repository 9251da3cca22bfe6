"""A mapping that can not be right is refused when it is loaded, with the cell that is wrong."""

from pathlib import Path

import pytest

from channels.fields import FOLDER, Fields
from rulebook.faults import BrokenRules

GOOD = (FOLDER / "miniprogram" / "v1.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("epoch_ms(push.paid_at)", "epoch_ms(push.paid_at", "order.paid_at: 语法错误"),
        ("epoch_ms(push.paid_at)", "epoch(push.paid_at)", "order.paid_at: 不认识的函数 epoch"),
        ("text(item.sku)", "text(line.sku)", "lines.sku: 不认识的变量 line"),
        ("news.waybill", "news.tracking", "shipped: news 没有字段 tracking"),
        ("  sku: text(item.sku)\n", "", "lines: 缺少 sku"),
        ("version: 1", "version: 1\nsecret: x", "不认识的键 secret"),
    ],
)
def test_the_wrong_cell_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in GOOD
    file = tmp_path / "v1.yaml"
    file.write_text(GOOD.replace(right, wrong), "utf-8")

    with pytest.raises(BrokenRules) as fault:
        Fields.load(file)

    assert said in str(fault.value)


def test_every_mapping_of_the_house_loads() -> None:
    files = sorted(FOLDER.glob("*/v*.yaml"))

    assert FOLDER / "miniprogram" / "v1.yaml" in files
    assert [Fields.load(file).channel for file in files] == [file.parent.name for file in files]
