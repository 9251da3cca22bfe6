"""What is left of a waybill number without its dressing, and whose it can be."""

from typing import NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Untranslatable
from domain.number_book import NumberBook
from domain.waybill_number import Verdict
from infra.sandbox.partners.kuaidi100_words import NUMBERS, waybill_number
from rulebook.waybills import RULES, standard_numbers


class Sample(NamedTuple):
    carrier: str
    raw: str
    cleaned: str


def samples() -> list[Sample]:
    rows = yaml.safe_load((RULES / "carriers.yaml").read_text("utf-8"))["carriers"]
    same = [Sample(row["code"], raw, raw) for row in rows for raw in row.get("samples", ())]
    dressed = [
        Sample(row["code"], raw, cleaned)
        for row in rows
        for raw, cleaned in row.get("dressed_samples", {}).items()
    ]
    return same + dressed


@pytest.fixture
def book() -> NumberBook:
    return standard_numbers()


def whose(book: NumberBook, raw: str) -> set[str]:
    return {candidate.carrier for candidate in book.read(raw).candidates}


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.raw)
def test_every_public_sample_is_its_carrier_s(book: NumberBook, sample: Sample) -> None:
    assert sample.carrier in whose(book, sample.raw)
    assert sample.cleaned == book.read(sample.raw).cleaned

    said = book.read(sample.raw, sample.carrier)
    assert (Verdict.EXACT, sample.cleaned) == (said.verdict, said.cleaned)


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        # Public samples, and every carrier that may have given them.
        ("SF1424638720536", {"shunfeng"}),
        ("SF1900190891322", {"shunfeng"}),
        ("444003079772", {"shunfeng", "zhongtong", "youshuwuliu", "annengwuliu", "yimidida"}),
        ("YT9693083639795", {"yuantong"}),
        ("77316523125896", {"shentong", "zhongtong", "huitongkuaidi"}),
        ("462598779470531", {"yunda", "debangkuaidi"}),
        ("JT0006968326954", {"jtexpress", "huitongkuaidi"}),
        ("JT3002232682242", {"jtexpress", "huitongkuaidi"}),
        ("1240921381750", {"ems", "youzhengguonei", "yunda", "yuantong"}),
        ("4309597495550", {"youzhengguonei", "shentong", "yunda", "yuantong"}),
        ("JDVA11408814483", {"jd"}),
        ("DPK364112047425", {"debangkuaidi"}),
        ("DPK300585915441", {"debangkuaidi"}),
        ("300527476792", {"annengwuliu", "huitongkuaidi", "shunfeng", "youshuwuliu", "yimidida"}),
        ("106027097895", {"yimidida", "annengwuliu", "shunfeng", "youshuwuliu"}),
        # 中通快运 and a 15-digit ZTO: no form of ZTO's has them.
        ("202197601431", {"shunfeng", "youshuwuliu", "annengwuliu", "yimidida"}),
        ("432542035598773", {"yunda", "debangkuaidi"}),
        # The overlaps of protocols 7.
        ("78123456789012", {"zhongtong", "huitongkuaidi"}),
        ("A123456789012", {"huitongkuaidi", "zhaijisong"}),
        ("EA123456789CN", {"ems", "youzhengguonei"}),
        ("773123456789012", {"shentong", "yunda", "debangkuaidi"}),
    ],
)
def test_a_number_lists_every_carrier_that_it_fits(
    book: NumberBook, number: str, fits: set[str]
) -> None:
    reading = book.read(number)

    assert fits == whose(book, number)
    assert number == reading.cleaned
    assert (Verdict.EXACT if len(fits) == 1 else Verdict.AMBIGUOUS) == reading.verdict


def test_the_prefix_falls_off_where_the_published_pattern_does_not_fit(book: NumberBook) -> None:
    """``^ZTO(\\d{12})$`` does not match its own example."""
    reading = book.read("ZTO20260206123456789")

    assert "20260206123456789" == reading.cleaned
    assert Verdict.EXACT == reading.verdict
    assert ["zhongtong"] == [candidate.carrier for candidate in reading.candidates]


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  78123456789012\n", "78123456789012"),
        ("7812 3456\u00a0789\u3000012", "78123456789012"),
        ("7812-3456-789012", "78123456789012"),
        ("７８１２３４５６７８９０１２", "78123456789012"),
        ("zto78123456789012", "78123456789012"),
        ("ZTO-78123456789012", "78123456789012"),
        ("ZTO123456789012", "123456789012"),  # what the published pattern was meant for
        ("78123456789012。", "78123456789012"),
        ("'78123456789012", "78123456789012"),  # how Excel keeps it text
        ("运单号:78123456789012", "78123456789012"),
        ("快递单号:78123456789012;", "78123456789012"),
        ("单号 78123456789012", "78123456789012"),
        ("中通快递 78123456789012", "78123456789012"),
        ("中通快递单号:zto 78123456789012", "78123456789012"),
        ("【中通】78123456789012", "78123456789012"),
        ("\ufeff7812\u200b3456789012", "78123456789012"),  # copied from a page
    ],
)
def test_dressing_falls_off(book: NumberBook, raw: str, cleaned: str) -> None:
    reading = book.read(raw, "zhongtong")

    assert (cleaned, Verdict.EXACT) == (reading.cleaned, reading.verdict)
    assert cleaned == book.for_channel(raw, "zhongtong")


