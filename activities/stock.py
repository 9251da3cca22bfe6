"""Durable steps against the stock: lock it, take it off the shelf, give it back."""

from typing import Protocol

from temporalio import activity

from domain.comeback import Receipt
from domain.parcel import Parcel
from domain.stock import StockAnswer


class Stock(Protocol):
    """What these steps need from the stock.

    The parcel's key is the lock's key. Each call is safe to repeat and to run for nothing:
    a second lock finds the first, and what was released is never locked again under its key.
    """

    def lock(self, parcel: Parcel) -> StockAnswer: ...
    def ship(self, parcel: Parcel) -> None: ...
    def release(self, parcel: Parcel) -> None: ...
    def put_back(self, receipt: Receipt) -> None: ...


class StockActivities:
    """Locks stock for a parcel, takes it off the shelf, gives it back."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock

    @activity.defn(name="stock.lock")
    def lock(self, parcel: Parcel) -> StockAnswer:
        """Lock every line of the parcel, or none, in one transaction."""
        return self._stock.lock(parcel)

    @activity.defn(name="stock.ship")
    def ship(self, parcel: Parcel) -> None:
        """Take the locked goods off the books; they have left the warehouse."""
        self._stock.ship(parcel)

    @activity.defn(name="stock.release")
    def release(self, parcel: Parcel) -> None:
        """Give the lock back; releasing what is not locked succeeds and bars a late lock."""
        self._stock.release(parcel)

    @activity.defn(name="stock.put_back")
    def put_back(self, receipt: Receipt) -> None:
        """Put what a warehouse received back on its books, once for each return order."""
        self._stock.put_back(receipt)
