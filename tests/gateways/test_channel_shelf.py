"""Which version of a channel's protocol is in force: decided by people, seen without a restart."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine

from channels.sheets import FOLDER
from domain.errors import GatewayRefused
from gateways.channel_acts import Act, ChannelActs
from gateways.channel_shelf import LOOK_AGAIN_S, ChannelShelf
from rulebook.faults import BrokenRules
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]


class Clock:
    """Seconds that go forward when somebody says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def tick(self) -> None:
        self.now += LOOK_AGAIN_S


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The house's mapping files, where a test may change them."""
    copy = tmp_path / "channels"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(hub: Engine, folder: Path, clock: Clock) -> ChannelShelf:
    return ChannelShelf(ChannelActs(hub), folder, clock)


def versions(shelf: ChannelShelf, channel: str = "pinduoduo") -> list[str]:
    return [mapping.version for mapping in shelf.in_force(channel)]


def test_a_new_hub_speaks_what_it_came_with(shelf: ChannelShelf) -> None:
    assert ["3.1"] == versions(shelf)
    assert {"douyin", "miniprogram", "pinduoduo", "youzan"} <= set(shelf.channels())


def test_a_version_that_is_let_in_stands_before_the_older_one(shelf: ChannelShelf) -> None:
    shelf.activate("pinduoduo", "3.2", by="李四", reason="平台升级")

    assert ["3.2", "3.1"] == versions(shelf)


def test_an_activation_can_be_taken_back(shelf: ChannelShelf) -> None:
    shelf.activate("pinduoduo", "3.2", by="李四", reason="平台升级")
    shelf.withdraw("pinduoduo", "3.2", by="王五", reason="灰度有误")

    assert ["3.1"] == versions(shelf)
    assert "3.2" == shelf.version("pinduoduo", "3.2").version  # orders that began with it go on


def test_every_act_is_on_record_with_who_and_why(hub: Engine, shelf: ChannelShelf) -> None:
    shelf.activate("pinduoduo", "3.2", by="李四", reason="平台升级")
    shelf.withdraw("pinduoduo", "3.2", by="王五", reason="灰度有误")

    told = [(act.version, act.act, act.by, act.reason) for act in ChannelActs(hub).all()]
    assert told == [
        ("3.1", Act.ACTIVATED, "lifeline", "随程序启用"),
        ("3.2", Act.ACTIVATED, "李四", "平台升级"),
        ("3.2", Act.WITHDRAWN, "王五", "灰度有误"),
    ]


def test_another_process_sees_it_within_a_second(
    hub: Engine, shelf: ChannelShelf, folder: Path, clock: Clock
) -> None:
    assert ["3.1"] == versions(shelf)

    ChannelShelf(ChannelActs(hub), folder).activate("pinduoduo", "3.2", by="李四", reason="升级")

    assert ["3.1"] == versions(shelf)
    clock.tick()
    assert ["3.2", "3.1"] == versions(shelf)


def test_a_mended_file_is_read_again_and_a_broken_one_is_not(
    shelf: ChannelShelf, folder: Path, clock: Clock
) -> None:
    file = folder / "douyin" / "1.yaml"
    before = shelf.current("douyin")
    good = file.read_text("utf-8")
    file.write_text(good.replace("title: 抖店", "title: 抖店旗舰"), "utf-8")
    clock.tick()
    assert "抖店旗舰" == shelf.current("douyin").title

    file.write_text("channel: douyin\n", "utf-8")
    clock.tick()

    assert "抖店旗舰" == shelf.current("douyin").title
    assert before.title == "抖店"


def test_a_new_channel_needs_no_more_than_a_file_and_a_word(
    shelf: ChannelShelf, folder: Path, clock: Clock
) -> None:
    assert [] == versions(shelf, "lantern")
    (folder / "lantern").mkdir()
    mapping = (folder / "miniprogram" / "1.yaml").read_text("utf-8")
    mapping = mapping.replace("channel: miniprogram", "channel: lantern")
    mapping = mapping.replace("initial: true", "initial: false")
    mapping = mapping.replace("  path: /api/order/create\n", "")
    (folder / "lantern" / "1.yaml").write_text(mapping, "utf-8")

    shelf.activate("lantern", "1", by="李四", reason="新渠道")

    assert ["1"] == versions(shelf, "lantern")
    assert "/hooks/lantern" == shelf.current("lantern").path


def test_a_broken_version_is_not_let_in(shelf: ChannelShelf, folder: Path) -> None:
    (folder / "douyin" / "2.yaml").write_text("channel: douyin\n", "utf-8")

    with pytest.raises(BrokenRules, match=r"douyin/2\.yaml"):
        shelf.activate("douyin", "2", by="李四", reason="升级")
    assert ["1"] == versions(shelf, "douyin")


@pytest.mark.parametrize(
    ("channel", "said"), [("lantern", "没有启用渠道 lantern"), ("", "没有启用渠道")]
)
def test_a_channel_that_nobody_let_in_is_named(
    shelf: ChannelShelf, channel: str, said: str
) -> None:
    with pytest.raises(GatewayRefused, match=said):
        shelf.current(channel)


def test_what_is_not_in_force_can_not_be_taken_out(shelf: ChannelShelf) -> None:
    with pytest.raises(GatewayRefused, match="没有启用"):
        shelf.withdraw("pinduoduo", "3.2", by="李四", reason="撤回")
