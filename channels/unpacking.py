"""One push taken apart: which events it brings, and what each is about."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Self

from channels.document import Document, Formula
from channels.fields import Applies
from channels.formulas import Compiler

READS = ("push", "event", "content")


class About(StrEnum):
    """What an event is about."""

    ORDER = "order"
    REFUND = "refund"
    NOTHING = "nothing"  # of no concern: probes, goods on the shelf, chats
    STRANGE = "strange"  # a kind of event that the mapping does not know


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """How an event says what it is about.

    Attributes:
        kinds: Which kinds of events; ``*`` stands for any letters.
        document: The whole document, for channels that send it along.
    """

    kinds: tuple[str, ...]
    number: Formula
    id: Formula | None = None
    document: Formula | None = None

    @classmethod
    def of(cls, compiler: Compiler, name: str) -> Self | None:
        """Compile ``push.order`` or ``push.refund``, if there is one."""
        place = f"push.{name}"
        if not compiler.has(place):
            return None
        cells = {
            key: compiler.formula(f"{place}.{key}", reads=READS)
            for key in ("number", "id", "document")
            if compiler.has(f"{place}.{key}")
        }
        return cls(kinds=tuple(compiler.content["push"][name]["kinds"]), **cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """One event of a push.

    Attributes:
        key: The same for a redelivery.
        number: The channel's order number; empty when it is about no order.
        refund_id: The channel's id of the claim; empty when it is about none.
        document: The order or the claim itself, when the channel sent it along.
    """

    kind: str
    key: str
    about: About
    number: str = ""
    refund_id: str = ""
    document: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacking:
    """Takes one channel's pushes apart."""

    channel: str
    events: Formula
    kind: Formula
    key: Formula
    content: Formula | None
    order: Subject
    refund: Subject | None
    ignored: tuple[str, ...]
    applies: Applies

    @classmethod
    def of(cls, compiler: Compiler) -> Self:
        """Compile the section ``push``, but for what is answered."""
        order = Subject.of(compiler, "order")
        assert order is not None  # noqa: S101 - the schema requires it
        event = {
            key: compiler.formula(f"push.{key}", reads=READS)
            for key in ("kind", "key", "content")
            if compiler.has(f"push.{key}")
        }
        return cls(
            channel=compiler.content["channel"],
            events=compiler.formula("push.events", reads=("push",)),
            kind=event["kind"],
            key=event["key"],
            content=event.get("content"),
            order=order,
            refund=Subject.of(compiler, "refund"),
            ignored=tuple(compiler.content["push"].get("ignored", ())),
            applies=Applies.of(compiler),
        )

    def read(self, push: object, known: Collection[int]) -> tuple[Unpacked | None, ...]:
        """Tell the events in their order; ``None`` for one that another version reads.

        Args:
            push: The whole push.
            known: The places of events that another version has read already.

        Raises:
            Untranslatable: a field that says what an event is about is missing or wrong.
        """
        return tuple(self._read(push, known))

    def _read(self, push: object, known: Collection[int]) -> Iterator[Unpacked | None]:
        whole, document = Document(self.channel, "push", push), Document(self.channel, "event", {})
        if self._reads_the_whole:
            document.put("push", "$", push)
        for index in whole.each(self.events, "event"):
            if index in known:
                yield None
                continue
            document.put("event", *whole.root("event"))
            if self.content is not None:
                path = document.path_of(self.content)
                document.put("content", path, document.compute(self.content))
            applies = self.applies.event
            mine = applies is None or document.read(applies, bool)
            yield self._event(document) if mine else None

    @property
    def _reads_the_whole(self) -> bool:
        """Whether a cell looks beyond its own event; each then costs as much as the push is long.

        A long array of small events would hold the front for minutes.
        """
        subjects = [subject for subject in (self.order, self.refund) if subject]
        cells = [self.kind, self.key, self.content, self.applies.event]
        cells += [cell for s in subjects for cell in (s.number, s.id, s.document)]
        return any("push" in cell.expression.reads for cell in cells if cell)

    def _event(self, document: Document) -> Unpacked:
        kind, key = document.read(self.kind, str), document.read(self.key, str)
        about = self._about(kind)
        match about:
            case About.ORDER:
                return _told(document, self.order, Unpacked(kind=kind, key=key, about=about))
            case About.REFUND if self.refund is not None:
                return _told(document, self.refund, Unpacked(kind=kind, key=key, about=about))
            case _:
                return Unpacked(kind=kind, key=key, about=about)

    def _about(self, kind: str) -> About:
        if _matches(kind, self.order.kinds):
            return About.ORDER
        if self.refund is not None and _matches(kind, self.refund.kinds):
            return About.REFUND
        return About.NOTHING if _matches(kind, self.ignored) else About.STRANGE


def _told(document: Document, subject: Subject, event: Unpacked) -> Unpacked:
    return Unpacked(
        kind=event.kind,
        key=event.key,
        about=event.about,
        number=document.read(subject.number, str),
        refund_id=document.read(subject.id, str) if subject.id else "",
        document=document.compute(subject.document) if subject.document else None,
    )


def _matches(kind: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(kind, pattern) for pattern in patterns)
