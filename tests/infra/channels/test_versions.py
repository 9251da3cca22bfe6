"""``lifeline channels``: what is in force, who let it in, and which words it has."""

import json

import pytest

from tests.infra.channels.terminal import Terminal


def test_before_any_hub_has_run_the_house_s_own_versions_are_listed(terminal: Terminal) -> None:
    result = terminal.ran("list", "--json")

    assert (0, "") == (result.returncode, result.stderr)
    rows = {row["channel"]: row for row in json.loads(result.stdout)}
    assert (["3.1"], ["3.1", "3.2"]) == (
        rows["pinduoduo"]["in_force"],
        rows["pinduoduo"]["versions"],
    )
    assert "拼多多" in terminal.ran("list").stdout


def test_a_channel_s_words_stand_beside_ours(terminal: Terminal) -> None:
    words = terminal.told("words", "pinduoduo")

    assert ["3.1"] == list(words)
    assert "due" == words["3.1"]["order"]["1"]
    assert "shunfeng" == words["3.1"]["carrier"]["44"]
    row = next(line for line in terminal.typed("words", "pinduoduo").splitlines() if " 44 " in line)
    assert "顺丰速运" in row


def test_the_words_of_a_channel_that_nobody_let_in_yet_can_be_read(terminal: Terminal) -> None:
    assert ["1"] == list(terminal.told("words", "wechat_shop"))


def test_a_channel_that_nobody_wrote_a_file_for_has_no_words(terminal: Terminal) -> None:
    result = terminal.ran("words", "lantern")

    assert 2 == result.returncode
    assert "没有渠道 lantern 的映射文件" in result.stderr


def test_a_version_is_let_in_and_taken_out_and_both_stay_on_record(terminal: Terminal) -> None:
    words = ("pinduoduo", "3.2", "--by", "李四", "--reason", "平台升级")
    assert "lifeline channels withdraw pinduoduo 3.2" in terminal.typed("activate", *words)
    rows = {row["channel"]: row for row in json.loads(terminal.ran("list", "--json").stdout)}
    assert ["3.2", "3.1"] == rows["pinduoduo"]["in_force"]

    assert "已停用 pinduoduo 3.2" in terminal.typed("withdraw", *words)

    acts = [(act["version"], act["act"], act["by"]) for act in terminal.told("history")]
    assert [
        ("3.1", "activated", "lifeline"),
        ("3.2", "activated", "李四"),
        ("3.2", "withdrawn", "李四"),
    ] == acts
    assert "平台升级" in terminal.typed("history")


def test_without_a_name_the_system_s_user_is_on_record(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "wangwu")  # what getpass asks first

    terminal.typed("activate", "pinduoduo", "3.2", "--reason", "平台升级")

    assert "wangwu" == terminal.told("history")[-1]["by"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("activate", "pinduoduo", "9"), "pinduoduo/9.yaml: 找不到文件"),
        (("withdraw", "pinduoduo", "3.2"), "没有启用"),
        (("activate", "lantern", "1"), "lantern/1.yaml: 找不到文件"),
    ],
)
def test_an_act_that_can_not_be_is_refused_and_not_recorded(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    result = terminal.ran(*words, "--reason", "试试")

    assert 2 == result.returncode
    assert said in result.stderr
    assert [] == terminal.told("history")
