"""``lifeline channels``, as it is typed, and what stands behind each word of it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from channels.comparison import Replayed
from channels.mapping import ChannelMapping
from channels.samples import SampleKind, samples
from channels.sheets import FOLDER
from domain.clock import utc_now
from domain.errors import Untranslatable
from domain.events import Push
from domain.reconciliation import Reconciliation
from gateways.database import open_database
from gateways.field_watch import FieldWatch
from gateways.inbox import Inbox
from gateways.inbox_desk import InboxDesk
from gateways.reconciliations import ReconciliationBook
from infra import channel_desk
from infra.channel_check import MappingFault, check
from infra.channel_commands import app
from infra.channel_desk import compared, past_documents
from infra.migrate import migrate_hub
from infra.sandbox import shop as deeds
from tests.gateways.channel_stage import Stage, on_stage

ROOT = Path(__file__).parents[2]
CHANNELS = ("douyin", "miniprogram", "pinduoduo", "youzan")
KINDS = {SampleKind.PUSH: "推送", SampleKind.ORDER: "订单", SampleKind.REFUND: "售后单"}


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """A person at the command line.

    Some commands leave the process as one that used Temporal's SDK must: those are run in one of
    their own.
    """

    url: str

    def typed(self, *words: str) -> str:
        result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
        assert 0 == result.exit_code, result.output
        return result.stdout

    def told(self, *words: str) -> Any:
        return json.loads(self.typed(*words, "--json"))

    def ran(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cli", "channels", *words],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "LIFELINE_HUB__URL": self.url, "COLUMNS": "200"}


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    monkeypatch.setenv("LIFELINE_HUB__URL", url)
    return Terminal(url=url)


@pytest.fixture
def hub(terminal: Terminal) -> Iterator[Engine]:
    migrate_hub(terminal.url)
    engine = open_database(terminal.url)
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The house's mapping files, where a test may break them."""
    copy = tmp_path / "channels"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


# check


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


# try


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


# diff


def test_two_versions_are_compared_on_the_same_documents() -> None:
    old, new = (ChannelMapping.load("pinduoduo", version) for version in ("3.1", "3.2"))
    documents = [
        Replayed(name=s.name, kind=s.kind, document=s.document) for s in samples("pinduoduo")
    ]

    found = compared(old, new, documents)

    assert {"push-refund-3.2.json", "push-refund.json", "refund-3.2.json", "refund.json"} == {
        difference.name for difference in found
    }
    (claim,) = (difference for difference in found if difference.name == "refund.json")
    assert "$.after_sales.lines" in claim.new
    assert [] == list(compared(old, old, documents))


@pytest.fixture
async def stage(tmp_path: Path) -> Any:
    async with on_stage("pinduoduo", tmp_path) as stage:
        yield stage


async def test_past_pushes_and_the_documents_that_they_name_are_replayed(
    stage: Stage, tmp_path: Path
) -> None:
    sold = await stage.sell()
    await stage.do(
        deeds.BUYER_CLAIMED,
        order_no=sold["order_no"],
        claim="5000001",
        kind="refund_only",
        amount_fen=100,
        lines=[],
        reason="不要了",
    )
    hub = open_database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    said = document("pinduoduo", "push-order.json"), document("pinduoduo", "push-refund.json")
    for n, push in enumerate(said):
        content = {"tid": sold["order_no"], "refund_id": 5000001}
        push["message"]["content"] = json.dumps(content)
        Inbox(hub).keep("pinduoduo", str(n), a_push(json.dumps(push).encode()))
    Inbox(hub).keep("pinduoduo", "rubbish", a_push(b"\xff"))
    old, new = (ChannelMapping.load("pinduoduo", version) for version in ("3.1", "3.2"))

    documents = await past_documents(stage.shops, (old, new), InboxDesk(hub), 100)
    found = compared(old, new, documents)
    hub.dispose()

    assert {"订单", "售后", "推送"} == {one.name.split()[0] for one in documents}
    assert 4 == len(documents)
    assert "售后 5000001" in {difference.name for difference in found}


def test_without_a_past_diff_says_how_to_get_one(terminal: Terminal) -> None:
    result = terminal.ran("diff", "pinduoduo", "3.1", "3.2")

    assert (0, "") == (result.returncode, result.stderr)
    assert "没有历史推送可重放" in result.stdout
    told = json.loads(terminal.ran("diff", "pinduoduo", "3.1", "3.2", "--json").stdout)
    assert {"documents": 0, "differences": []} == told


def test_a_past_that_reads_differently_is_listed(terminal: Terminal, hub: Engine) -> None:
    body = json.dumps(document("pinduoduo", "push-refund.json")).encode()
    Inbox(hub).keep("pinduoduo", "1", a_push(body))

    result = terminal.ran("diff", "pinduoduo", "3.1", "3.2", "--json")

    told = json.loads(result.stdout)
    assert 1 == told["documents"]
    assert {"推送 1"} == {difference["name"] for difference in told["differences"]}
    assert "重放 1 份单据" in terminal.ran("diff", "pinduoduo", "3.1", "3.2").stdout


# list, activate, withdraw, history


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


# history, fields and reconciliations without and with something to show


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("history", "还没有人启用或停用过版本"),
        ("fields", "没有没见过的字段"),
        ("reconciliations", "还没有对过账"),
    ],
)
def test_an_empty_list_says_what_that_means(terminal: Terminal, command: str, said: str) -> None:
    assert [] == terminal.told(command)
    assert said in terminal.typed(command)


def test_new_fields_are_shown_with_how_often_they_came(terminal: Terminal, hub: Engine) -> None:
    watch = FieldWatch(hub)
    watch.see("douyin", "1", {"[red]gift": 1})
    watch.write()

    (row,) = terminal.told("fields", "douyin")
    assert ("douyin", "1", "[red]gift", 1) == (
        row["channel"],
        row["version"],
        row["path"],
        row["times"],
    )
    assert "[red]gift" in terminal.typed("fields")
    assert [] == terminal.told("fields", "youzan")


def test_reconciliations_are_shown_the_latest_first(terminal: Terminal, hub: Engine) -> None:
    now = utc_now()
    look = Reconciliation(
        channel="douyin", since=now, until=now, found=12, started=3, mended=2, parked=1
    )
    ReconciliationBook(hub).record(look)
    ReconciliationBook(hub).record(replace(look, channel="youzan"))

    rows = terminal.told("reconciliations", "--limit", "1")
    assert [("youzan", 12, 3, 2, 1)] == [
        (row["channel"], row["found"], row["started"], row["mended"], row["parked"]) for row in rows
    ]
    shown = terminal.typed("reconciliations")
    assert all(word in shown for word in ("douyin", "youzan", "补建", "读不懂"))


def document(channel: str, name: str) -> Any:
    """Tell a recorded document."""
    (sample,) = (s for s in samples(channel) if s.name == name)
    return sample.document


def a_push(body: bytes) -> Push:
    return Push(path="/", headers={}, query={}, body=body, received_at=utc_now())
