"""What partners' status words mean, and what the author of the table is told."""

from pathlib import Path
from shutil import copytree

import pytest

from domain.errors import Untranslatable
from domain.parcel import Milestone
from domain.partner_words import Making, Packing, Shelving
from gateways.kuaidi100_track import milestone_of
from rulebook.statuses import faults_of_statuses, load_statuses, standard_statuses
from rulebook.waybills import RULES


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("completed", Making.MADE),
        ("Done", Making.MADE),
        (" FINISHED ", Making.MADE),
        ("完工", Making.MADE),
        ("scrapped", Making.SCRAPPED),
        ("报废", Making.SCRAPPED),
        ("started", Making.STARTED),
        ("开工", Making.STARTED),
    ],
)
def test_an_mes_may_write_its_words_in_either_language(word: str, ours: Making) -> None:
    assert ours is standard_statuses().mes.read(word)


def test_a_word_that_an_mes_never_said_before_is_a_fault() -> None:
    with pytest.raises(Untranslatable, match="mes:字段 status 无法识别"):
        standard_statuses().mes.read("paused")


@pytest.mark.parametrize(
    ("word", "ours"),
    [("80", Milestone.DELIVERED), ("648", Milestone.PROBLEM), ("999", Milestone.IN_TRANSIT)],
)
def test_a_scan_of_sf_that_nobody_knows_changes_nothing(word: str, ours: Milestone) -> None:
    assert ours is standard_statuses().sf.read(word)


@pytest.mark.parametrize(
    ("state", "ours"),
    [
        ("301", Milestone.DELIVERED),
        ("401", Milestone.PROBLEM),  # an exception among the 4xx
        ("1401", Milestone.PROBLEM),
        ("77", Milestone.IN_TRANSIT),
    ],
)
def test_a_state_of_kuaidi100_in_detail_means_what_it_begins_with(
    state: str, ours: Milestone
) -> None:
    assert ours is milestone_of(state)


@pytest.mark.parametrize(
    ("word", "packing", "shelving"),
    [
        ("DELIVERED", Packing.LEFT, Shelving.WORKING),
        ("PARTDELIVERED", Packing.WORKING, Shelving.WORKING),
        ("PARTFULFILLED", Packing.WORKING, Shelving.SHELVED),
        ("EXCEPTION", Packing.STUCK, Shelving.STUCK),
        ("CANCELEDFAIL", Packing.WORKING, Shelving.WORKING),
    ],
)
def test_a_wms_says_what_left_and_what_arrived(
    word: str, packing: Packing, shelving: Shelving
) -> None:
    assert packing is standard_statuses().deliveries.read(word)
    assert shelving is standard_statuses().entries.read(word)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return copytree(RULES, tmp_path / "rules")


def edit(rules: Path, old: str, new: str) -> None:
    path = rules / "statuses.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_words_that_are_shipped_have_no_fault() -> None:
    assert () == faults_of_statuses(RULES)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"50": collected', '"50": picked', "sf.words['50']: 只能是"),
        ('"50": collected', "50: collected", "sf.words: 应为 文字,实际是 50"),
        ('"50": collected', '"80": collected', "键 80 写了两次"),
        ('签收: "3"', '签收: "300"', "kuaidi100.names.签收: words 里没有 300"),
        ("  otherwise: in_transit", "", "sf: 缺少 otherwise"),
        ("    done: made", "    done: finished", "mes.words.done: 只能是"),
        ("\nmes:", "\nmess:", "缺少 mes"),
    ],
)
def test_a_fault_in_the_table_is_found_and_placed(
    rules: Path, old: str, new: str, told: str
) -> None:
    edit(rules, old, new)

    faults = faults_of_statuses(rules)

    assert all(fault.startswith("rules/statuses.yaml") for fault in faults)
    assert told in "\n".join(faults)


def test_the_version_names_what_the_words_mean(rules: Path) -> None:
    before = load_statuses(rules).version
    edit(rules, "    完工: made", "    完工: made\n    入库: made")

    assert before != load_statuses(rules).version
