"""What partners' status words mean to us: where a parcel is, what a WMS or an MES has done."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import Untranslatable

Ours = TypeVar("Ours", bound=StrEnum)


class Packing(StrEnum):
    """What a WMS says of a parcel that is to leave."""

    WORKING = "working"
    LEFT = "left"  # out of the warehouse, in the carrier's hands
    STUCK = "stuck"
    STOPPED = "stopped"  # cancelled, closed or refused


class Shelving(StrEnum):
    """What a WMS says of goods that are to arrive."""

    WORKING = "working"
    SHELVED = "shelved"  # all or a part of them can be sold
    STUCK = "stuck"
    STOPPED = "stopped"


class Making(StrEnum):
    """What an MES says of goods that are made to order."""

    STARTED = "started"
    MADE = "made"
    SCRAPPED = "scrapped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerWords(Generic[Ours]):
    """One partner's words for one thing, each with ours.

    Attributes:
        partner: The partner's name, for example ``sf``.
        field: Where the partner writes the word.
        otherwise: What any other word means; ``None`` when another word is a fault.
        names: What the partner may write instead of a word, as 签收 stands for 3 at kuaidi100.
    """

    partner: str
    title: str
    field: str
    words: Mapping[str, Ours]
    otherwise: Ours | None
    names: Mapping[str, str]

    def knows(self, word: str) -> bool:
        """Tell whether the word is in the table itself."""
        return self._spelled(word) in self.words

    def read(self, word: str) -> Ours:
        """Tell our word; blanks around it do not matter, nor capitals where ours has none.

        Raises:
            Untranslatable: nobody has said what the word means.
        """
        found = self.words.get(self._spelled(word), self.otherwise)
        if found is None:
            raise Untranslatable(self.partner, self.field, word)
        return found

    def _spelled(self, word: str) -> str:
        word = word.strip()
        return word if word in self.words else word.lower()
