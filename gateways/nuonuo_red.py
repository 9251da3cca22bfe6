"""Red letters through Nuonuo: a confirmation first, then the red invoice (protocols 9.1).

The names of the confirmation's answer are from memory. A confirmation's ``billId`` is our key; one
that lapsed or was withdrawn is applied for anew under the key and a number, which is found again
by asking, so nothing has to be remembered here.
"""

from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.errors import GatewayRefused, Untranslatable
from domain.money import taxes_by_line, yuan
from domain.papers import Invoice, RedLetter, RedReason
from gateways.answers import shaped
from gateways.nuonuo_call import DONE, PARTNER, NuonuoCalls, must_agree
from settings import Nuonuo

APPLY = "nuonuo.OpeMplatform.saveInvoiceRedConfirm"
ASK = "nuonuo.OpeMplatform.queryInvoiceRedConfirm"
UNKNOWN = "E9500"
KNOWN = "E9106"
SELLER = "0"
# Nuonuo's own numbers, which are not the tax bureau's: there 01 is a mistake and 02 a return.
REASONS = {RedReason.RETURN: "1", RedReason.ALLOWANCE: "4"}


class State(StrEnum):
    """Where a confirmation stands."""

    NOT_NEEDED = "01"
    WAITS_FOR_BUYER = "02"
    WAITS_FOR_SELLER = "03"
    CONFIRMED = "04"
    REFUSED_BY_BUYER = "05"
    REFUSED_BY_SELLER = "06"
    LAPSED = "07"  # nobody confirmed within 72 h
    WITHDRAWN = "08"
    WITHDRAWN_LATE = "09"
    ABNORMAL = "10"
    APPLYING = "15"
    FAILED = "16"


OVER = frozenset({State.LAPSED, State.WITHDRAWN, State.WITHDRAWN_LATE})
AGREED = frozenset({State.NOT_NEEDED, State.CONFIRMED})
WAITING = frozenset({State.APPLYING, State.WAITS_FOR_BUYER, State.WAITS_FOR_SELLER})


class Confirmation(BaseModel):
    """What the query tells of one confirmation; the time is epoch milliseconds."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    billStatus: State  # noqa: N815 - the wire's names, here and below
    billMessage: str | None = None  # noqa: N815
    redElecInvoiceNumber: str | None = None  # noqa: N815
    redInvoiceTime: int | None = None  # noqa: N815


class RedLetters:
    """Takes back what was invoiced."""

    def __init__(self, settings: Nuonuo, calls: NuonuoCalls) -> None:
        self._settings = settings
        self._calls = calls

    async def redden(self, red: RedLetter) -> Invoice | None:
        """Tell the red invoice; ``None`` while it is being confirmed or issued.

        Raises:
            GatewayRefused: the buyer's side refused, or Nuonuo did.
            GatewayBusy: no answer; ask again.
        """
        for tries in count(1):
            bill_id = red.key if tries == 1 else f"{red.key}/{tries}"
            found = await self._ask(bill_id)
            if found is None:
                await self._apply(bill_id, red)
                return None
            if found.billStatus not in OVER:
                return _outcome(found, red)
        raise AssertionError("counting never ends")

    async def _ask(self, bill_id: str) -> Confirmation | None:
        reply = await self._calls.call(ASK, {"billId": bill_id})
        if reply.code == UNKNOWN or (reply.code == DONE and not reply.result):
            return None
        must_agree(reply)
        found = reply.result[0] if isinstance(reply.result, list) else reply.result
        return shaped(PARTNER, Confirmation, found)

    async def _apply(self, bill_id: str, red: RedLetter) -> None:
        reply = await self._calls.call(APPLY, confirmation(self._settings, bill_id, red))
        if reply.code != KNOWN:
            must_agree(reply)


def confirmation(settings: Nuonuo, bill_id: str, red: RedLetter) -> dict[str, Any]:
    """Write the application; only a partial one tells its lines."""
    application = {
        "billId": bill_id,
        "blueInvoiceLine": "pc",
        "applySource": SELLER,
        "blueElecInvoiceNumber": red.number,
        "sellerTaxNo": settings.seller_tax_no,
        "sellerName": settings.seller_name,
        "buyerName": red.blue.buyer_name,
        "redReason": REASONS[red.reason],
        "autoInvoice": "1",
        "orderNo": bill_id,
    }
    is_whole = red.amount_fen == red.blue.amount_fen
    return application if is_whole else {**application, "detail": _details(settings, red)}


def _details(settings: Nuonuo, red: RedLetter) -> list[dict[str, str]]:
    taxes = taxes_by_line((line.amount_fen for line in red.lines), settings.tax_rate_percent)
    return [
        {
            "blueDetailIndex": str(line.blue_no),
            "goodsName": line.name,
            "taxExcludedAmount": yuan(tax_fen - line.amount_fen),
            "tax": yuan(-tax_fen),
            "taxIncludedAmount": yuan(-line.amount_fen),
        }
        for line, tax_fen in zip(red.lines, taxes, strict=True)
    ]


def _outcome(found: Confirmation, red: RedLetter) -> Invoice | None:
    if found.billStatus in AGREED:
        return _invoice(found, red) if found.redElecInvoiceNumber else None
    if found.billStatus in WAITING:
        return None
    why = found.billMessage or "原因不明"
    hint = "请与购方核对红字信息,或在诺诺后台重新发起后重试"
    raise GatewayRefused(PARTNER, found.billStatus, f"红字信息未确认:{why};{hint}")


def _invoice(found: Confirmation, red: RedLetter) -> Invoice:
    number = found.redElecInvoiceNumber or ""
    if len(number) != 20 or not number.isdigit():  # noqa: PLR2004 - protocols 9.1
        raise Untranslatable(PARTNER, "redElecInvoiceNumber", number)
    if found.redInvoiceTime is None:
        raise Untranslatable(PARTNER, "redInvoiceTime", None)
    at = datetime.fromtimestamp(found.redInvoiceTime / 1000, UTC)
    return Invoice(number=number, amount_fen=red.amount_fen, at=at)
