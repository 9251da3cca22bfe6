"""The order book: which orders have a life here, and which parcel each waybill belongs to.

The engine forgets a closed order after its retention period; the order book never does, so a push
that comes again after a year still meets its order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, desc, insert, or_, select, update

from domain.clock import utc_now
from domain.order import OrderId
from gateways.database import READING
from gateways.tables import ALLOCATIONS, ORDERS
from gateways.transaction import inserted, patient


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedOrder:
    """One line of the book; ``opened_at`` is ``None`` until its workflow was started."""

    order_id: OrderId
    channel: str
    number: str
    received_at: datetime
    opened_at: datetime | None


class OrderBook:
    """Remembers orders and allocations for ever."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now

    @patient("hub")
    def enter(self, order_id: OrderId, channel: str, number: str, received_at: datetime) -> bool:
        """Write an order down, once for ever; ``False`` when it was written down before."""
        row = insert(ORDERS).values(
            order_id=order_id, channel=channel, number=number, received_at=received_at
        )
        return inserted(self._engine, row)

    @patient("hub")
    def opened(self, order_id: OrderId, at: datetime) -> None:
        """Note when the order's workflow was started; the first time counts."""
        first = update(ORDERS).where(ORDERS.c.order_id == order_id, ORDERS.c.opened_at.is_(None))
        with self._engine.begin() as connection:
            connection.execute(first.values(opened_at=at))

    def knows(self, order_id: OrderId) -> bool:
        """Tell whether the order was ever written down."""
        return bool(self._orders(_book(ORDERS.c.order_id == order_id)))

    def recent(self, limit: int) -> list[BookedOrder]:
        """Tell the latest orders, newest first."""
        newest = (desc(ORDERS.c.received_at), desc(ORDERS.c.order_id))
        return self._orders(_book().order_by(*newest).limit(limit))

    def by_number(self, text: str) -> list[BookedOrder]:
        """Find orders by the channel's number or by our id; two channels may share a number."""
        wanted = or_(ORDERS.c.number == text, ORDERS.c.order_id == text)
        return self._orders(_book(wanted).order_by(ORDERS.c.order_id))

    @patient("hub")
    def allot(self, carrier: str, waybill: str, parcel_key: str) -> None:
        """Note that a waybill number moves this parcel.

        Carriers use their numbers again after a year or so: the latest parcel counts.
        """
        moves = {
            "parcel_key": parcel_key,
            "order_id": parcel_key.rpartition("/")[0],
            "at": self._now(),
        }
        row = insert(ALLOCATIONS).values(carrier=carrier, waybill=waybill, **moves)
        if not inserted(self._engine, row):
            self._allot_again(carrier, waybill, moves)

    @patient("hub")
    def parcel_of(self, carrier: str | None, waybill: str) -> str | None:
        """Tell the key of the parcel that a waybill moves.

        Without a carrier the number alone must say it; when two carriers have given the same
        number to different parcels, nobody guesses and the answer is ``None``.
        """
        query = select(ALLOCATIONS.c.parcel_key).where(ALLOCATIONS.c.waybill == waybill)
        if carrier is not None:
            query = query.where(ALLOCATIONS.c.carrier == carrier)
        with self._reading.begin() as connection:
            keys = set(connection.execute(query).scalars())
        return keys.pop() if len(keys) == 1 else None

    @patient("hub")
    def _orders(self, query: Select[Any]) -> list[BookedOrder]:
        with self._reading.begin() as connection:
            return [BookedOrder(**row) for row in connection.execute(query).mappings()]

    def _allot_again(self, carrier: str, waybill: str, moves: dict[str, object]) -> None:
        same = (ALLOCATIONS.c.carrier == carrier, ALLOCATIONS.c.waybill == waybill)
        other = ALLOCATIONS.c.parcel_key != moves["parcel_key"]
        with self._engine.begin() as connection:
            connection.execute(update(ALLOCATIONS).where(*same, other).values(moves))


def _book(*wanted: ColumnElement[bool]) -> Select[Any]:
    return select(ORDERS).where(*wanted)
