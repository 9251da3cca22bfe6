"""A channel's documents, and the expressions that read them.

When an expression fails, the field that is to blame is named by the channel's own path, such as
``$.items[2].paid_amount``.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from channels.functions import NAMED, Unreadable
from domain.errors import Untranslatable
from rulebook.expression import Expression, Scene

ROOTS = ("push", "event", "content", "order", "refund", "item", "answer")
PLACE = re.compile(rf"(?<![\w.])({'|'.join(ROOTS)})((?:\.[A-Za-z_]\w*|\[\d+\])*)(?!\w*\()")
STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")
GUARDED = re.compile(r"\bhas\(([^()]*)\)")
Kind = TypeVar("Kind")
Step = str | int
FieldPath = tuple[str, tuple[Step, ...]]  # a root and the steps down from it
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
    """An expression over a channel's documents.

    ``personal`` keeps what it read out of every message: only its kind is told.
    """

    expression: Expression
    text: str
    personal: bool = False

    @property
    def places(self) -> tuple[FieldPath, ...]:
        """The fields that it reads, in the order of the text."""
        return _places(self.text)

    @property
    def guarded(self) -> frozenset[FieldPath]:
        """The fields that may be missing: the formula asks for them with ``has``."""
        return frozenset(_places(" ".join(GUARDED.findall(self.text))))


class Document:
    """One document under translation.

    Args:
        channel: Whose it is, for the messages.
        name: What formulas call it: ``push``, ``order``, …
        content: The document.
        functions: Functions of this mapping's own, such as ``status``.
    """

    def __init__(
        self,
        channel: str,
        name: str,
        content: object,
        functions: Mapping[str, Callable[..., object]] | None = None,
    ) -> None:
        self._channel = channel
        self._whole = name
        self._roots: dict[str, tuple[str, object]] = {}
        self._refused: list[object] = []
        known = {**NAMED, **(functions or {})}
        watched = {title: self._watched(function) for title, function in known.items()}
        self._scene = Scene({}, watched)
        self.put(name, "$", content)

    def put(self, root: str, path: str, value: object) -> None:
        """Tell another root: what formulas call it, and what a message calls it.

        Raises:
            Untranslatable: it holds what no text and no number may be, such as half a character.
        """
        self._roots[root] = (path, value)
        try:
            self._scene.put(root, value)
        except (ValueError, OverflowError, RecursionError, TypeError) as e:
            raise Untranslatable(self._channel, path, "含有无法读取的内容") from e

    def fact(self, name: str, value: object) -> None:
        """Tell something that is no part of the channel's document."""
        self._scene.put(name, value)

    def read(self, formula: Formula, kind: type[Kind]) -> Kind:
        """Compute one field.

        Raises:
            Untranslatable: a field that the formula reads is missing or wrong; it is named.
        """
        return self._of(kind, formula, self.compute(formula))

    def read_or_none(self, formula: Formula, kind: type[Kind]) -> Kind | None:
        """Compute a field that may come out as null."""
        found = self.compute(formula)
        return None if found is None else self._of(kind, formula, found)

    def each(self, formula: Formula, root: str = "item") -> Iterator[int]:
        """Make each element of a list the ``root`` in turn, and tell its index.

        The index itself is the fact ``index``.
        """
        found: list[object] = self.read(formula, list)
        if not found:
            raise self.wrong(formula, found)
        place = self._first_place(formula)
        path, is_alone = self._named(place), formula.text == f"[{place[0]}]"
        for index, value in enumerate(found):
            self.put(root, path if is_alone else f"{path}[{index}]", value)
            self.fact("index", index)
            yield index

    def root(self, name: str) -> tuple[str, object]:
        """Tell a root as it was put: what a message calls it, and what it is."""
        return self._roots[name]

    def path_of(self, formula: Formula) -> str:
        """Tell how messages call what a formula reads first: a text that is itself a document."""
        return self._named(self._first_place(formula))

    def wrong(self, formula: Formula, found: object) -> Untranslatable:
        """Say that the first field that a formula reads makes no sense."""
        return self._told(formula, self._first_place(formula), found)

    def compute(self, formula: Formula) -> object:
        """Compute whatever comes out.

        Raises:
            Untranslatable: a field that the formula reads is missing or wrong; it is named.
        """
        self._refused.clear()
        try:
            return formula.expression.program.execute(self._scene.context)
        except (LookupError, TypeError, RuntimeError, ValueError) as e:
            raise self._blame(formula) from e

    def _watched(self, function: Callable[..., object]) -> Callable[..., object]:
        def watched(*values: object) -> object:
            try:
                return function(*values)
            except Unreadable:
                self._refused.extend(values)
                raise

        return watched

    def _of(self, kind: type[Kind], formula: Formula, found: object) -> Kind:
        if type(found) is not kind:  # a bool is an int, but not to us
            raise self.wrong(formula, found)
        return found

    def _first_place(self, formula: Formula) -> FieldPath:
        """Tell the first field that a formula reads; a constant stands for the whole."""
        return next(iter(formula.places), (self._whole, ()))

    def _blame(self, formula: Formula) -> Untranslatable:
        """Find the field at fault: the one a function refused, else the first that is missing."""
        places = formula.places or (self._first_place(formula),)
        seen = [(place, self._found(place)) for place in places]
        refused = [place for place, found in seen if found in self._refused]
        missing = [
            place
            for place, found in seen
            if found is MISSING and not self._is_excused(formula, place)
        ]
        place = (refused or missing or [seen[0][0]])[0]
        return self._told(formula, place, dict(seen)[place])

    def _is_excused(self, formula: Formula, place: FieldPath) -> bool:
        """Tell whether a missing field, or one above it, is one that the formula asks for."""
        root, steps = place
        above = [(root, steps[:length]) for length in range(1, len(steps) + 1)]
        return any(one in formula.guarded and self._found(one) is MISSING for one in above)

    def _told(self, formula: Formula, place: FieldPath, found: object) -> Untranslatable:
        hidden = formula.personal and found is not MISSING
        told = KINDS.get(type(found), "") if hidden else found
        return Untranslatable(self._channel, self._named(place), told)

    def _named(self, place: FieldPath) -> str:
        root = self._roots[place[0]][0] if place[0] in self._roots else place[0]
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place[1])
        return root + "".join(steps)

    def _found(self, place: FieldPath) -> object:
        value = self._roots[place[0]][1] if place[0] in self._roots else MISSING
        for step in place[1]:
            value = _below(value, step)
        return value


def _places(text: str) -> tuple[FieldPath, ...]:
    return tuple(
        (root, tuple(name or int(index) for name, index in STEP.findall(steps)))
        for root, steps in PLACE.findall(text)
    )


def parsed(channel: str, body: bytes) -> object:
    """Read raw JSON.

    Raises:
        Untranslatable: the bytes are not JSON.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as e:
        raise Untranslatable(channel, "$", "不是 JSON") from e


def _below(value: object, step: Step) -> object:
    match value, step:
        case list(), int() if step < len(value):
            return value[step]
        case dict(), str() if step in value:
            return value[step]
        case _:
            return MISSING
