"""What the author of the carriers' rules is told when something is wrong with them."""

from pathlib import Path
from shutil import copytree

import pytest

from rulebook.faults import BrokenRules
from rulebook.number_pattern import compile_pattern
from rulebook.waybills import RULES, faults_of_numbers, load_numbers, standard_numbers

PLACE = "rules/carriers.yaml carriers[0].patterns[0].pattern"

# The table of protocols 7.
CARRIERS = {
    "shunfeng": ("SF", "SF"),
    "zhongtong": ("ZTO", "ZTO"),
    "yuantong": ("YTO", "YTO"),
    "shentong": ("STO", "STO"),
    "yunda": ("YD", "YUNDA"),
    "jtexpress": ("JTSD", "OTHER"),
    "ems": ("EMS", "EMS"),
    "youzhengguonei": ("YZPY", "POSTB"),
    "jd": ("JD", "JD"),
    "debangkuaidi": ("DBL", "OTHER"),
    "huitongkuaidi": ("HTKY", "HTKY"),
    "zhaijisong": ("ZJS", "ZJS"),
    "youshuwuliu": ("UC", "UC"),
    "annengwuliu": ("ANE", "OTHER"),
    "yimidida": ("", "OTHER"),
    "kuayue": ("KYSY", "OTHER"),
    "danniao": ("DANNIAO", "OTHER"),
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return copytree(RULES, tmp_path / "rules")


def edit(rules: Path, old: str, new: str) -> None:
    path = rules / "carriers.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_rules_that_are_shipped_know_seventeen_carriers() -> None:
    known = {each.code: (each.kdniao, each.qimen) for each in standard_numbers().carriers}

    assert () == faults_of_numbers(RULES)
    assert CARRIERS == known


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("code: yuantong", "code: zhongtong", "carriers[2].code: zhongtong 写了两次"),
        ("[debangkuaidi, debangwuliu]", "[debangkuaidi, jd]", "carriers[9].kuaidi100: jd 写了两次"),
        ("prefixes: [YTO]", "prefixes: [ZTO]", "carriers[2].prefixes: ZTO 写了两次"),
        ("aliases: [申通]", "aliases: [中通]", "carriers[3].aliases: 中通 写了两次"),
        ("'^SF\\d{12,13}$'", "'SF\\d{12,13}'", "carriers[0].patterns[0].pattern: 要以 ^ 开头"),
        ("'^SF\\d{12,13}$'", "'^SF\\d+$'", "carriers[0].patterns[0].pattern: + 没有上限"),
        ("sure: firm", "sure: certain", "carriers[0].patterns[0].sure: 只能是"),
        ("    qimen: SF\n", "", "carriers[0]: 缺少 qimen"),
        ("phone_tail: always", "phone_tail: yes", "carriers[0].phone_tail: 只能是"),
        ("code: shunfeng", "code: SF", "carriers[0].code: 格式不对"),
        ("intercepts: false", "intercepts: maybe", "carriers[10].intercepts: 应为"),
        ('"444003079772"]', "444003079772]", "carriers[0].samples[2]: 应为 文字"),
        ("SF1900190891322", "SF19001908913", "SF19001908913 应清洗为 SF19001908913,实际认不出"),
        (': "20260206123456789"', ': "2026"', "应清洗为 2026,实际20260206123456789"),
        ('unmatched: ["432542035598773"', 'unmatched: ["78123456789012"', "请移到 samples"),
        ("words: [", "words: [1, ", "words[0]: 应为 文字"),
        ("carriers:", "carriers: [", "rules/carriers.yaml: 不是有效的 YAML"),
    ],
)
def test_a_fault_in_the_file_is_found_and_placed(
    rules: Path, old: str, new: str, told: str
) -> None:
    edit(rules, old, new)

    faults = faults_of_numbers(rules)

    assert all(fault.startswith("rules/carriers.yaml") for fault in faults)
    assert told in "\n".join(faults)


def test_a_carrier_is_asked_to_stop_parcels_unless_its_rules_say_that_it_never_does() -> None:
    never = {each.code for each in standard_numbers().carriers if not each.intercepts}

    assert {"huitongkuaidi", "annengwuliu", "yimidida"} == never


def test_all_faults_of_a_kind_are_told_at_once(rules: Path) -> None:
    edit(rules, "'^SF\\d{12,13}$'", "'^SF\\d*$'")
    edit(rules, "'^78\\d{12}$'", "'78\\d{12}'")

    assert 2 == len(faults_of_numbers(rules))


def test_the_version_names_what_the_rules_say(rules: Path) -> None:
    before = load_numbers(rules).version
    edit(rules, "words:", "# 只是注释\nwords:")
    assert before == load_numbers(rules).version

    edit(rules, "phone_tail: always", "phone_tail: sometimes")
    assert before != load_numbers(rules).version


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        (r"^SF\d{12,13}$", "SF123456789012"),
        (r"^(9[1-58]|36)\d{10}$", "951234567890"),
        (r"^DPK\d{11,20}(-\d{1,3})?$", "DPK12345678901-12"),
        (r"^[0-9A-Z-]{4,35}$", "A-12"),
        (r"^A?B$", "B"),
    ],
)
def test_a_sober_pattern_is_let_in(pattern: str, number: str) -> None:
    compiled = compile_pattern(pattern, place=PLACE)

    assert compiled.fullmatch(number)
    assert not compiled.fullmatch(f"{number}\n")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (r"ZTO(\d{12})$", "要以 ^ 开头、以 $ 结尾"),
        (r"^ZTO(\d{12})", "要以 ^ 开头、以 $ 结尾"),
        (r"^\d{12}\$", "第 8 个字符起的 \\ 不能用"),
        (r"^\d{12}|\d{14}$", "第 8 个字符起的 |"),  # ^ would hold for the first only
        (r"^(\d+)+$", "+ 没有上限"),
        (r"^\d*$", "* 没有上限"),
        (r"^\d{3,}$", "{3,} 没有上限"),
        (r"^(\d{1,9}){1,9}$", "第 11 个字符起的 {1,9}"),  # a repeated group can run away
        (r"^(A|B)*$", "* 没有上限"),
        (r"^.{12}$", "第 2 个字符起的 .{12} 不能用"),
        (r"^(?=A)B$", "第 3 个字符起的 ?=A)B 不能用"),
        (r"^(A)\1$", "不能用"),
        (r"^\w{3}$", "不能用"),
        (r"^sf\d{12}$", "第 2 个字符起的 sf"),
        (r"^[^A]{3}$", "不能用"),
        (r"^(\d{12}$", "括号不成对"),
        (r"^\d{12})$", "不能用"),
        (r"^\d{41}$", "能对上 41 位,运单号最长 40 位"),
        (r"^(\d{20}|\d{30})\d{11}$", "能对上 41 位"),
        ("^" + r"\d?" * 30 + "$", "可变的部分太多"),
        ("^" + "(1|1)" * 20 + "$", "可变的部分太多"),
        ("^" + r"\d{0,9}" * 4 + r"A\d{0,3}$", "可变的部分太多"),
        (r"^\d{5,3}$", "写法不对"),
        (r"^[9-0]$", "写法不对"),
    ],
)
def test_a_pattern_that_could_run_away_or_fit_a_part_is_refused(pattern: str, told: str) -> None:
    with pytest.raises(BrokenRules) as caught:
        compile_pattern(pattern, place=PLACE)

    assert str(caught.value).startswith(f"{PLACE}: ")
    assert told in str(caught.value)
