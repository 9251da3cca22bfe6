"""Partners' status words, loaded from ``rules/statuses.yaml``."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from domain.parcel import Milestone
from domain.partner_words import Making, Ours, Packing, PartnerWords, Shelving
from rulebook.faults import BrokenRules
from rulebook.sheet import Sheet, load_sheet, version_of
from rulebook.waybills import RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusBook:
    """Every table of words; ``version`` names what they say."""

    sf: PartnerWords[Milestone]
    kuaidi100: PartnerWords[Milestone]
    deliveries: PartnerWords[Packing]
    entries: PartnerWords[Shelving]
    mes: PartnerWords[Making]
    version: str

    @property
    def tables(self) -> tuple[PartnerWords[Any], ...]:
        """All tables, in the order in which people see them."""
        return (self.sf, self.kuaidi100, self.deliveries, self.entries, self.mes)


@cache
def standard_statuses() -> StatusBook:
    """Load the words that are shipped; once in each process.

    Raises:
        BrokenRules: as ``load_statuses``.
    """
    return load_statuses(RULES)


def load_statuses(rules_dir: Path) -> StatusBook:
    """Load ``statuses.yaml``.

    Raises:
        BrokenRules: with every fault that was found, each with its place, in Chinese.
    """
    sheet = load_sheet(rules_dir / "statuses.yaml", rules_dir / "schema" / "statuses.json")
    if lost := tuple(_lost_names(sheet)):
        raise BrokenRules(*lost)
    return StatusBook(
        sf=_table(sheet, "sf", Milestone),
        kuaidi100=_table(sheet, "kuaidi100", Milestone),
        deliveries=_table(sheet, "qimen_deliveryorder", Packing),
        entries=_table(sheet, "qimen_entryorder", Shelving),
        mes=_table(sheet, "mes", Making),
        version=version_of(sheet),
    )


def faults_of_statuses(rules_dir: Path) -> tuple[str, ...]:
    """List what is wrong with the words, in Chinese; empty when they can be used."""
    try:
        load_statuses(rules_dir)
    except BrokenRules as broken:
        return broken.faults
    return ()


def _lost_names(sheet: Sheet) -> Iterator[str]:
    """A name must stand for a word of its table."""
    for key, table in sheet.content.items():
        for name, word in table.get("names", {}).items():
            if word not in table["words"]:
                yield f"{sheet.name} {key}.names.{name}: words 里没有 {word}"


def _table(sheet: Sheet, key: str, ours: type[Ours]) -> PartnerWords[Ours]:
    table = sheet.content[key]
    return PartnerWords(
        partner=key.partition("_")[0],
        title=table["title"],
        field=table["field"],
        words={word: ours(meaning) for word, meaning in table["words"].items()},
        otherwise=ours(table["otherwise"]) if "otherwise" in table else None,
        names=table.get("names", {}),
    )