@pytest.mark.parametrize(
    ("carrier", "raw", "cleaned"),
    [
        ("shunfeng", "sf1424638720536", "SF1424638720536"),
        ("shunfeng", "SF-1424638720536", "SF1424638720536"),
        ("shentong", "STO1234567890", "STO1234567890"),  # here STO is part of the number
        ("shentong", "STO77316523125896", "77316523125896"),
        ("zhaijisong", "zjs123456789012", "ZJS123456789012"),
        ("debangkuaidi", "DPK364112047425-1", "DPK364112047425-1"),
        ("debangwuliu", "dpk364112047425-1-2", "DPK364112047425-1-2"),
        ("ems", "EMS1240921381750", "1240921381750"),
        ("ems", "中国邮政EMS 1240921381750", "1240921381750"),
        ("youzhengguonei", "中国邮政 4309597495550", "4309597495550"),
        ("jd", "京东物流:jdva11408814483", "JDVA11408814483"),
    ],
)
def test_each_carrier_keeps_what_belongs_to_its_numbers(
    book: NumberBook, carrier: str, raw: str, cleaned: str
) -> None:
    assert cleaned == book.read(raw, carrier).cleaned
    assert cleaned == book.for_channel(raw, carrier)


@pytest.mark.parametrize(
    ("raw", "carrier"),
    [
        ("YT9693083639795", "shunfeng"),  # SF's loose form gives way to another's own letters
        ("ZTO78123456789012", "shunfeng"),
        ("中通快递 SF1424638720536", None),
        ("中通快递 78123456789012", "yuantong"),
        ("SF1424638720536", "yunda"),
    ],
)
def test_a_number_unlike_its_carrier_s_is_kept_and_told(
    book: NumberBook, raw: str, carrier: str | None
) -> None:
    reading = book.read(raw, carrier)

    assert (raw, Verdict.MISFIT) == (reading.cleaned, reading.verdict)
    assert reading.candidates != ()


@pytest.mark.parametrize(
    "raw",
    [
        "hello",
        "中通快运 202197601431",  # another carrier than 中通
        "78123456789012 78123456789013",  # two numbers in one cell
        "7.8123E+13",
        "٧٨١٢٣٤٥٦٧٨٩٠١٢",
        "运单号:",
        "DPK-364112047425-1",
        "",
        "9" * 41,
        "9" * 100_000,
    ],
)
def test_what_fits_nothing_is_kept_as_it_came(book: NumberBook, raw: str) -> None:
    reading = book.read(f" {raw}\t")

    assert (raw, (), Verdict.UNKNOWN) == (reading.cleaned, reading.candidates, reading.verdict)


def test_of_a_carrier_without_rules_nothing_is_claimed(book: NumberBook) -> None:
    assert Verdict.UNKNOWN == book.read("SF1424638720536", "somebody").verdict
    assert "SF1424638720536" == book.for_channel("单号:sf1424638720536", "somebody")


def test_our_allocation_record_beats_all_patterns(book: NumberBook) -> None:
    ambiguous = book.read("444003079772")

    one = book.decide(ambiguous, {"yimidida": "444003079772"})
    assert (Verdict.RECORDED, "444003079772") == (one.verdict, one.cleaned)

    two = book.decide(book.read("SF1424638720536"), {"jd": "1", "shunfeng": "1"})
    assert Verdict.AMBIGUOUS == two.verdict
    assert ambiguous == book.decide(ambiguous, {})


@pytest.mark.parametrize("carrier", sorted(NUMBERS))
def test_the_sandbox_numbers_its_parcels_as_the_carriers_do(book: NumberBook, carrier: str) -> None:
    number = waybill_number(carrier, 1)
    said = book.read(number, carrier)

    assert (number, Verdict.EXACT) == (said.cleaned, said.verdict)


@pytest.mark.parametrize("number", ["", "。。", "单号:", "京东快递"])
def test_a_channel_is_never_told_an_empty_number(book: NumberBook, number: str) -> None:
    with pytest.raises(Untranslatable, match="运单号"):
        book.for_channel(number, "zhongtong")


@given(raw=st.text(max_size=60))
def test_nothing_that_is_read_is_lost(raw: str) -> None:
    reading = standard_numbers().read(raw)

    assert raw == reading.raw
    assert reading.candidates or reading.cleaned == raw.strip()


@given(number=st.from_regex(r"[0-9A-Z]{1,4}[0-9]{8,14}", fullmatch=True))
def test_a_cleaned_number_stays_as_it_is(number: str) -> None:
    book = standard_numbers()

    for candidate in book.read(number).candidates:
        assert candidate.number == book.read(candidate.number, candidate.carrier).cleaned
