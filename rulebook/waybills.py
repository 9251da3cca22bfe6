"""The carriers' rules for waybill numbers, loaded from ``rules/carriers.yaml``."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from domain.carrier import SUREST_FIRST, CarrierProfile, Form, PhoneTail, Sureness
from domain.number_book import NumberBook
from rulebook.faults import BrokenRules
from rulebook.number_pattern import compile_pattern
from rulebook.sheet import Sheet, load_sheet, version_of

RULES = Path(__file__).parents[1] / "rules"


@cache
def standard_numbers() -> NumberBook:
    """Load the rules that are shipped; once in each process.

    Raises:
        BrokenRules: as ``load_numbers``.
    """
    return load_numbers(RULES)


def load_numbers(rules_dir: Path) -> NumberBook:
    """Load ``carriers.yaml``, and try each sample in it.

    Raises:
        BrokenRules: with every fault that was found, each with its place, in Chinese.
    """
    sheet = load_sheet(rules_dir / "carriers.yaml", rules_dir / "schema" / "carriers.json")
    rows = sheet.content["carriers"]
    _refuse(_written_twice(sheet))
    _refuse(fault for at, row in enumerate(rows) for fault in _broken_patterns(sheet, at, row))
    book = NumberBook(
        carriers=tuple(map(_profile, rows)),
        words=tuple(sheet.content["words"]),
        version=version_of(sheet),
    )
    _refuse(
        fault for at, row in enumerate(rows) for fault in _wrong_samples(sheet.name, at, row, book)
    )
    return book


def faults_of_numbers(rules_dir: Path) -> tuple[str, ...]:
    """List what is wrong with the carriers' rules, in Chinese; empty when they can be used."""
    try:
        load_numbers(rules_dir)
    except BrokenRules as broken:
        return broken.faults
    return ()


def _refuse(faults: Iterator[str]) -> None:
    """Tell all faults of one kind at once."""
    if found := tuple(faults):
        raise BrokenRules(*found)


def _written_twice(sheet: Sheet) -> Iterator[str]:
    """A code, a prefix or a name of two carriers would make the answer depend on their order."""
    for kind, cells in (
        ("code", ("code",)),
        ("kuaidi100", ("kuaidi100",)),
        ("prefixes", ("prefixes",)),
        ("aliases", ("name", "aliases")),
    ):
        seen = set[str]()
        for at, row in enumerate(sheet.content["carriers"]):
            for name in _texts(row, cells):
                if name in seen:
                    yield f"{sheet.name} carriers[{at}].{kind}: {name} 写了两次"
                seen.add(name)


def _texts(row: Any, cells: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401 - a row that the schema promised
    for cell in cells:
        found = row.get(cell, ())
        yield from (found,) if isinstance(found, str) else found


def _broken_patterns(sheet: Sheet, at: int, row: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    for no, form in enumerate(row["patterns"]):
        try:
            compile_pattern(
                form["pattern"], place=f"{sheet.name} carriers[{at}].patterns[{no}].pattern"
            )
        except BrokenRules as broken:
            yield from broken.faults


def _profile(row: Any) -> CarrierProfile:  # noqa: ANN401 - as above
    return CarrierProfile(
        code=row["code"],
        name=row["name"],
        kuaidi100=tuple(row["kuaidi100"]),
        kdniao=row.get("kdniao", ""),
        qimen=row["qimen"],
        phone_tail=PhoneTail(row.get("phone_tail", PhoneTail.NEVER)),
        aliases=tuple(row.get("aliases", ())),
        prefixes=tuple(row.get("prefixes", ())),
        forms=tuple(sorted(map(_form, row["patterns"]), key=_doubt)),
        keeps_hyphens=row.get("keeps_hyphens", False),
        intercepts=row.get("intercepts", True),
    )


def _form(cell: Any) -> Form:  # noqa: ANN401 - as above
    pattern = compile_pattern(cell["pattern"], place=cell["pattern"])
    return Form(pattern=pattern, sureness=Sureness(cell["sure"]))


def _doubt(form: Form) -> int:
    return SUREST_FIRST.index(form.sureness)


def _wrong_samples(name: str, at: int, row: Any, book: NumberBook) -> Iterator[str]:  # noqa: ANN401 - as above
    """Samples are how an author says what is meant: a rule that breaks one is not let in."""
    for sample, wanted in _samples(row):
        numbers = {
            each.number for each in book.read(sample).candidates if each.carrier == row["code"]
        }
        if wanted is None and numbers:
            yield f"{name} carriers[{at}].unmatched: {sample} 现在认得出,请移到 samples"
        elif wanted is not None and numbers != {wanted}:
            found = "、".join(numbers) or "认不出"
            yield f"{name} carriers[{at}].samples: {sample} 应清洗为 {wanted},实际{found}"


def _samples(row: Any) -> Iterator[tuple[str, str | None]]:  # noqa: ANN401 - as above
    """Tell each sample with what must be left of it; ``None``: nothing shall recognise it."""
    yield from ((sample, sample) for sample in row.get("samples", ()))
    yield from row.get("dressed_samples", {}).items()
    yield from ((sample, None) for sample in row.get("unmatched", ()))
