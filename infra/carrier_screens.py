"""What ``lifeline carriers`` shows: cells for people, plain data for scripts."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from domain.carrier import CarrierProfile
from domain.clock import CHINA
from domain.number_book import NumberBook
from domain.partner_words import PartnerWords
from domain.waybill_number import Reading
from domain.words import zh
from gateways.order_book import Allocation


class Record(NamedTuple):
    """What our allocation record says of a number, and when it says nothing, why."""

    rows: tuple[Allocation, ...]
    note: str


def reading_facts(reading: Reading, record: Record, book: NumberBook) -> Iterator[tuple[str, str]]:
    """Tell what a person reads of one number, line by line."""
    yield "原样", reading.raw
    yield "清洗后", reading.cleaned
    yield "结论", zh(reading.verdict)
    for each in reading.candidates:
        yield "可能是", f"{each.name} {each.number} {each.why}({zh(each.form.sureness)})"
    for row in record.rows:
        yield "分配记录", _recorded(row, book)
    if record.note:
        yield "分配记录", record.note


def _recorded(row: Allocation, book: NumberBook) -> str:
    carrier = book.carrier(row.carrier)
    name = carrier.name if carrier else row.carrier
    day = row.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    return f"{name} {row.waybill},包裹 {row.parcel_key},订单 {row.order_id},{day}"


def reading_data(reading: Reading, record: Record, version: str) -> dict[str, object]:
    """Tell the same to a script; ``rules`` is the version that was asked."""
    return {
        "raw": reading.raw,
        "cleaned": reading.cleaned,
        "verdict": reading.verdict,
        "verdict_zh": zh(reading.verdict),
        "candidates": [
            {
                "carrier": each.carrier,
                "name": each.name,
                "number": each.number,
                "sure": each.form.sureness,
                "why": each.why,
            }
            for each in reading.candidates
        ],
        "record": [
            {
                "carrier": row.carrier,
                "waybill": row.waybill,
                "parcel": row.parcel_key,
                "order": row.order_id,
                "at": row.at.isoformat(),
            }
            for row in record.rows
        ],
        "record_note": record.note,
        "rules": version,
    }


def carrier_cells(carrier: CarrierProfile) -> Iterator[Iterable[str]]:
    """Tell a carrier's row: each cell as its lines."""
    yield carrier.name, carrier.code, f"手机尾号{zh(carrier.phone_tail)}"
    yield (
        f"快递100 {'、'.join(carrier.kuaidi100)}",
        f"快递鸟 {carrier.kdniao or '没有'}",
        f"奇门 {carrier.qimen}",
    )
    yield (f"{form.pattern.pattern} {zh(form.sureness)}" for form in carrier.forms)


def carrier_data(carrier: CarrierProfile) -> dict[str, object]:
    """Tell a carrier to a script."""
    return {
        "code": carrier.code,
        "name": carrier.name,
        "kuaidi100": carrier.kuaidi100,
        "kdniao": carrier.kdniao,
        "qimen": carrier.qimen,
        "phone_tail": carrier.phone_tail,
        "prefixes": carrier.prefixes,
        "patterns": [
            {"pattern": form.pattern.pattern, "sure": form.sureness} for form in carrier.forms
        ],
    }


def words_by_meaning(table: PartnerWords[Any]) -> dict[StrEnum, list[str]]:
    """Gather the words that mean the same, with the names that stand for them."""
    gathered = dict[StrEnum, list[str]]()
    for word, ours in table.words.items():
        names = (name for name, stands_for in table.names.items() if stands_for == word)
        gathered.setdefault(ours, []).extend((word, *names))
    if table.otherwise is not None:
        gathered.setdefault(table.otherwise, []).append("其他")
    return gathered


def words_data(table: PartnerWords[Any]) -> dict[str, object]:
    """Tell one partner's words to a script."""
    return {
        "partner": table.partner,
        "title": table.title,
        "field": table.field,
        "words": [
            {"word": word, "ours": ours, "zh": zh(ours)} for word, ours in table.words.items()
        ],
        "names": dict(table.names),
        "otherwise": table.otherwise,
    }
