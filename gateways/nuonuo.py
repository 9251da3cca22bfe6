"""E-invoices through Nuonuo: fully digital ordinary invoices, line ``pc`` (protocols 9.1).

The order number at Nuonuo is the bill's key as it is: the same at every attempt, never the same
for two bills, and readable on Nuonuo's own pages. That takes Nuonuo's NST product, which keeps
64 characters; the older one keeps 20 and would need shortening, which could make two bills one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict

from domain.clock import utc_now
from domain.errors import GatewayRefused, Untranslatable
from domain.money import fen, taxes_by_line, yuan
from domain.papers import Bill, BillLine, Finding, Invoice, RedLetter
from gateways.answers import shaped
from gateways.nuonuo_call import DONE, PARTNER, NuonuoCalls, must_agree
from gateways.nuonuo_red import RedLetters
from settings import Nuonuo

REQUEST = "nuonuo.OpeMplatform.requestBillingNew"
QUERY = "nuonuo.OpeMplatform.queryInvoiceResult"
ORDER_KNOWN = "E9106"
ORDER_UNKNOWN = "E9500"
LONGEST_ORDER_NO = 64
CHINA = timezone(timedelta(hours=8))


class Status(StrEnum):
    """Where an invoice stands."""

    ISSUED = "2"
    VOIDED = "3"
    ISSUING = "20"
    SIGNING = "21"
    FAILED = "22"
    SIGNING_FAILED = "24"
    VOIDING = "31"


NOTHING_CAME_OF_IT = frozenset(
    {Status.VOIDED, Status.VOIDING, Status.FAILED, Status.SIGNING_FAILED}
)


class Progress(BaseModel):
    """What the query tells of one order; amounts are yuan, the time is epoch milliseconds."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    status: Status
    failCause: str | None = None  # noqa: N815 - the wire's names, here and below
    statusMsg: str | None = None  # noqa: N815
    allElectronicInvoiceNumber: str | None = None  # noqa: N815
    orderAmount: str | None = None  # noqa: N815
    invoiceTime: int | None = None  # noqa: N815


class NuonuoInvoices:
    """Issues invoices, each bill once.

    Args:
        patience_s: How long to wait for one answer.
    """

    def __init__(
        self, settings: Nuonuo, http: httpx.AsyncClient, *, patience_s: float = 3.0
    ) -> None:
        self._settings = settings
        self._calls = NuonuoCalls(settings, http, patience_s)
        self._reds = RedLetters(settings, self._calls)

    async def issue(self, bill: Bill) -> Invoice | None:
        """Tell the bill's invoice; ``None`` while the tax bureau is issuing it.

        Nuonuo is asked first, so a repeat after a lost answer finds the first request.

        Raises:
            GatewayBusy: no answer; the next attempt asks what became of it.
            GatewayRefused: the figures do not add up, Nuonuo refused, or issuing failed.
        """
        _check(bill)
        progress = await self._progress(bill)
        if progress is None:
            await self._request(bill)
            return None
        return _outcome(progress)

    async def find(self, bill: Bill) -> Finding:
        """Tell what became of a bill that nobody waits for any more; nothing is requested.

        Raises:
            GatewayBusy: no answer; ask again.
        """
        progress = await self._progress(bill)
        if progress is None or progress.status in NOTHING_CAME_OF_IT:
            return Finding()
        invoice = _outcome(progress)
        return Finding(invoice=invoice, pending=invoice is None)

    async def redden(self, red: RedLetter) -> Invoice | None:
        """Tell a red letter; ``None`` while it is being confirmed or issued (``nuonuo_red``)."""
        return await self._reds.redden(red)

    async def _progress(self, bill: Bill) -> Progress | None:
        """Ask what Nuonuo knows of the bill; ``None`` when it has never heard of it."""
        question = {"orderNos": [bill.key], "isOfferInvoiceDetail": "0"}
        reply = await self._calls.call(QUERY, question)
        if reply.code == ORDER_UNKNOWN or (reply.code == DONE and not reply.result):
            return None
        must_agree(reply)
        found = reply.result[0] if isinstance(reply.result, list) else reply.result
        return shaped(PARTNER, Progress, found)

    async def _request(self, bill: Bill) -> None:
        """Ask for the invoice; an order number that is known by now is as good as a yes."""
        order = billing_order(self._settings, bill, utc_now())
        reply = await self._calls.call(REQUEST, {"order": order})
        if reply.code != ORDER_KNOWN:
            must_agree(reply)


