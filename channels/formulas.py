"""Compiles the cells of a mapping file: each knows its place, and what it may speak of."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from channels.document import ROOTS, Formula
from channels.functions import NAMED, word_of
from rulebook.expression import Expression, Scene, Vocabulary, compile_expression
from rulebook.faults import BrokenRules

DOCUMENTS: Mapping[str, object] = dict.fromkeys(ROOTS)
# What the hub itself tells a formula, by name. A sample of each lets a wrong cell be found at once.
FACTS: Mapping[str, object] = {
    "index": 0,
    "number": "1",
    "refund_id": "1",
    "now_s": 1_770_000_000,
    "page": 1,
    "size": 100,
    "cursor": "",
    "since_s": 1_770_000_000,
    "until_s": 1_770_000_600,
    "since_text": "2026-02-02 10:40:00",
    "until_text": "2026-02-02 10:50:00",
    "account": {"id": "client", "shop": "7"},
    "secret": "secret",
    "refresh_token": "token",
    "reason": "签名不符",
    "fault": "field",  # or "sign", "stale", "busy"
    "sealed": ["~1~"],
    "news": {
        "key": "c/1/1",
        "number": "1",
        "carrier": "shunfeng",
        "carrier_word": "1",
        "waybill": "SF1",
        "replaces": "",
        "lines": [1],
        "refs": ["1"],
    },
    "claim": {
        "key": "c/1/claim/1",
        "number": "1",
        "id": "1",
        "kind": "refund_only",
        "reason": "未出库",
        "carrier": "shunfeng",
        "carrier_word": "1",
        "waybill": "SF1",
    },
    "decision": {"acceptance": "accepted", "reason": ""},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiler:
    """Compiles the cells of one file.

    Attributes:
        name: How messages call the file.
        content: What it says.
    """

    name: str
    content: Mapping[str, Any]

    @property
    def functions(self) -> Mapping[str, Any]:
        """The functions that this file's cells may call."""
        return {**NAMED, "status": word_of(self.content["status"])}

    def formula(
        self, place: str, *, reads: Iterable[str], facts: Iterable[str] = (), personal: bool = False
    ) -> Formula:
        """Compile a cell that reads a channel's documents.

        Args:
            place: The path in the file, ``order.paid_at``.
            reads: Which documents it may read.
            facts: What else it may speak of.
            personal: What it reads stays out of every message.
        """
        text = self._text(place)
        known = {name: DOCUMENTS[name] for name in reads} | {name: FACTS[name] for name in facts}
        vocabulary = Vocabulary(sample=known, functions=self.functions)
        where = f"{self.name} {place}"
        expression = compile_expression(text, place=where, vocabulary=vocabulary)
        return Formula(expression=expression, text=text, personal=personal)

    def sentence(
        self, place: str, *, facts: Iterable[str], reads: Iterable[str] = ()
    ) -> Expression:
        """Compile a cell that makes a document out of facts; it is tried on samples at once."""
        known = {name: FACTS[name] for name in facts} | {name: DOCUMENTS[name] for name in reads}
        return self._compiled(place, known, object if reads else dict)

    def answer(self, place: str, *, facts: Iterable[str]) -> Expression:
        """Compile what a push is answered: a document, or words."""
        found = self._compiled(place, {name: FACTS[name] for name in facts}, object)
        if not isinstance(found.value(Scene(FACTS)), dict | str):
            raise BrokenRules.at(f"{self.name} {place}", "结果应为对象或文字")
        return found

    def section(
        self, name: str, *, reads: Iterable[str], personal: Collection[str] = ()
    ) -> Mapping[str, Formula]:
        """Compile every cell of a section."""
        return {
            key: self.formula(f"{name}.{key}", reads=reads, personal=key in personal)
            for key in self.content[name]
        }

    def has(self, place: str) -> bool:
        """Tell whether the file says anything there."""
        found: Any = self.content
        for step in place.split("."):
            if not isinstance(found, Mapping) or step not in found:
                return False
            found = found[step]
        return True

    def _compiled(self, place: str, known: Mapping[str, object], kind: type) -> Expression:
        """Compile a cell that writes; the named functions read documents, so it has none."""
        return compile_expression(
            self._text(place),
            place=f"{self.name} {place}",
            vocabulary=Vocabulary(sample=known),
            kind=kind,
        )

    def _text(self, place: str) -> str:
        found: Any = self.content
        for step in place.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
        return str(found)
