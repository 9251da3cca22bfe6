"""What every ``Invoices`` promises: run against the fake, and against Nuonuo in the sandbox."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from activities.invoice import Invoices
from domain.errors import GatewayRefused
from domain.papers import Bill, Invoice, RedLetter
from gateways.nuonuo import NuonuoInvoices
from infra.sandbox.partners import nuonuo
from settings import Nuonuo
from tests.fakes.invoices import FakeInvoices
from tests.gateways.bills import a_bill, a_red_letter
from tests.partnered import Outside, partnered

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


async def until_red(invoices: Invoices, red: RedLetter) -> Invoice:
    async with asyncio.timeout(20):
        while (issued := await invoices.redden(red)) is None:
            pass
    return issued


async def test_of_a_bill_that_nobody_asked_for_nothing_is_found(invoices: Invoices) -> None:
    found = await invoices.find(a_bill())

    assert (None, False) == (found.invoice, found.pending)


async def test_what_was_requested_is_found_once_it_is_issued(invoices: Invoices) -> None:
    bill = a_bill()
    await invoices.issue(bill)
    async with asyncio.timeout(20):
        while (found := await invoices.find(bill)).pending:
            pass

    assert found.invoice == await until_issued(invoices, bill)


async def test_a_whole_invoice_is_taken_back_once(invoices: Invoices) -> None:
    bill = a_bill("M1", 1000, 2990)
    blue = await until_issued(invoices, bill)
    red = a_red_letter(bill, blue)

    first = await until_red(invoices, red)
    second = await until_red(invoices, red)

    assert first == second
    assert (3990, True) == (first.amount_fen, first.number.isdigit())
    assert first.number != blue.number


async def test_an_invoice_is_taken_back_piece_by_piece(invoices: Invoices) -> None:
    bill = a_bill("M1", 1000, 2990)
    blue = await until_issued(invoices, bill)

    one = await until_red(invoices, a_red_letter(bill, blue, (2, 490)))
    two = await until_red(invoices, a_red_letter(bill, blue, (1, 1000), (2, 2500), no=2))

    assert [490, 3500] == [one.amount_fen, two.amount_fen]
    assert one.number != two.number


async def test_no_more_is_taken_back_than_was_invoiced(invoices: Invoices) -> None:
    bill = a_bill("M1", 1000, 2990)
    blue = await until_issued(invoices, bill)
    await until_red(invoices, a_red_letter(bill, blue))

    with pytest.raises(GatewayRefused):
        await until_red(invoices, a_red_letter(bill, blue, (1, 1000), no=2))


@contextlib.asynccontextmanager
async def a_bureau_whose_buyers(var: Path, do: str) -> AsyncIterator[tuple[Invoices, Outside]]:
    async with partnered(var, nuonuo.build, speed=200_000.0) as outside:
        settings = Nuonuo(
            url=f"{outside.url}/open/v1/services", token_url=f"{outside.url}/accessToken"
        )
        outside.ledger.put("policy", "red", {"is": do})
        yield NuonuoInvoices(settings, outside.http), outside


async def test_a_confirmation_that_lapsed_is_applied_for_anew(tmp_path: Path) -> None:
    async with a_bureau_whose_buyers(tmp_path, "hang") as (invoices, outside):
        bill = a_bill()
        red = a_red_letter(bill, await until_issued(invoices, bill))
        ledger = outside.ledger
        async with asyncio.timeout(20):
            while (ledger.get("red_confirm", red.key) or {}).get("state") != "07":
                await invoices.redden(red)
        ledger.amend("policy", "red", **{"is": "confirm"})

        issued = await until_red(invoices, red)

        assert red.amount_fen == issued.amount_fen
        reds = [doc for _, doc in ledger.each("invoice") if doc["kind"] == "red"]
    assert 1 == len(reds)


async def test_a_buyer_who_rejects_a_red_letter_is_a_matter_for_people(tmp_path: Path) -> None:
    async with a_bureau_whose_buyers(tmp_path, "reject") as (invoices, _):
        bill = a_bill()
        red = a_red_letter(bill, await until_issued(invoices, bill))

        with pytest.raises(GatewayRefused, match="红字"):
            await until_red(invoices, red)