def billing_order(settings: Nuonuo, bill: Bill, at: datetime) -> dict[str, Any]:
    """Write a bill as Nuonuo's order: amounts with tax, yuan strings with two decimals."""
    return {
        "buyerName": bill.buyer_name,
        "buyerPhone": bill.buyer_phone,
        "salerTaxNum": settings.seller_tax_no,
        "salerTel": settings.seller_tel,
        "salerAddress": settings.seller_address,
        "orderNo": bill.key,
        "invoiceDate": f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        "clerk": settings.drawer,
        "pushMode": "1" if bill.buyer_phone else "-1",  # to the buyer's phone, or not at all
        "invoiceType": "1",
        "invoiceLine": "pc",
        "invoiceDetail": _details(settings, bill.lines),
    }


def _details(settings: Nuonuo, lines: tuple[BillLine, ...]) -> list[dict[str, str]]:
    """Write the lines that cost something; the tax bureau takes no line of 0.00."""
    paid = tuple(line for line in lines if line.amount_fen)
    taxes = taxes_by_line((line.amount_fen for line in paid), settings.tax_rate_percent)
    return [
        {**_goods(settings, line), **_amounts(line.amount_fen, tax_fen)}
        for line, tax_fen in zip(paid, taxes, strict=True)
    ]


def _goods(settings: Nuonuo, line: BillLine) -> dict[str, str]:
    price = Decimal(line.amount_fen).scaleb(-2) / line.quantity
    return {
        "goodsName": line.name,
        "goodsCode": settings.goods_tax_code,
        "withTaxFlag": "1",
        "num": str(line.quantity),
        "price": f"{price:.8f}",  # eight decimals: price times number meets the amount again
        "taxRate": str(Decimal(settings.tax_rate_percent).scaleb(-2)),
        "invoiceLineProperty": "0",
    }


def _amounts(gross_fen: int, tax_fen: int) -> Mapping[str, str]:
    return {
        "tax": yuan(tax_fen),
        "taxExcludedAmount": yuan(gross_fen - tax_fen),
        "taxIncludedAmount": yuan(gross_fen),
    }


def _check(bill: Bill) -> None:
    if len(bill.key) > LONGEST_ORDER_NO:
        raise GatewayRefused(PARTNER, "orderNo", f"订单号超过 {LONGEST_ORDER_NO} 个字符,请手工开票")
    if sum(line.amount_fen for line in bill.lines) != bill.amount_fen:
        raise GatewayRefused(
            PARTNER, "invoiceDetail", "各行金额之和与开票总额不符,请核对订单行与运费"
        )


def _outcome(progress: Progress) -> Invoice | None:
    match progress.status:
        case Status.ISSUED:
            return _invoice(progress)
        case Status.ISSUING | Status.SIGNING:
            return None
        case Status.FAILED | Status.SIGNING_FAILED:
            why = progress.failCause or progress.statusMsg or "原因不明"
            raise GatewayRefused(PARTNER, progress.status, f"开票失败:{why};请在诺诺后台重开后重试")
        case Status.VOIDED | Status.VOIDING:
            raise GatewayRefused(PARTNER, progress.status, "发票已作废,请财务确认")


def _invoice(progress: Progress) -> Invoice:
    number = progress.allElectronicInvoiceNumber or ""
    if len(number) != 20 or not number.isdigit():  # noqa: PLR2004 - protocols 9.1
        raise Untranslatable(PARTNER, "allElectronicInvoiceNumber", number)
    return Invoice(
        number=number, amount_fen=_amount_fen(progress), at=_issued_at(progress.invoiceTime)
    )


def _amount_fen(progress: Progress) -> int:
    try:
        return fen(progress.orderAmount or "")
    except ValueError as e:
        raise Untranslatable(PARTNER, "orderAmount", progress.orderAmount) from e


def _issued_at(epoch_ms: int | None) -> datetime:
    if epoch_ms is None:
        raise Untranslatable(PARTNER, "invoiceTime", None)
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
