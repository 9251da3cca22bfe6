"""Durable step: book an order's sale in the ledger, once."""

from typing import Protocol

from temporalio import activity

from domain.papers import Sale, Voucher


class Books(Protocol):
    """What this step needs from the ledger."""

    async def book(self, sale: Sale) -> Voucher: ...


class VoucherActivities:
    """Books vouchers."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @activity.defn(name="voucher.book")
    async def book(self, sale: Sale) -> Voucher:
        """Save, submit and audit one balanced voucher; the ledger is asked for the key first."""
        return await self._books.book(sale)
