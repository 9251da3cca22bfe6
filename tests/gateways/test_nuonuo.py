import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import GatewayBusy, GatewayRefused
from domain.papers import Bill, Invoice
from gateways.nuonuo import NuonuoInvoices, billing_order
from gateways.nuonuo_call import sign
from infra.sandbox.faults import Fault
from infra.sandbox.partners import nuonuo
from settings import Nuonuo
from tests.gateways.bills import a_bill
from tests.partnered import STRIKES, Outside, partnered

AT = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with partnered(tmp_path, nuonuo.build, speed=6000.0) as served:
        yield served


def invoices_at(outside: Outside, patience_s: float = 3.0) -> NuonuoInvoices:
    settings = Nuonuo(url=f"{outside.url}/open/v1/services", token_url=f"{outside.url}/accessToken")
    return NuonuoInvoices(settings, outside.http, patience_s=patience_s)


async def issued_in_the_end(invoices: NuonuoInvoices, bill: Bill) -> Invoice:
    async with asyncio.timeout(30):
        while True:
            try:
                invoice = await invoices.issue(bill)
            except GatewayBusy:
                continue
            if invoice is not None:
                return invoice


def test_the_signature_is_the_one_of_protocols_12() -> None:
    envelope = {
        "senid": "0123456789abcdef0123456789abcdef",
        "nonce": "12345678",
        "timestamp": "1700000000",
    }

    assert (
        sign("TESTSECRET", "cid", envelope, b'{"orderNo":"A1"}') == "hUhF/uj60bxGgvhZTbanoE8nYFM="
    )


def test_the_order_is_written_in_yuan_and_china_s_time() -> None:
    order = billing_order(Nuonuo(), a_bill("M1", 1000), AT)

    assert order["invoiceDate"] == "2026-11-23 00:30:00"
    assert order["orderNo"] == "miniprogram/M1/invoice"
    assert order["invoiceDetail"][0] | {"goodsName": "-"} == {
        "goodsName": "-",
        "goodsCode": "1030201030000000000",
        "withTaxFlag": "1",
        "num": "3",
        "price": "3.33333333",
        "taxRate": "0.09",
        "invoiceLineProperty": "0",
        "tax": "0.83",
        "taxExcludedAmount": "9.17",
        "taxIncludedAmount": "10.00",
    }


def test_a_gift_is_not_on_the_invoice() -> None:
    order = billing_order(Nuonuo(), a_bill("M1", 0, 1000), AT)

    assert [line["goodsName"] for line in order["invoiceDetail"]] == ["商品2"]


@pytest.mark.parametrize("fault", STRIKES)
async def test_any_fault_ends_in_one_invoice(outside: Outside, fault: Fault) -> None:
    outside.plan.switch(fault, 0.3)

    invoices = invoices_at(outside, patience_s=0.2)
    bills = [a_bill(f"M{no}") for no in range(6)]

    issued = {bill.key: (await issued_in_the_end(invoices, bill)).number for bill in bills}

    assert issued == {key: doc["number"] for key, doc in outside.ledger.each("invoice")}
    assert fault in {outcome for _, _, _, outcome in outside.ledger.calls()}


async def test_a_lost_token_is_fetched_again_by_itself(outside: Outside) -> None:
    invoices = invoices_at(outside)
    await invoices.issue(a_bill("M1"))
    for token, _ in outside.ledger.each("token"):
        outside.ledger.drop("token", token)

    await invoices.issue(a_bill("M2"))

    assert outside.ledger.count("invoice") == 2
    assert outside.ledger.count("token") == 1


async def test_callers_at_once_share_one_token(outside: Outside) -> None:
    invoices = invoices_at(outside)

    await asyncio.gather(*(invoices.issue(a_bill(f"M{no}")) for no in range(8)))

    assert outside.ledger.count("invoice") == 8
    assert outside.ledger.count("token") == 1


async def test_a_wrong_secret_is_refused_and_names_the_setting(outside: Outside) -> None:
    settings = Nuonuo(
        url=f"{outside.url}/open/v1/services",
        token_url=f"{outside.url}/accessToken",
        secret="wrong",
    )
    with pytest.raises(GatewayRefused, match=r"nuonuo\.secret"):
        await NuonuoInvoices(settings, outside.http).issue(a_bill())


async def test_a_key_that_would_need_shortening_is_refused(outside: Outside) -> None:
    with pytest.raises(GatewayRefused, match="64"):
        await invoices_at(outside).issue(a_bill("M" * 60))
