"""How a channel is asked one thing, and how its answer is read: the entries of ``api``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from channels.document import Document, Formula
from channels.formulas import Compiler
from rulebook.expression import Expression, Scene

Json = dict[str, Any]
CLAIM = ("claim", "account")
WINDOW = ("since_s", "until_s", "since_text", "until_text", "page", "size", "cursor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One call: its name at the channel, and what is asked."""

    call: str
    ask: Expression

    @classmethod
    def of(cls, compiler: Compiler, place: str, facts: Iterable[str]) -> Self | None:
        """Compile a call, if there is one."""
        if not compiler.has(place):
            return None
        return cls(call=_call(compiler, place), ask=compiler.sentence(f"{place}.ask", facts=facts))

    def body(self, facts: Mapping[str, object]) -> Json:
        """Write the question out."""
        return _document(self.ask, facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Ask):
    """A call that answers one document.

    Attributes:
        found: Where the document is in the answer.
        settled: Whether it is to be believed yet; some states last for a moment only.
    """

    found: Formula
    settled: Formula | None

    @classmethod
    def of(cls, compiler: Compiler, place: str, facts: Iterable[str]) -> Self | None:
        """Compile a question, if there is one."""
        settled = f"{place}.settled"
        if not compiler.has(place):
            return None
        return cls(
            call=_call(compiler, place),
            ask=compiler.sentence(f"{place}.ask", facts=facts),
            found=compiler.formula(f"{place}.found", reads=("answer",)),
            settled=compiler.formula(settled, reads=("answer",)) if compiler.has(settled) else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling(Ask):
    """A call that tells of a shipment; it may look into the order's document."""

    looks: bool

    @classmethod
    def of(cls, compiler: Compiler, place: str, facts: Iterable[str]) -> Self | None:
        """Compile the telling of a shipment, if there is one."""
        if not compiler.has(place):
            return None
        reads = ("order",) if compiler.has("api.told") else ()
        ask = compiler.sentence(f"{place}.ask", facts=facts, reads=reads)
        return cls(call=_call(compiler, place), ask=ask, looks=bool(reads))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimWords:
    """How a channel is told what becomes of a claim; each call may look into the claim's document.

    Attributes:
        agree: The money goes back now.
        agree_return: The goods may come back.
        agree_goods: The goods came back, so the money goes.
        shipped: It has left and is being called back; few channels have a word for that.
    """

    agree: Ask
    agree_return: Ask
    agree_goods: Ask
    refuse: Ask
    shipped: Ask | None

    @classmethod
    def of(cls, compiler: Compiler) -> Self | None:
        """Compile ``api.claims``, if there is such a section."""
        if not compiler.has("api.claims"):
            return None

        def word(name: str) -> Ask:
            place = f"api.claims.{name}"
            ask = compiler.sentence(f"{place}.ask", facts=CLAIM, reads=("refund",))
            return Ask(call=_call(compiler, place), ask=ask)

        return cls(
            agree=word("agree"),
            agree_return=word("agree_return"),
            agree_goods=word("agree_goods"),
            refuse=word("refuse"),
            shipped=word("shipped") if compiler.has("api.claims.shipped") else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of what changed in a window of time, read page by page.

    Attributes:
        longest_minutes: How long a window the channel takes.
        backwards: Read the last page first, or what changes meanwhile slips through.
        total: How many there are in all; for lists that count.
        next: What asks for the page behind this one, null behind the last; for lists that do not.
        orders: The numbers of the orders on this page.
        refunds: ``{number, id}`` of the claims on this page.
    """

    ask: Ask
    longest_minutes: int
    first_page: int
    size: int
    backwards: bool
    total: Formula | None
    next: Formula | None
    orders: Formula | None
    refunds: Formula | None

    @classmethod
    def of(cls, compiler: Compiler, place: str, said: Mapping[str, Any]) -> Self:
        """Compile one entry of ``api.changed``."""
        cells = {
            key: compiler.formula(f"{place}.{key}", reads=("answer",)) if key in said else None
            for key in ("orders", "refunds", "total", "next")
        }
        facts = (*WINDOW, "account")
        return cls(
            ask=Ask(call=said["call"], ask=compiler.sentence(f"{place}.ask", facts=facts)),
            longest_minutes=said["longest_minutes"],
            first_page=said["first_page"],
            size=said["size"],
            backwards=said.get("backwards", False),
            **cells,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How an answer says whether it was done, and whether asking again may help."""

    done: Formula
    code: Formula
    message: Formula
    busy: frozenset[str]
    expired: frozenset[str]

    @classmethod
    def of(cls, compiler: Compiler) -> Self:
        """Compile ``api.verdict``."""
        said = compiler.content["api"]["verdict"]
        cells = {
            key: compiler.formula(f"api.verdict.{key}", reads=("answer",))
            for key in ("done", "code", "message")
        }
        return cls(
            **cells,
            busy=frozenset(said.get("busy", ())),
            expired=frozenset(said.get("expired", ())),
        )


def read_answer(channel: str, content: object, formula: Formula) -> object:
    """Compute one thing out of an answer; ``Untranslatable`` names the field that is wrong."""
    return Document(channel, "answer", content).compute(formula)


def _document(expression: Expression, facts: Mapping[str, object]) -> Json:
    found = expression.value(Scene(facts))
    assert isinstance(found, dict)  # noqa: S101 - compiled to be one
    return found


def _call(compiler: Compiler, place: str) -> str:
    found: Any = compiler.content
    for step in place.split("."):
        found = found[step]
    call: str = found["call"]
    return call
