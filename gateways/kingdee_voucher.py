"""A sale, or a refund, as a voucher of Kingdee's, from a template that is data (protocols 5.2).

Our key is kept in each entry's ``FBUSNO``, the entry's free business number. ``FSourceBillKey``
looks like the place, but it names a kind of business and takes only Kingdee's own codes; the
explanation is what finance reads and may reword.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from domain.money import tax_within, yuan
from domain.order import OrderId
from domain.papers import Reversal, Sale
from settings import Kingdee

REFERENCE = "FBUSNO"
RULES = Path(__file__).parent.parent / "rules" / "voucher.yaml"
CHINA = timezone(timedelta(hours=8))


class Side(StrEnum):
    """On which side of the ledger."""

    DEBIT = "debit"
    CREDIT = "credit"


class Role(StrEnum):
    """What an account is for; ``settings.Kingdee`` has its number."""

    RECEIVABLE = "receivable"
    REVENUE = "revenue"
    TAX = "tax"


class Amount(StrEnum):
    """Which part of the sale."""

    GROSS = "gross"
    NET = "net"
    TAX = "tax"


class Part(BaseModel):
    """A piece of the template; a key that nobody knows is an error, not a silent typo."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(Part):
    """One entry of the template."""

    side: Side
    account: Role
    amount: Amount


class Template(Part):
    """How one kind of fact is booked."""

    explanation: str
    entries: tuple[Entry, ...]

    @field_validator("explanation")
    @classmethod
    def _names_what_we_know(cls, explanation: str) -> str:
        try:
            explanation.format(order="", channel="", invoice="")
        except (KeyError, IndexError) as e:
            raise ValueError(f"摘要里没有 {e} 这个词,可用 order、channel、invoice") from e
        return explanation

    @model_validator(mode="after")
    def _balances(self) -> Self:
        """Try it on a sale of 109 fen: 100 net and 9 tax tell every unbalanced template."""
        trial = {Amount.GROSS: 109, Amount.NET: 100, Amount.TAX: 9}
        sides = dict.fromkeys(Side, 0)
        for entry in self.entries:
            sides[entry.side] += trial[entry.amount]
        if sides[Side.DEBIT] != sides[Side.CREDIT] or not self.entries:
            raise ValueError(f"凭证模板借贷不平:借 {sides[Side.DEBIT]},贷 {sides[Side.CREDIT]}")
        return self


def load_template(path: Path = RULES, *, fact: str = "sale") -> Template:
    """Read the template of one kind of fact.

    Raises:
        ValueError: a key is unknown or missing, or the entries would not balance.
    """
    facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    if fact not in facts:
        raise ValueError(f"{path.name} 里没有 {fact}")
    return Template.model_validate(facts[fact])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact to book, by one template.

    Attributes:
        kind: The template's name: ``sale`` or ``refund``.
        amount_fen: Below zero for what is taken back: the same entries in red.
        paper: The number of the invoice, or of the red letter.
    """

    kind: str
    key: str
    order_id: OrderId
    channel: str
    amount_fen: int
    paper: str
    at: datetime


def sale_fact(sale: Sale) -> Fact:
    """Book a sale."""
    return Fact(
        kind="sale",
        key=sale.key,
        order_id=sale.order_id,
        channel=sale.channel,
        amount_fen=sale.amount_fen,
        paper=sale.invoice_number,
        at=sale.sold_at,
    )


def refund_fact(reversal: Reversal) -> Fact:
    """Book what a sale lost by a refund."""
    return Fact(
        kind="refund",
        key=reversal.key,
        order_id=reversal.order_id,
        channel=reversal.channel,
        amount_fen=-reversal.amount_fen,
        paper=reversal.red_number,
        at=reversal.returned_at,
    )


def voucher_model(
    settings: Kingdee, template: Template, fact: Fact, *, over: str = "0"
) -> dict[str, Any]:
    """Write the voucher to save; ``over`` is the id of the one to overwrite, ``0`` of a new one."""
    day = f"{fact.at.astimezone(CHINA):%Y-%m-%d}"
    return {
        "FVOUCHERID": over,
        "FAccountBookID": {"FNumber": settings.account_book},
        "FDate": day,
        "FBUSDATE": day,
        "FVOUCHERGROUPID": {"FNumber": settings.voucher_group},
        "FVOUCHERGROUPNO": "",  # Kingdee counts within the group
        "FDocumentStatus": "Z",
        "FEntity": list(_entries(settings, template, fact)),
    }


def _entries(settings: Kingdee, template: Template, fact: Fact) -> list[dict[str, Any]]:
    amounts = _amounts(fact.amount_fen, settings.tax_rate_percent)
    words = {"order": fact.order_id, "channel": fact.channel, "invoice": fact.paper}
    explanation = template.explanation.format(**words)
    return [
        {
            "FEXPLANATION": explanation,
            "FACCOUNTID": {"FNumber": _account(settings, entry.account)},
            "FCURRENCYID": {"FNumber": "PRE001"},
            "FEXCHANGERATETYPE": {"FNumber": "HLTX01_SYS"},
            "FEXCHANGERATE": 1,
            "FAMOUNTFOR": yuan(amounts[entry.amount]),
            "FDEBIT": yuan(amounts[entry.amount] if entry.side is Side.DEBIT else 0),
            "FCREDIT": yuan(amounts[entry.amount] if entry.side is Side.CREDIT else 0),
            REFERENCE: fact.key,
        }
        for entry in template.entries
        if amounts[entry.amount]
    ]


def _amounts(gross_fen: int, tax_rate_percent: int) -> dict[Amount, int]:
    """Tell the amount apart; the tax is that of its invoice, to the fen, also below zero."""
    sign = -1 if gross_fen < 0 else 1
    tax_fen = sign * tax_within(abs(gross_fen), tax_rate_percent)
    return {Amount.GROSS: gross_fen, Amount.NET: gross_fen - tax_fen, Amount.TAX: tax_fen}


def _account(settings: Kingdee, role: Role) -> str:
    numbers = {
        Role.RECEIVABLE: settings.receivable_account,
        Role.REVENUE: settings.revenue_account,
        Role.TAX: settings.tax_account,
    }
    return numbers[role]
