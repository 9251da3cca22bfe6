"""All that a channel's API is asked and told: the section ``api`` of a mapping."""

from dataclasses import dataclass
from typing import Self

from channels.asking import Ask, ClaimWords, Listing, Question, Telling, Verdict
from channels.document import Formula
from channels.formulas import Compiler
from channels.requests import SCHEMES
from rulebook.faults import BrokenRules


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
    claims: ClaimWords | None
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
            claims=ClaimWords.of(compiler),
            unsealed=Unsealing.of(compiler),
            articles=Articles.of(compiler),
        )


def _secret(compiler: Compiler, place: str) -> Formula:
    return compiler.formula(place, reads=("answer",), personal=True)
