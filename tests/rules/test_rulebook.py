"""What the author of a rule is told when something is wrong with it."""

from pathlib import Path
from shutil import copytree

import pytest

from rulebook.expression import Scene, Vocabulary, compile_expression
from rulebook.faults import BrokenRules
from rulebook.routing import faults_of_routing, load_routing
from rulebook.template import compile_template
from tests.rules.routing_cases import RULES

WORDS = Vocabulary(
    sample={"sku": {"name": "牛奶", "volume_cm3": 1000, "tags": ["a"]}, "distance_m": 5}
)
ANYTHING = Vocabulary(sample={"push": None})
PLACE = "rules/x.yaml rules[2].when"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sku.volume_cm3 >", "语法错误:第 1 行第 17 列"),
        ("", "语法错误"),
        ("weight > 3", "不认识的变量 weight,可用的有:distance_m、sku"),
        ("sku.colour == 'red'", "sku 没有字段 colour,可用的有:name、tags、volume_cm3"),
        ("distance_m < 9 || sku.colour == 'red'", "sku 没有字段 colour"),
        ("near(distance_m)", "不认识的函数 near"),
        ("distance_m", "结果应为真假(true/false),实际是整数"),
        ("sku.name", "结果应为真假(true/false),实际是文字"),
        ("distance_m > 'far'", "无法计算"),
    ],
)
def test_a_broken_condition_says_where_and_why(text: str, told: str) -> None:
    with pytest.raises(BrokenRules) as caught:
        compile_expression(text, place=PLACE, vocabulary=WORDS, kind=bool)

    assert str(caught.value).startswith(f"{PLACE}: ")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("sku.volume_cm3 > 10 && distance_m < 9", {"sku", "distance_m"}),
        ("sku.tags.exists(tag, tag == 'a')", {"sku"}),
        ("sku.name == 'push.it' || sku.name.startsWith('牛')", {"sku"}),
        ("true", set()),
    ],
)
def test_an_expression_knows_what_it_reads(text: str, reads: set[str]) -> None:
    expression = compile_expression(text, place=PLACE, vocabulary=WORDS, kind=bool)

    assert reads == expression.reads
    assert expression.value(Scene(WORDS.sample)) is True


def test_a_field_that_the_facts_lack_is_named() -> None:
    expression = compile_expression("push.order.id", place=PLACE, vocabulary=ANYTHING)

    assert "7" == expression.value(Scene({"push": {"order": {"id": "7"}}}))
    with pytest.raises(BrokenRules, match="数据里没有字段 order"):
        expression.value(Scene({"push": {}}))


def test_a_result_of_the_wrong_kind_is_not_passed_on() -> None:
    expression = compile_expression("push.ok", place=PLACE, vocabulary=ANYTHING, kind=bool)

    with pytest.raises(BrokenRules, match="实际是文字"):
        expression.value(Scene({"push": {"ok": "true"}}))


def test_functions_of_our_own_can_be_called() -> None:
    words = Vocabulary(sample={"yuan": "12.30"}, functions={"fen": len})

    fen = compile_expression("fen(yuan)", place=PLACE, vocabulary=words)

    assert 5 == fen.value(Scene({"yuan": "12.30"}, words.functions))


def test_a_sentence_is_filled_from_the_facts() -> None:
    template = compile_template(
        "{sku.name}({distance_m} 米)属于{sku.tags}", place=PLACE, vocabulary=WORDS
    )

    facts = {"sku": {"name": "米", "tags": ["粮", "油"]}, "distance_m": 7}
    assert "米(7 米)属于粮、油" == template.fill(Scene(facts))
    assert {"sku", "distance_m"} == template.reads


@pytest.mark.parametrize(
    ("text", "told"),
    [("{sku.nam}", "没有字段 nam"), ("{sku.name", "大括号不成对"), ("{}", "语法错误")],
)
def test_a_broken_sentence_says_why(text: str, told: str) -> None:
    with pytest.raises(BrokenRules, match=told):
        compile_template(text, place=PLACE, vocabulary=WORDS)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return copytree(RULES, tmp_path / "rules")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_rules_that_are_shipped_have_no_fault(rules: Path) -> None:
    assert () == faults_of_routing(rules)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("routing", "must: sku.band in", "must: sku.bund in", "rules[0].must: sku 没有字段 bund"),
        ("routing", "must: distance_m <= 3000", "must: distance_m", "rules[1].must: 结果应为真假"),
        ("routing", "{sku.name} 需要", "{sku.nane} 需要", "rules[0].reason: sku 没有字段 nane"),
        ("routing", "    passing: true", "    pasing: true", "rules[4]: 不认识的键 pasing"),
        ("routing", "rules:", "rules: [", "rules/routing.yaml: 不是有效的 YAML,第"),
        ("routing", "name: radius", "name: region", "rules[3].name: region 写了两次"),
        ("warehouses", "radius_m: 25000", "radius_m: 25km", "warehouses[0].radius_m: 应为 整数"),
        ("warehouses", "    rank: 1\n", "", "warehouses[0]: 缺少 rank"),
        ("warehouses", "[ambient]", "[warm]", "warehouses[0].bands[0]: 只能是"),
        ("warehouses", "HZ-XH", "HZ-GS", "warehouses[1].code: HZ-GS 写了两次"),
        ("warehouses", "rank: 1\n", "rank: 1\n    rank: 2\n", "键 rank 写了两次"),
        ("warehouses", "2027-02-06", "2027-02-30", "warehouses[2].closed_on[0]: 不是有效的日期"),
    ],
)
def test_a_fault_in_a_file_is_found_and_placed(
    rules: Path, file: str, old: str, new: str, told: str
) -> None:
    edit(rules / f"{file}.yaml", old, new)

    (fault,) = faults_of_routing(rules)

    assert fault.startswith(f"rules/{file}.yaml")
    assert told in fault


def test_all_faults_are_told_at_once(rules: Path) -> None:
    edit(rules / "routing.yaml", "sku.band in", "sku.bund in")
    edit(rules / "routing.yaml", "<= 3000", "<= ")

    assert 2 == len(faults_of_routing(rules))


def test_a_missing_file_is_named(rules: Path) -> None:
    (rules / "warehouses.yaml").unlink()

    assert ("rules/warehouses.yaml: 找不到文件",) == faults_of_routing(rules)


def test_the_version_follows_what_the_rules_say_and_not_how_they_look(rules: Path) -> None:
    before = load_routing(rules).version

    edit(rules / "routing.yaml", "# 分仓规则", "# 说明:分仓规则")
    looks = load_routing(rules).version
    edit(rules / "routing.yaml", "<= 3000", "<= 3001")

    assert before == looks
    assert before != load_routing(rules).version
