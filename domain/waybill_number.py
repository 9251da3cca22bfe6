"""What can be said of one waybill number: whose it can be, and what is left of it.

Nobody guesses. A number that fits several carriers lists them all, our own allocation record
decides, and a number that fits nothing is kept as it came.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.carrier import CarrierProfile, Form, Sureness

LONGEST = 40  # no carrier's number comes near it


class Verdict(StrEnum):
    """What can be said of a number."""

    RECORDED = "recorded"  # our allocation record knows whose it is, which beats all patterns
    EXACT = "exact"
    AMBIGUOUS = "ambiguous"
    MISFIT = "misfit"  # not like the numbers of the carrier that was named with it
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A carrier whose number this can be.

    Attributes:
        carrier: The carrier's code in the hub.
        number: The number as this carrier writes it.
        dropped: The prefix that was taken off.
    """

    carrier: str
    name: str
    number: str
    form: Form
    dropped: str

    @property
    def why(self) -> str:
        """Say in Chinese what the number fits."""
        before = f"去掉 {self.dropped} 后" if self.dropped else ""
        return f"{before}符合 {self.form.pattern.pattern}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A number that was looked at.

    Attributes:
        cleaned: The number as its carrier writes it; as it came, only trimmed, when no carrier or
            several different numbers are possible.
        candidates: Whose it can be, the surest first.
    """

    raw: str
    cleaned: str
    candidates: tuple[Candidate, ...]
    verdict: Verdict


def unread(raw: str) -> Reading:
    """Keep a number of which nothing is known."""
    return Reading(raw=raw, cleaned=raw.strip(), candidates=(), verdict=Verdict.UNKNOWN)


def judge(raw: str, fits: tuple[Candidate, ...], told: frozenset[str]) -> Reading:
    """Judge a number by the carriers that it fits, and by those that were named with it."""
    meant = _meant(fits, told)
    numbers = {each.number for each in meant}
    return Reading(
        raw=raw,
        cleaned=numbers.pop() if len(numbers) == 1 else raw.strip(),
        candidates=meant or fits,
        verdict=_verdict(meant, fits),
    )


def candidate(text: str, carrier: CarrierProfile, *, named: bool) -> Candidate | None:
    """Tell how an undressed number can be this carrier's; ``named``: it is said to be."""
    for dropped, number in variants(text, carrier):
        form = _form(number, carrier, known=named or dropped != "")
        if form is not None:
            return Candidate(
                carrier=carrier.code, name=carrier.name, number=number, form=form, dropped=dropped
            )
    return None


def variants(text: str, carrier: CarrierProfile) -> Iterator[tuple[str, str]]:
    """Tell the prefixes that can be taken off, each with the number that is left.

    First none: a prefix with which the number has a form belongs to it.
    """
    number = text if carrier.keeps_hyphens else text.replace("-", "")
    yield "", number
    for prefix in carrier.prefixes:
        if number.startswith(prefix):
            yield prefix, number.removeprefix(prefix).lstrip("-")


def _form(number: str, carrier: CarrierProfile, *, known: bool) -> Form | None:
    if len(number) > LONGEST:
        return None
    asked = (form for form in carrier.forms if known or form.sureness is not Sureness.LOOSE)
    return next((form for form in asked if form.pattern.fullmatch(number)), None)


def _meant(fits: tuple[Candidate, ...], told: frozenset[str]) -> tuple[Candidate, ...]:
    """Leave those that were named; a loose form gives way to letters that are another's own."""
    if not told:
        return fits
    others = (each for each in fits if each.carrier not in told)
    lettered = any(each.dropped or each.form.sureness is Sureness.FIRM for each in others)
    return tuple(
        each
        for each in fits
        if {each.carrier} == told and not (lettered and each.form.sureness is Sureness.LOOSE)
    )


def _verdict(meant: tuple[Candidate, ...], fits: tuple[Candidate, ...]) -> Verdict:
    match meant:
        case ():
            return Verdict.MISFIT if fits else Verdict.UNKNOWN
        case (_,):
            return Verdict.EXACT
        case _:
            return Verdict.AMBIGUOUS
