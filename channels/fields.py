"""How each field of an order and of a refund is computed: the sections of a mapping file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from channels.document import Formula
from channels.formulas import Compiler

ORDER_READS = ("order",)
LINE_READS = ("order", "item")
LINE_FACTS = ("index",)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFields:
    """How the order's own fields are computed; the buyer is personal."""

    number: Formula
    standing: Formula
    changed_at: Formula
    buyer: Formula
    paid_at: Formula
    freight_fen: Formula
    paid_fen: Formula
    leader: Formula | None = None

    @classmethod
    def of(cls, compiler: Compiler) -> Self:
        """Compile the section ``order``."""
        return cls(**compiler.section("order", reads=ORDER_READS, personal={"buyer"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverFields:
    """How the receiver's fields are computed; all of them are personal.

    Attributes:
        longitude, latitude: For channels that know them; else the district's centre is taken.
    """

    name: Formula
    phone: Formula
    province: Formula
    city: Formula
    district: Formula
    address: Formula
    longitude: Formula | None = None
    latitude: Formula | None = None

    @classmethod
    def of(cls, compiler: Compiler) -> Self:
        """Compile the section ``receiver``."""
        personal = set(compiler.content["receiver"])
        return cls(**compiler.section("receiver", reads=ORDER_READS, personal=personal))


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFields:
    """Where the ciphertexts are, for channels that seal their buyers."""

    name: Formula
    phone: Formula
    address: Formula

    @classmethod
    def of(cls, compiler: Compiler) -> Self | None:
        """Compile the section ``sealed``, if there is one."""
        if not compiler.has("sealed"):
            return None
        personal = {"name", "phone", "address"}
        return cls(**compiler.section("sealed", reads=ORDER_READS, personal=personal))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFields:
    """Where the lines are, and how each line's fields are computed."""

    each: Formula
    sku: Formula
    name: Formula
    quantity: Formula
    paid_fen: Formula
    ref: Formula | None = None

    @classmethod
    def of(cls, compiler: Compiler) -> Self:
        """Compile the section ``lines``."""
        cells = {
            key: compiler.formula(f"lines.{key}", reads=LINE_READS, facts=LINE_FACTS)
            for key in compiler.content["lines"]
            if key != "each"
        }
        return cls(each=compiler.formula("lines.each", reads=ORDER_READS), **cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFields:
    """How a refund's fields are computed."""

    id: Formula
    number: Formula
    kind: Formula
    stage: Formula
    amount_fen: Formula
    lines: Formula
    reason: Formula
    changed_at: Formula
    asked_at: Formula | None = None

    @classmethod
    def of(cls, compiler: Compiler) -> Self | None:
        """Compile the section ``refund``, if there is one."""
        if not compiler.has("refund"):
            return None
        return cls(**compiler.section("refund", reads=("refund",), personal={"reason"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Applies:
    """Which documents this version reads; without a cell, all of them."""

    event: Formula | None = None
    order: Formula | None = None
    refund: Formula | None = None

    @classmethod
    def of(cls, compiler: Compiler) -> Self:
        """Compile the section ``applies``."""
        reads: Mapping[str, tuple[str, ...]] = {
            "event": ("push", "event", "content"),
            "order": ORDER_READS,
            "refund": ("refund",),
        }
        return cls(
            **{
                key: compiler.formula(f"applies.{key}", reads=reads[key])
                for key in compiler.content.get("applies", {})
            }
        )
