"""Vouchers in Kingdee K3 Cloud: found or saved, then submitted, then audited (protocols 5.1, 5.2).

Save is not idempotent there, so the ledger is asked for our key first; every step goes on from
where the voucher stands, whoever brought it there.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakValueDictionary

import httpx

from domain.clock import utc_now
from domain.errors import GatewayRefused, Untranslatable
from domain.papers import Reversal, Sale, Voucher
from gateways.answers import my_turn
from gateways.kingdee_call import KingdeeCalls
from gateways.kingdee_session import PARTNER
from gateways.kingdee_voucher import (
    REFERENCE,
    Fact,
    Template,
    load_template,
    refund_fact,
    sale_fact,
    voucher_model,
)
from settings import Kingdee

FORM = "GL_VOUCHER"
FIELDS = "FVOUCHERID,FBillNo,FDocumentStatus"
MORE_THAN_ONE_VOUCHER_S_ENTRIES = 100


class DocumentStatus(StrEnum):
    """How far a document of Kingdee's is."""

    DRAFT = "Z"
    CREATED = "A"
    IN_REVIEW = "B"
    AUDITED = "C"
    SENT_BACK = "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A voucher that Kingdee holds, and how far it is."""

    id: str
    number: str
    status: DocumentStatus


class KingdeeBooks:
    """Books vouchers, each fact once.

    Args:
        template: How a sale is booked; the house's own rules when none is given.
        patience_s: How long to wait for one answer.
    """

    def __init__(
        self,
        settings: Kingdee,
        http: httpx.AsyncClient,
        *,
        template: Template | None = None,
        patience_s: float = 3.0,
    ) -> None:
        self._settings = settings
        self._patience_s = patience_s
        self._calls = KingdeeCalls(settings, http, patience_s)
        self._templates = {
            "sale": template or load_template(),
            "refund": load_template(fact="refund"),
        }
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def book(self, sale: Sale) -> Voucher:
        """Tell the sale's voucher, audited.

        Attempts at one sale take turns: one that was given up may still be under way, and two
        that find nothing at the same moment would both save.

        Raises:
            GatewayBusy: no answer; the next attempt goes on from where the voucher stands.
            GatewayRefused: Kingdee names the field that is wrong, or holds two vouchers.
        """
        return await self._book(sale_fact(sale))

    async def reverse(self, reversal: Reversal) -> Voucher:
        """Tell the red voucher of what was refunded, audited; the same care as for a sale."""
        return await self._book(refund_fact(reversal))

    async def _book(self, fact: Fact) -> Voucher:
        turn = self._turns.setdefault(fact.key, asyncio.Lock())
        async with my_turn(PARTNER, turn, self._patience_s):
            held = await self._find(fact) or await self._save(fact)
            await self._bring_home(fact, held)
        return Voucher(id=held.id, number=held.number, at=utc_now())

    async def _bring_home(self, fact: Fact, held: Held) -> None:
        """Take the steps that are left."""
        if held.status is DocumentStatus.DRAFT:
            held = await self._save(fact, over=held.id)
        if held.status in (DocumentStatus.CREATED, DocumentStatus.SENT_BACK):
            await self._calls.act("Submit", FORM, {"Ids": held.id})
        if held.status is not DocumentStatus.AUDITED:
            await self._calls.act("Audit", FORM, {"Ids": held.id})

    async def _find(self, fact: Fact) -> Held | None:
        """Ask for our key; a row comes for each entry that has it."""
        rows = await self._calls.query(
            {
                "FormId": FORM,
                "FieldKeys": FIELDS,
                "FilterString": f"{REFERENCE} = {_quoted(fact.key)}",
                "Limit": MORE_THAN_ONE_VOUCHER_S_ENTRIES,
            }
        )
        found = {_held(row) for row in rows}
        if len(found) > 1:
            numbers = "、".join(sorted(held.number for held in found))
            reason = f"同一笔业务有多张凭证({numbers}),请财务只保留一张后重试"
            raise GatewayRefused(PARTNER, REFERENCE, reason)
        return next(iter(found), None)

    async def _save(self, fact: Fact, *, over: str = "0") -> Held:
        model = voucher_model(self._settings, self._templates[fact.kind], fact, over=over)
        status = await self._calls.act("Save", FORM, {"Model": model})
        if not status.SuccessEntitys:
            raise Untranslatable(PARTNER, "SuccessEntitys", "empty")
        saved = status.SuccessEntitys[0]
        return Held(id=saved.Id, number=saved.Number, status=DocumentStatus.CREATED)


def _held(row: tuple[str, ...]) -> Held:
    try:
        voucher_id, number, status = row
        return Held(id=voucher_id, number=number, status=DocumentStatus(status))
    except ValueError as e:
        raise Untranslatable(PARTNER, FIELDS, row) from e


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
