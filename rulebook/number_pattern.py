r"""The few regular expressions that a waybill number needs, and the proof that none runs away.

Allowed are capital letters, digits, ``-``, ``\d``, ``[…]``, ``(…|…)``, ``?``, ``{3}`` and
``{3,5}``. Nothing is endless, so it can be counted how long a match may be and in how many ways
it may be tried; both are bounded before a pattern ever meets a number.
"""

import re
from dataclasses import dataclass

from domain.waybill_number import LONGEST
from rulebook.faults import BrokenRules

MOST_WAYS = 10_000  # tried in under a millisecond
ATOM = re.compile(r"\\d|\[(?:[0-9A-Z](?:-[0-9A-Z])?)+-?\]|[0-9A-Z-]")
TIMES = re.compile(r"\{(\d{1,3})(?:,(\d{1,3}))?\}|\?")
ENDLESS = re.compile(r"[*+]|\{\d*,\}")


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a part's match may be, and in how many ways it may be tried."""

    longest: int
    ways: int

    def then(self, other: "Extent") -> "Extent":
        """One part after the other."""
        return Extent(self.longest + other.longest, self.ways * other.ways)

    def either(self, other: "Extent") -> "Extent":
        """One part or the other."""
        return Extent(max(self.longest, other.longest), self.ways + other.ways)


ONE = Extent(1, 1)
NOTHING = Extent(0, 1)


def compile_pattern(text: str, *, place: str) -> re.Pattern[str]:
    """Compile the pattern of a waybill number.

    Raises:
        BrokenRules: it is not anchored at both ends, uses what is not allowed, or its matches
            are too long or too many.
    """
    if not (text.startswith("^") and text.endswith("$")):
        raise BrokenRules.at(place, f"要以 ^ 开头、以 $ 结尾,否则只对上单号的一部分:{text}")
    extent = _Parser(text, place).whole()
    if extent.longest > LONGEST:
        raise BrokenRules.at(place, f"能对上 {extent.longest} 位,运单号最长 {LONGEST} 位")
    if extent.ways > MOST_WAYS:
        raise BrokenRules.at(place, "可变的部分太多,匹配会很慢:请拆成几条")
    try:
        return re.compile(text, re.ASCII)
    except re.error as fault:
        raise BrokenRules.at(place, f"写法不对:{text}({fault})") from fault


class _Parser:
    """Walks over a pattern once."""

    def __init__(self, text: str, place: str) -> None:
        self._text = text
        self._place = place
        self._at = 1  # behind ^

    def whole(self) -> Extent:
        extent = self._sequence()
        if self._at != len(self._text) - 1:
            raise self._fault()
        return extent

    def _sequence(self) -> Extent:
        extent = NOTHING
        while (part := self._part()) is not None:
            extent = extent.then(part)
        return extent

    def _part(self) -> Extent | None:
        if self._takes("("):
            return self._optional(self._group())
        atom = ATOM.match(self._text, self._at)
        if atom is None:
            return None
        self._at = atom.end()
        return self._repeated()

    def _group(self) -> Extent:
        extent = self._sequence()
        while self._takes("|"):
            extent = extent.either(self._sequence())
        if not self._takes(")"):
            raise self._fault()
        return extent

    def _optional(self, group: Extent) -> Extent:
        """A group may be left out but not repeated: repeated groups are what runs away."""
        return group.either(NOTHING) if self._takes("?") else group

    def _repeated(self) -> Extent:
        times = TIMES.match(self._text, self._at)
        if times is None:
            return ONE
        self._at = times.end()
        least, most = (0, 1) if times[0] == "?" else (int(times[1]), int(times[2] or times[1]))
        return Extent(most, most - least + 1)

    def _takes(self, sign: str) -> bool:
        found = self._text.startswith(sign, self._at)
        self._at += len(sign) if found else 0
        return found

    def _fault(self) -> BrokenRules:
        if endless := ENDLESS.match(self._text, self._at):
            return BrokenRules.at(self._place, f"{endless[0]} 没有上限,请写成 {{3,5}} 这样的次数")
        if self._at == len(self._text) - 1:
            return BrokenRules.at(self._place, f"括号不成对:{self._text}")
        return BrokenRules.at(
            self._place,
            f"第 {self._at + 1} 个字符起的 {self._text[self._at : -1]} 不能用:"
            r"只能用大写字母、数字、-、\d、[…]、(…|…)、?、{3} 和 {3,5}",
        )
