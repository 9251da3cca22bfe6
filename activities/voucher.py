"""Durable steps: book an order's sale in the ledger, and what is taken back of it, once each."""

from typing import Protocol

from temporalio import activity

from domain.papers import Reversal, Sale, Voucher


class Books(Protocol):
    """What these steps need from the ledger."""

    async def book(self, sale: Sale) -> Voucher: ...
    async def reverse(self, reversal: Reversal) -> Voucher: ...


class VoucherActivities:
    """Books vouchers."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @activity.defn(name="voucher.book")
    async def book(self, sale: Sale) -> Voucher:
        """Save, submit and audit one balanced voucher; the ledger is asked for the key first."""
        return await self._books.book(sale)

    @activity.defn(name="voucher.reverse")
    async def reverse(self, reversal: Reversal) -> Voucher:
        """Book what was refunded against the sale: a red voucher, balanced, once for each key."""
        return await self._books.reverse(reversal)
