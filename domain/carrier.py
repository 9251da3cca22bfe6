"""A carrier: how its waybill numbers look, how people dress them up, and what it does for us."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Sureness(StrEnum):
    """How much it says that a number has a form. No carrier publishes its forms (protocols 7)."""

    FIRM = "firm"  # begins with letters that are this carrier's own
    SHARED = "shared"  # other carriers number like this too
    ASSUMED = "assumed"  # from memory, found in no source
    LOOSE = "loose"  # fits nearly everything: it only checks a number whose carrier is known


SUREST_FIRST = tuple(Sureness)


class PhoneTail(StrEnum):
    """Whether the carrier wants the last four digits of a phone before it shows a trace."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of a carrier's numbers; ``pattern`` is matched against the whole number."""

    pattern: re.Pattern[str]
    sureness: Sureness


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierProfile:
    """What is known of one carrier.

    Attributes:
        code: The carrier's code in the hub.
        kuaidi100: Its codes at kuaidi100; more than one where kuaidi100 splits the carrier.
        kdniao: Its code at kdniao, empty when it has none.
        qimen: Its code at Qimen; ``OTHER`` when it has none.
        aliases: Chinese names that people write before a number, beside ``name``.
        prefixes: Letters that are no part of the number, unless the number fits a form with them.
        forms: The surest first.
        keeps_hyphens: Hyphens belong to its numbers, as in Deppon's sub-parcels.
        intercepts: It brings parcels back from the road when it is asked to.
    """

    code: str
    name: str
    kuaidi100: tuple[str, ...]
    kdniao: str
    qimen: str
    phone_tail: PhoneTail
    aliases: tuple[str, ...]
    prefixes: tuple[str, ...]
    forms: tuple[Form, ...]
    keeps_hyphens: bool
    intercepts: bool

    @property
    def codes(self) -> frozenset[str]:
        """Every code under which the hub may meet it."""
        return frozenset({self.code, *self.kuaidi100})
