"""What every ``Invoices`` promises: run against the fake, and against Nuonuo in the sandbox."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from activities.invoice import Invoices
from domain.errors import GatewayRefused
from domain.papers import Bill, Invoice
from gateways.nuonuo import NuonuoInvoices
from infra.sandbox.partners import nuonuo
from settings import Nuonuo
from tests.fakes.invoices import FakeInvoices
from tests.gateways.bills import a_bill
from tests.partnered import partnered

BUSY_BUREAU = 6000.0  # five world minutes in 50 ms


@contextlib.asynccontextmanager
async def the_fake(_: Path) -> AsyncIterator[Invoices]:
    yield FakeInvoices()


@contextlib.asynccontextmanager
async def the_real_one(var: Path) -> AsyncIterator[Invoices]:
    async with partnered(var, nuonuo.build, speed=BUSY_BUREAU) as outside:
        settings = Nuonuo(
            url=f"{outside.url}/open/v1/services", token_url=f"{outside.url}/accessToken"
        )
        yield NuonuoInvoices(settings, outside.http)


@pytest.fixture(params=[the_fake, the_real_one])
async def invoices(request: Any, tmp_path: Path) -> AsyncIterator[Invoices]:
    async with request.param(tmp_path) as subject:
        yield subject


async def until_issued(invoices: Invoices, bill: Bill) -> Invoice:
    async with asyncio.timeout(20):
        while (invoice := await invoices.issue(bill)) is None:
            pass
    return invoice


async def test_a_fresh_request_is_still_being_issued(invoices: Invoices) -> None:
    assert await invoices.issue(a_bill()) is None


async def test_an_issued_invoice_has_twenty_digits_and_the_bill_s_amount(
    invoices: Invoices,
) -> None:
    invoice = await until_issued(invoices, a_bill("M1", 1000, 2990))

    assert invoice.number.isdigit()
    assert len(invoice.number) == 20
    assert invoice.amount_fen == 3990
    assert invoice.at.tzinfo is not None


async def test_a_repeat_finds_the_first_invoice(invoices: Invoices) -> None:
    first = await until_issued(invoices, a_bill())

    assert await invoices.issue(a_bill()) == first


async def test_two_bills_get_two_invoices(invoices: Invoices) -> None:
    first = await until_issued(invoices, a_bill("M1"))
    second = await until_issued(invoices, a_bill("M2"))

    assert first.number != second.number


async def test_lines_that_do_not_sum_to_the_amount_are_refused(invoices: Invoices) -> None:
    with pytest.raises(GatewayRefused, match="金额"):
        await invoices.issue(a_bill("M1", 1000, amount_fen=1001))
