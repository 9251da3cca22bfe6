"""Sentences with holes, such as ``{sku.name}需要{sku.band_name}仓``; each hole is an expression."""

import re
from dataclasses import dataclass

from rulebook.expression import Expression, Scene, Vocabulary, compile_expression
from rulebook.faults import BrokenRules

_HOLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A compiled sentence; ``texts`` stand around the ``holes``."""

    texts: tuple[str, ...]
    holes: tuple[Expression, ...]

    @property
    def reads(self) -> frozenset[str]:
        """The names that the holes need."""
        return frozenset().union(*(hole.reads for hole in self.holes))

    def fill(self, scene: Scene) -> str:
        """Write the sentence out.

        Raises:
            BrokenRules: a fact or a field is missing.
        """
        said = [_say(hole.value(scene)) for hole in self.holes]
        return "".join(text + hole for text, hole in zip(self.texts, [*said, ""], strict=True))


def compile_template(text: str, *, place: str, vocabulary: Vocabulary) -> Template:
    """Compile a sentence.

    Raises:
        BrokenRules: a hole is no expression, or a brace stands alone.
    """
    parts = _HOLE.split(text)  # text, hole, text, hole, …, text
    if any("{" in part or "}" in part for part in parts[::2]):
        raise BrokenRules.at(place, "大括号不成对,应写成 {表达式}")
    holes = [compile_expression(hole, place=place, vocabulary=vocabulary) for hole in parts[1::2]]
    return Template(texts=tuple(parts[::2]), holes=tuple(holes))


def _say(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
