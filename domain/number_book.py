"""The carriers' rules for waybill numbers, and what can be asked of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from domain.carrier import SUREST_FIRST, CarrierProfile
from domain.dressing import Undressed, Wardrobe, plain_only
from domain.errors import Untranslatable
from domain.waybill_number import (
    Candidate,
    Reading,
    Verdict,
    candidate,
    judge,
    unread,
    variants,
)

LONGEST_DRESSED = 200  # a number with all that people write around it


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """A way in which a number may stand in our record; ``carriers`` is empty when any will do."""

    number: str
    carriers: frozenset[str]

    def meets(self, carrier: str, number: str) -> bool:
        """Tell whether a row of the record is meant."""
        return number == self.number and (not self.carriers or carrier in self.carriers)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberBook:
    """All carriers' rules; ``version`` names what they say.

    Attributes:
        words: What people write before a number, such as 运单号.
    """

    carriers: tuple[CarrierProfile, ...]
    words: tuple[str, ...]
    version: str
    _by_code: Mapping[str, CarrierProfile] = field(init=False, repr=False)
    _wardrobe: Wardrobe = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_code = {code: each for each in self.carriers for code in each.codes}
        names = {name: each for each in self.carriers for name in (each.name, *each.aliases)}
        object.__setattr__(self, "_by_code", by_code)
        object.__setattr__(self, "_wardrobe", Wardrobe(words=self.words, names=names))

    def carrier(self, code: str) -> CarrierProfile | None:
        """Find a carrier by our code, or by another code that kuaidi100 has for it."""
        return self._by_code.get(code)

    def read(self, raw: str, carrier: str | None = None) -> Reading:
        """Clean a number and tell whose it can be; ``carrier`` is whose it is said to be."""
        without_rules = carrier is not None and carrier not in self._by_code
        if without_rules or len(raw.strip()) > LONGEST_DRESSED:
            return unread(raw)
        bare = self._wardrobe.undress(raw.strip())
        told = self._told(bare, carrier)
        return judge(raw, self._candidates(bare.text, told), told)

    def decide(self, reading: Reading, on_record: Mapping[str, str]) -> Reading:
        """Let our allocation record decide; ``on_record`` tells the number by its carrier."""
        match tuple(on_record.items()):
            case ():
                return reading
            case ((carrier, number),):
                cleaned = self.for_channel(number, carrier)
                return replace(reading, cleaned=cleaned, verdict=Verdict.RECORDED)
            case _:
                return replace(reading, verdict=Verdict.AMBIGUOUS)

    def spellings(self, raw: str, carrier: str | None = None) -> tuple[Spelling, ...]:
        """Tell how else the number may stand in our record; patterns have no say in it.

        A carrier may have given the number with its prefix, and pushes it without, or vice versa.
        """
        bare = self._wardrobe.undress(raw[:LONGEST_DRESSED])
        told = self._told(bare, carrier)
        if not bare.text or len(told) > 1:  # such as 中通 on a number that 圆通 pushed
            return ()
        whose = (each for each in self.carriers if not told or each.code in told)
        return (
            Spelling(number=bare.text, carriers=self._codes(told)),
            *(spelling for each in whose for spelling in _spelled(bare.text, each)),
        )

    def for_channel(self, number: str, carrier: str) -> str:
        """Write a number as every channel accepts it: digits, capital letters and hyphens only.

        Raises:
            Untranslatable: nothing of the kind is in it.
        """
        reading = self.read(number, carrier)
        known = reading.verdict is Verdict.EXACT
        text = reading.cleaned if known else self._wardrobe.undress(number).text
        plain = plain_only(text)
        if not plain:
            raise Untranslatable(carrier, "运单号", number)
        return plain

    def _told(self, bare: Undressed, carrier: str | None) -> frozenset[str]:
        """Tell which carriers were named with the number; two of them contradict each other."""
        written = {bare.named.code} if bare.named is not None else set[str]()
        if carrier is None:
            return frozenset(written)
        profile = self._by_code.get(carrier)
        return frozenset(written | {profile.code if profile is not None else carrier})

    def _codes(self, told: frozenset[str]) -> frozenset[str]:
        """Tell all codes of the carriers that were named; a carrier without rules has its own."""
        profiles = (self._by_code.get(code) for code in told)
        return told.union(*(each.codes for each in profiles if each is not None))

    def _candidates(self, text: str, told: frozenset[str]) -> tuple[Candidate, ...]:
        tried = (candidate(text, each, named=each.code in told) for each in self.carriers)
        found = [each for each in tried if each is not None]
        return tuple(sorted(found, key=lambda each: SUREST_FIRST.index(each.form.sureness)))


def _spelled(text: str, carrier: CarrierProfile) -> Iterator[Spelling]:
    """Tell the number as this carrier writes it, without and with each of its prefixes."""
    for dropped, number in variants(text, carrier):
        prefixes = () if dropped else carrier.prefixes
        for spelled in (number, *(f"{prefix}{number}" for prefix in prefixes)):
            if spelled:
                yield Spelling(number=spelled, carriers=carrier.codes)
