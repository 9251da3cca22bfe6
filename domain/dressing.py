"""Takes off a waybill number what people and systems put around it, whatever the carrier."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.carrier import CarrierProfile

# Full-width ！ to ～ stand for ASCII; dashes of all kinds stand for the hyphen; what nobody
# sees (zero-width, direction marks, soft hyphen) comes along when numbers are copied.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DASHES = dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE63), "-")
_UNSEEN = dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF))
PLAIN: Mapping[int, int | str | None] = {**_FULL_WIDTH, **_DASHES, **_UNSEEN}

NOT_PLAIN = re.compile(r"[^0-9A-Z-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undressed:
    """A number without its surroundings.

    Attributes:
        text: Half-width, upper-case, without blanks; a carrier's prefix is still on it.
        named: The carrier whose Chinese name stood before it.
    """

    text: str
    named: CarrierProfile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wardrobe:
    """What may stand before a number: ``words`` such as 运单号, and ``names`` of carriers."""

    words: tuple[str, ...]
    names: Mapping[str, CarrierProfile]

    def undress(self, raw: str) -> Undressed:
        """Take off words, names, blanks and punctuation until nothing falls off any more."""
        text, named = _trim(raw.translate(PLAIN).upper()), None
        while label := self._label(text):
            named = self.names.get(label, named)
            text = _trim(text.removeprefix(label))
        return Undressed(text="".join(text.split()), named=named)

    def _label(self, text: str) -> str:
        """Tell the longest label that the text begins with, so that 中通 leaves no 快递 behind."""
        labels = (*self.words, *self.names)
        return max((label for label in labels if text.startswith(label)), key=len, default="")


def plain_only(text: str) -> str:
    """Keep what every channel accepts in a number: digits, capital letters, hyphens."""
    return NOT_PLAIN.sub("", text)


def _trim(text: str) -> str:
    """Cut blanks and punctuation off both ends."""
    at, end = 0, len(text)
    while at < end and not text[at].isalnum():
        at += 1
    while end > at and not text[end - 1].isalnum():
        end -= 1
    return text[at:end]
