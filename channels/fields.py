"""A mapping file: one expression for each field of an order, checked when it is loaded."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from channels.document import Formula
from channels.functions import NAMED
from rulebook.expression import Expression, Vocabulary, compile_expression
from rulebook.sheet import Sheet, load_sheet

FOLDER = Path(__file__).parent
SCHEMA = FOLDER / "mapping.schema.json"
READING = Vocabulary(sample={"push": None, "item": None}, functions=NAMED)
TELLING = Vocabulary(
    sample={
        "news": {"key": "c/1/1", "number": "1", "carrier": "sf", "waybill": "SF1", "lines": [1]}
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFields:
    """How the order's own fields are computed; the buyer is personal."""

    number: Formula
    buyer: Formula
    leader: Formula
    paid_at: Formula
    freight_fen: Formula
    paid_fen: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverFields:
    """How the receiver's fields are computed; all of them are personal."""

    name: Formula
    phone: Formula
    province: Formula
    city: Formula
    district: Formula
    address: Formula
    longitude: Formula
    latitude: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFields:
    """Where the lines are, and how each line's fields are computed."""

    each: Formula
    sku: Formula
    name: Formula
    quantity: Formula
    paid_fen: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Everything that a mapping file says."""

    channel: str
    order: OrderFields
    receiver: ReceiverFields
    lines: LineFields
    shipped: Expression

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a mapping file.

        Raises:
            BrokenRules: the file breaks its schema, or an expression can not be right.
        """
        sheet = load_sheet(path, SCHEMA)
        said = sheet.content
        compiled = partial(_formulas, sheet)
        return cls(
            channel=said["channel"],
            order=OrderFields(**compiled("order", personal={"buyer"})),
            receiver=ReceiverFields(**compiled("receiver", personal=said["receiver"].keys())),
            lines=LineFields(**compiled("lines", personal=())),
            shipped=compile_expression(
                said["shipped"], place=f"{sheet.name} shipped", vocabulary=TELLING, kind=dict
            ),
        )


def _formulas(sheet: Sheet, section: str, *, personal: Collection[str]) -> Mapping[str, Formula]:
    return {
        name: Formula(
            expression=compile_expression(
                text, place=f"{sheet.name} {section}.{name}", vocabulary=READING
            ),
            text=text,
            personal=name in personal,
        )
        for name, text in sheet.content[section].items()
    }
