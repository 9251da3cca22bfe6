"""The order book: which orders have a life here, and which parcel each waybill belongs to.

The engine forgets a closed order after its retention period; the order book never does, so a push
that comes again after a year still meets its order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, desc, insert, or_, select, update

from domain.acceptance import Acceptance, Decision
from domain.clock import utc_now
from domain.number_book import NumberBook
from domain.order import OrderId
from gateways.database import READING
from gateways.order_rows import OURS, SHOWN, BookedOrder, Sight
from gateways.tables import ALLOCATIONS, ORDERS
from gateways.transaction import inserted, patient
from rulebook.waybills import standard_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A waybill number, as its carrier gave it, and the parcel of ours that it moves."""

    carrier: str
    waybill: str
    parcel_key: str
    order_id: OrderId
    at: datetime


class OrderBook:
    """Remembers orders and allocations for ever; ``numbers`` knows how waybills are dressed."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime] = utc_now,
        numbers: NumberBook | None = None,
    ) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now
        self._numbers = numbers or standard_numbers()

    @patient("hub")
    def enter(
        self,
        order_id: OrderId,
        channel: str,
        number: str,
        received_at: datetime,
        seen: tuple[str, datetime] | None = None,
        buyer_key: str | None = None,
    ) -> bool:
        """Write an order down, once for ever; ``False`` when it was written down before.

        ``seen`` is what its channel shows of it, as ``saw`` notes it.
        """
        mark, at = seen or (None, None)
        row = insert(ORDERS).values(
            order_id=order_id,
            channel=channel,
            number=number,
            received_at=received_at,
            seen=mark,
            seen_at=at,
            buyer_key=buyer_key,
        )
        is_new = inserted(self._engine, row)
        if not is_new and buyer_key is not None:
            self._met_buyer(order_id, buyer_key)
        return is_new

    @patient("hub")
    def buyer_of(self, order_id: OrderId) -> str | None:
        """Tell whose order it is; ``None`` when that was never written down."""
        query = select(ORDERS.c.buyer_key).where(ORDERS.c.order_id == order_id)
        with self._reading.begin() as connection:
            return connection.execute(query).scalar()

    def of_buyer(self, buyer_key: str, limit: int) -> list[BookedOrder]:
        """Tell a buyer's latest orders, newest first."""
        newest = (desc(ORDERS.c.received_at), desc(ORDERS.c.order_id))
        theirs = _book(OURS, ORDERS.c.buyer_key == buyer_key)
        return self._orders(theirs.order_by(*newest).limit(limit))

    @patient("hub")
    def opened(self, order_id: OrderId, at: datetime) -> None:
        """Note when the order's workflow was started; the first time counts."""
        first = update(ORDERS).where(ORDERS.c.order_id == order_id, ORDERS.c.opened_at.is_(None))
        with self._engine.begin() as connection:
            connection.execute(first.values(opened_at=at))

    @patient("hub")
    def sight(self, order_id: OrderId) -> Sight | None:
        """Tell what is known of an order; ``None`` when it was never written down."""
        query = select(ORDERS.c.opened_at, ORDERS.c.seen, ORDERS.c.seen_at)
        with self._reading.begin() as connection:
            row = connection.execute(query.where(ORDERS.c.order_id == order_id)).mappings().first()
        return None if row is None else Sight(**row)

    @patient("hub")
    def saw(self, order_id: OrderId, seen: str, at: datetime) -> None:
        """Note what the channel showed of an order; what is older than the last sight is left."""
        known = or_(ORDERS.c.seen_at.is_(None), ORDERS.c.seen_at <= at)
        newer = update(ORDERS).where(ORDERS.c.order_id == order_id, known)
        with self._engine.begin() as connection:
            connection.execute(newer.values(seen=seen, seen_at=at))

    @patient("hub")
    def saw_end(self, order_id: OrderId, seen: str, at: datetime) -> bool:
        """Write down that an order came to its end at the channel before it could begin here.

        ``False`` when it was written down before: it may have begun after all.
        """
        channel, _, number = order_id.partition("/")
        row = insert(ORDERS).values(
            order_id=order_id,
            channel=channel,
            number=number,
            received_at=self._now(),
            seen=seen,
            seen_at=at,
        )
        return inserted(self._engine, row)

    @patient("hub")
    def decided(self, order_id: OrderId, decision: Decision) -> None:
        """Remember what an order's opener was answered; the first answer stands."""
        first = update(ORDERS).where(ORDERS.c.order_id == order_id, ORDERS.c.acceptance.is_(None))
        with self._engine.begin() as connection:
            connection.execute(
                first.values(acceptance=decision.acceptance, acceptance_reason=decision.reason)
            )

    @patient("hub")
    def decision(self, order_id: OrderId) -> Decision | None:
        """Tell what an order's opener was answered, if anything yet."""
        query = select(ORDERS.c.acceptance, ORDERS.c.acceptance_reason)
        with self._reading.begin() as connection:
            row = connection.execute(query.where(ORDERS.c.order_id == order_id)).first()
        if row is None or row.acceptance is None:
            return None
        return Decision(acceptance=Acceptance(row.acceptance), reason=row.acceptance_reason or "")

    def recent(self, limit: int) -> list[BookedOrder]:
        """Tell the latest orders, newest first."""
        newest = (desc(ORDERS.c.received_at), desc(ORDERS.c.order_id))
        return self._orders(_book(OURS).order_by(*newest).limit(limit))

    def by_number(self, text: str) -> list[BookedOrder]:
        """Find orders by the channel's number or by our id; two channels may share a number."""
        wanted = or_(ORDERS.c.number == text, ORDERS.c.order_id == text)
        return self._orders(_book(OURS, wanted).order_by(ORDERS.c.order_id))

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

    def parcel_of(self, carrier: str | None, waybill: str) -> str | None:
        """Tell the key of the parcel that a waybill moves.

        Without a carrier the number alone must say it; when two carriers have given the same
        number to different parcels, nobody guesses and the answer is ``None``.
        """
        keys = {each.parcel_key for each in self.allocations_of(carrier, waybill)}
        return keys.pop() if len(keys) == 1 else None

    @patient("hub")
    def allocations_of(self, carrier: str | None, waybill: str) -> list[Allocation]:
        """Tell which of our parcels a number can mean: as it came, and only then undressed."""
        told = (ALLOCATIONS.c.carrier == carrier,) if carrier is not None else ()
        found = self._allocations(ALLOCATIONS.c.waybill == waybill, *told)
        return found or self._undressed(carrier, waybill)

    @patient("hub")
    def _orders(self, query: Select[Any]) -> list[BookedOrder]:
        with self._reading.begin() as connection:
            return [BookedOrder(**row) for row in connection.execute(query).mappings()]

    def _met_buyer(self, order_id: OrderId, buyer_key: str) -> None:
        """Note the buyer of an order that was first written down without one."""
        unknown = (ORDERS.c.order_id == order_id, ORDERS.c.buyer_key.is_(None))
        with self._engine.begin() as connection:
            connection.execute(update(ORDERS).where(*unknown).values(buyer_key=buyer_key))

    def _undressed(self, carrier: str | None, waybill: str) -> list[Allocation]:
        spellings = self._numbers.spellings(waybill, carrier)
        numbers = {spelling.number for spelling in spellings}
        return [
            each
            for each in self._allocations(ALLOCATIONS.c.waybill.in_(numbers))
            if any(spelling.meets(each.carrier, each.waybill) for spelling in spellings)
        ]

    def _allocations(self, *wanted: ColumnElement[bool]) -> list[Allocation]:
        query = select(ALLOCATIONS).where(*wanted).order_by(ALLOCATIONS.c.at)
        with self._reading.begin() as connection:
            return [Allocation(**row) for row in connection.execute(query).mappings()]

    def _allot_again(self, carrier: str, waybill: str, moves: dict[str, object]) -> None:
        same = (ALLOCATIONS.c.carrier == carrier, ALLOCATIONS.c.waybill == waybill)
        other = ALLOCATIONS.c.parcel_key != moves["parcel_key"]
        with self._engine.begin() as connection:
            connection.execute(update(ALLOCATIONS).where(*same, other).values(moves))


def _book(*wanted: ColumnElement[bool]) -> Select[Any]:
    return select(*(ORDERS.c[name] for name in SHOWN)).where(*wanted)
