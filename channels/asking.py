"""How a channel's API is asked, and how its answers are read: the section ``api`` of a mapping."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from channels.document import Document, Formula
from channels.formulas import Compiler
from channels.requests import SCHEMES
from rulebook.expression import Expression, Scene
from rulebook.faults import BrokenRules

Json = dict[str, Any]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenGrant:
    """How an access token is got, and kept fresh."""

    granted: Ask
    refreshed: Ask | None
    token: Formula
    refresh_token: Formula | None
    expires_at: Formula

    @classmethod
    def of(cls, compiler: Compiler) -> Self | None:
        """Compile ``api.token``, for channels whose token the hub fetches itself."""
        granted = Ask.of(compiler, "api.token.granted", ("account", "secret"))
        if granted is None:
            return None
        facts = ("account", "secret", "refresh_token")
        known = compiler.has("api.token.refresh_token")
        return cls(
            granted=granted,
            refreshed=Ask.of(compiler, "api.token.refreshed", facts),
            token=compiler.formula("api.token.token", reads=("answer",), personal=True),
            refresh_token=_secret(compiler, "api.token.refresh_token") if known else None,
            expires_at=compiler.formula(
                "api.token.expires_at", reads=("answer",), facts=("now_s",)
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Articles:
    """How a channel lists its articles."""

    ask: Ask
    first_page: int
    size: int
    each: Formula
    sku: Formula
    name: Formula
    price_fen: Formula
    weight_g: Formula | None

    @classmethod
    def of(cls, compiler: Compiler) -> Self | None:
        """Compile ``api.articles``, if there is one."""
        ask = Ask.of(compiler, "api.articles", ("page", "size", "account"))
        if ask is None:
            return None
        said = compiler.content["api"]["articles"]

        def cell(key: str) -> Formula:
            return compiler.formula(f"api.articles.{key}", reads=("item",))

        return cls(
            ask=ask,
            first_page=said["first_page"],
            size=said["size"],
            each=compiler.formula("api.articles.each", reads=("answer",)),
            sku=cell("sku"),
            name=cell("name"),
            price_fen=cell("price_fen"),
            weight_g=cell("weight_g") if "weight_g" in said else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealing:
    """How a channel opens ciphertexts: ``opened`` are the texts in the order of the question."""

    ask: Ask
    opened: Formula

    @classmethod
    def of(cls, compiler: Compiler) -> Self | None:
        """Compile ``api.unsealed``, if there is one."""
        ask = Ask.of(compiler, "api.unsealed", ("number", "sealed", "account"))
        if ask is None:
            return None
        opened = compiler.formula(
            "api.unsealed.opened", reads=("answer",), facts=("sealed",), personal=True
        )
        return cls(ask=ask, opened=opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Everything that can be asked of one channel, and told to it.

    Attributes:
        scheme: How a request is signed (``channels.requests``).
        told: The tracking numbers that the order's document shows; a channel that has no key for a
            shipment is looked at before it is told again.
    """

    scheme: str
    verdict: Verdict
    token: TokenGrant | None
    order: Question
    refund: Question | None
    changed: tuple[Listing, ...]
    told: Formula | None
    shipped: Telling
    shipped_more: Telling | None
    renumbered: Telling | None
    unsealed: Unsealing | None
    articles: Articles | None

    @classmethod
    def of(cls, compiler: Compiler) -> Self | None:
        """Compile the section ``api``, if there is one."""
        if not compiler.has("api"):
            return None
        said, news = compiler.content["api"], ("news", "account")
        if said["scheme"] not in SCHEMES:
            known = "、".join(SCHEMES)
            place = f"{compiler.name} api.scheme"
            raise BrokenRules.at(place, f"不认识的调用方式 {said['scheme']},可用的有:{known}")
        order = Question.of(compiler, "api.order", ("number", "account"))
        shipped = Telling.of(compiler, "api.shipped", news)
        assert order is not None and shipped is not None  # noqa: S101, PT018 - the schema requires both
        return cls(
            scheme=said["scheme"],
            verdict=Verdict.of(compiler),
            token=TokenGrant.of(compiler),
            order=order,
            refund=Question.of(compiler, "api.refund", ("number", "refund_id", "account")),
            changed=tuple(
                Listing.of(compiler, f"api.changed.{index}", entry)
                for index, entry in enumerate(said.get("changed", ()))
            ),
            told=compiler.formula("api.told", reads=("order",)) if "told" in said else None,
            shipped=shipped,
            shipped_more=Telling.of(compiler, "api.shipped_more", news),
            renumbered=Telling.of(compiler, "api.renumbered", news),
            unsealed=Unsealing.of(compiler),
            articles=Articles.of(compiler),
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


def _secret(compiler: Compiler, place: str) -> Formula:
    return compiler.formula(place, reads=("answer",), personal=True)
