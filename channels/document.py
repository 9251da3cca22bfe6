"""One document of a channel, and the expressions that read it.

When an expression fails, the field that is to blame is named by the channel's own path, such as
``$.items[2].paid_amount``.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from channels.functions import NAMED, Unreadable
from domain.errors import Untranslatable
from rulebook.expression import Expression, Scene

PLACE = re.compile(r"\b(push|item)((?:\.[A-Za-z_]\w*)*)")
Kind = TypeVar("Kind")
FieldPath = tuple[str, tuple[str, ...]]  # a root and the steps down from it
WHOLE: FieldPath = ("push", ())
MISSING = "缺少该字段"
KINDS = {
    str: "文本",
    int: "数字",
    float: "数字",
    bool: "真假值",
    list: "列表",
    dict: "对象",
    type(None): "空值",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """An expression over ``push`` (the document) and ``item`` (one element of its list).

    ``personal`` keeps what it read out of every message: only its kind is told.
    """

    expression: Expression
    text: str
    personal: bool

    @property
    def places(self) -> tuple[FieldPath, ...]:
        """The fields that it reads, in the order of the text; a constant stands for all of it."""
        found = PLACE.findall(self.text)
        return tuple((root, tuple(steps.split(".")[1:])) for root, steps in found) or (WHOLE,)


class Document:
    """One push under translation."""

    def __init__(self, channel: str, push: object) -> None:
        self._channel = channel
        self._roots: dict[str, tuple[str, object]] = {}
        self._refused: list[object] = []
        functions = {name: self._watched(function) for name, function in NAMED.items()}
        self._scene = Scene({}, functions)
        self._set("push", "$", push)

    @classmethod
    def of(cls, channel: str, body: bytes) -> Self:
        """Open a raw JSON object.

        Raises:
            Untranslatable: the bytes are not a JSON object.
        """
        try:
            return cls(channel, _an_object(json.loads(body)))
        except (ValueError, TypeError, RecursionError) as e:
            raise Untranslatable(channel, "$", "不是 JSON 对象") from e

    def read(self, formula: Formula, kind: type[Kind]) -> Kind:
        """Compute one field.

        Raises:
            Untranslatable: a field that the formula reads is missing or wrong; it is named.
        """
        found = self._compute(formula)
        if type(found) is not kind:  # a bool is an int, but not to us
            raise self.wrong(formula, found)
        return found

    def read_or_none(self, formula: Formula, kind: type[Kind]) -> Kind | None:
        """Compute a field that may come out as null."""
        return None if self._compute(formula) is None else self.read(formula, kind)

    def each(self, formula: Formula) -> Iterator[int]:
        """Make each element of a list the ``item`` in turn, and tell its index."""
        found: list[object] = self.read(formula, list)
        if not found:
            raise self.wrong(formula, found)
        for index, value in enumerate(found):
            self._set("item", f"{self._named(formula.places[0])}[{index}]", value)
            yield index

    def wrong(self, formula: Formula, found: object) -> Untranslatable:
        """Say that the first field that a formula reads makes no sense."""
        return self._told(formula, formula.places[0], found)

    def _compute(self, formula: Formula) -> object:
        self._refused.clear()
        try:
            return formula.expression.program.execute(self._scene.context)
        except (LookupError, TypeError, RuntimeError, ValueError) as e:
            raise self._blame(formula) from e

    def _set(self, root: str, path: str, value: object) -> None:
        self._roots[root] = (path, value)
        self._scene.put(root, value)

    def _watched(self, function: Callable[[object], object]) -> Callable[[object], object]:
        def watched(value: object) -> object:
            try:
                return function(value)
            except Unreadable:
                self._refused.append(value)
                raise

        return watched

    def _blame(self, formula: Formula) -> Untranslatable:
        """Find the field at fault: the one a function refused, else the first that is missing."""
        seen = [(place, self._found(place)) for place in formula.places]
        refused = [place for place, found in seen if found in self._refused]
        missing = [place for place, found in seen if found is MISSING]
        place = (refused or missing or [seen[0][0]])[0]
        return self._told(formula, place, dict(seen)[place])

    def _told(self, formula: Formula, place: FieldPath, found: object) -> Untranslatable:
        hidden = formula.personal and found is not MISSING
        told = KINDS.get(type(found), "") if hidden else found
        return Untranslatable(self._channel, self._named(place), told)

    def _named(self, place: FieldPath) -> str:
        return ".".join((self._roots[place[0]][0], *place[1]))

    def _found(self, place: FieldPath) -> object:
        value = self._roots[place[0]][1]
        for step in place[1]:
            if not isinstance(value, Mapping) or step not in value:
                return MISSING
            value = value[step]
        return value


def _an_object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError
    return value
