import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import GatewayBusy, GatewayRefused, HubError, Untranslatable
from domain.money import fen, tax_within, taxes_by_line, yuan
from domain.papers import Bill, Invoice
from gateways.nuonuo import NuonuoInvoices, billing_order
from gateways.nuonuo_call import sign
from infra.sandbox.faults import Fault
from infra.sandbox.partners import nuonuo
from settings import Nuonuo
from tests.gateways.bills import a_bill
from tests.partnered import STRIKES, Outside, partnered

AT = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
AMOUNTS = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=40)


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


@given(amounts=AMOUNTS, rate=st.sampled_from([0, 1, 3, 6, 9, 13]))
def test_line_taxes_sum_to_the_tax_of_the_whole(amounts: list[int], rate: int) -> None:
    taxes = taxes_by_line(amounts, rate)

    assert sum(taxes) == tax_within(sum(amounts), rate)
    for amount, tax in zip(amounts, taxes, strict=True):
        assert 0 <= tax <= amount
        assert abs(tax * (100 + rate) - amount * rate) < 100 + rate  # less than a fen off


@given(amount=st.integers(0, 10**12))
def test_yuan_lose_no_fen(amount: int) -> None:
    assert fen(yuan(amount)) == amount


@pytest.mark.parametrize("text", ["", "一元", "1.234", "NaN", "Infinity"])
def test_what_is_not_whole_fen_is_not_money(text: str) -> None:
    with pytest.raises(ValueError, match="金额"):
        fen(text)


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


def nuonuo_that_says(answer: Callable[[str], dict[str, Any]]) -> httpx.MockTransport:
    """Answer each service by its name, and hand out tokens."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("accessToken"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": "86400"})
        return httpx.Response(200, json=answer(request.headers["method"].rpartition(".")[2]))

    return httpx.MockTransport(handle)


async def issued_when_told(answer: Callable[[str], dict[str, Any]]) -> Invoice | None:
    async with httpx.AsyncClient(transport=nuonuo_that_says(answer)) as http:
        return await NuonuoInvoices(Nuonuo(), http).issue(a_bill())


def found(**progress: Any) -> Callable[[str], dict[str, Any]]:
    return lambda _: {"code": "E0000", "describe": "", "result": [progress]}


async def test_a_duplicate_order_number_is_as_good_as_a_yes() -> None:
    codes = {"queryInvoiceResult": "E9500", "requestBillingNew": "E9106"}

    assert await issued_when_told(lambda method: {"code": codes[method], "describe": ""}) is None


@pytest.mark.parametrize("status", ["20", "21"])
async def test_an_invoice_under_way_is_waited_for(status: str) -> None:
    assert await issued_when_told(found(status=status)) is None


@pytest.mark.parametrize("status", ["22", "24"])
async def test_a_failed_invoice_tells_a_person_why(status: str) -> None:
    with pytest.raises(GatewayRefused, match="开票员未登录"):
        await issued_when_told(found(status=status, failCause="开票员未登录"))


@pytest.mark.parametrize("status", ["3", "31"])
async def test_a_voided_invoice_is_a_person_s_matter(status: str) -> None:
    with pytest.raises(GatewayRefused, match="作废"):
        await issued_when_told(found(status=status))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "99"),
        ("allElectronicInvoiceNumber", "123"),
        ("orderAmount", "10.001"),
        ("invoiceTime", None),
    ],
)
async def test_an_unreadable_field_is_named(field: str, value: object) -> None:
    good = {
        "status": "2",
        "allElectronicInvoiceNumber": "26332000000000000001",
        "orderAmount": "39.90",
        "invoiceTime": 1790000000000,
    }
    assert await issued_when_told(found(**good)) is not None

    with pytest.raises(Untranslatable, match=field):
        await issued_when_told(found(**{**good, field: value}))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (httpx.Response(503), GatewayBusy),
        (httpx.Response(429), GatewayBusy),
        (httpx.Response(404), GatewayRefused),
        (httpx.Response(200, text="<html>"), Untranslatable),
        (httpx.Response(200, content=json.dumps({"code": "070306"})), GatewayBusy),
    ],
)
async def test_anything_else_is_a_fault(answer: httpx.Response, fault: type[HubError]) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
        with pytest.raises(fault):
            await NuonuoInvoices(Nuonuo(), http).issue(a_bill())
