"""What every ``Books`` promises: run against the fake, and against Kingdee in both its modes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest

from activities.voucher import Books
from domain.errors import GatewayRefused
from gateways.kingdee import KingdeeBooks
from infra.sandbox.partners import kingdee
from settings import Kingdee
from tests.fakes.books import FakeBooks
from tests.gateways.sales import a_reversal, a_sale
from tests.partnered import partnered


@contextlib.asynccontextmanager
async def the_fake(_: Path) -> AsyncIterator[Books]:
    yield FakeBooks()


@contextlib.asynccontextmanager
async def kingdee_by_login(var: Path) -> AsyncIterator[Books]:
    async with kingdee_in(var, "login") as books:
        yield books


@contextlib.asynccontextmanager
async def kingdee_by_signature(var: Path) -> AsyncIterator[Books]:
    async with kingdee_in(var, "signed") as books:
        yield books


@contextlib.asynccontextmanager
async def kingdee_in(var: Path, mode: Literal["login", "signed"]) -> AsyncIterator[Books]:
    async with partnered(var, kingdee.build) as outside:
        yield KingdeeBooks(Kingdee(url=outside.url, mode=mode), outside.http)


@pytest.fixture(params=[the_fake, kingdee_by_login, kingdee_by_signature])
async def books(request: Any, tmp_path: Path) -> AsyncIterator[Books]:
    async with request.param(tmp_path) as subject:
        yield subject


async def test_a_booked_sale_has_a_voucher_with_a_number(books: Books) -> None:
    voucher = await books.book(a_sale())

    assert voucher.id
    assert voucher.number
    assert voucher.at.tzinfo is not None


async def test_a_second_booking_finds_the_first(books: Books) -> None:
    first = await books.book(a_sale())
    second = await books.book(a_sale())

    assert (second.id, second.number) == (first.id, first.number)


async def test_two_attempts_at_once_book_one_voucher(books: Books) -> None:
    one, other = await asyncio.gather(books.book(a_sale()), books.book(a_sale()))

    assert one.id == other.id


async def test_two_sales_get_two_vouchers(books: Books) -> None:
    first = await books.book(a_sale("M1"))
    second = await books.book(a_sale("M2"))

    assert first.id != second.id


async def test_a_sale_of_nothing_is_refused(books: Books) -> None:
    with pytest.raises(GatewayRefused, match="FEntity"):
        await books.book(a_sale(amount_fen=0))


async def test_what_was_refunded_is_booked_against_the_sale_once(books: Books) -> None:
    sale = await books.book(a_sale())

    first = await books.reverse(a_reversal())
    second = await books.reverse(a_reversal())

    assert (first.id, first.number) == (second.id, second.number)
    assert sale.id != first.id
