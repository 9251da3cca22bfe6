"""Keeps labels: the picture for people, the ZPL for the printer, and whether it is on paper."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.clock import utc_now
from domain.order import OrderId
from gateways.database import READING
from gateways.tables import LabelRow


class LabelStore:
    """Labels by parcel key, in the hub's own database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)

    def keep(self, parcel_key: str, waybill: str, png: bytes, zpl: str, printer: str) -> None:
        """Keep a drawn label; one for another waybill takes the place of the old."""
        row = LabelRow(
            parcel_key=parcel_key,
            waybill=waybill,
            png=png,
            zpl=zpl,
            printer=printer,
            drawn_at=utc_now(),
        )
        with Session(self._engine) as session:
            session.merge(row)
            session.commit()

    def find(self, parcel_key: str) -> LabelRow | None:
        """Look a label up."""
        with Session(self._reading, expire_on_commit=False) as session:
            return session.get(LabelRow, parcel_key)

    def printed(self, parcel_key: str, at: datetime) -> None:
        """Write down that a label is on paper; the first time counts.

        Raises:
            KeyError: no label is kept under this key.
        """
        with Session(self._engine) as session:
            row = session.get(LabelRow, parcel_key)
            if row is None:
                raise KeyError(parcel_key)
            row.printed_at = row.printed_at or at
            session.add(row)
            session.commit()

    def png(self, parcel_key: str) -> bytes | None:
        """Tell a label's picture."""
        row = self.find(parcel_key)
        return None if row is None else row.png

    def of_order(self, order_id: OrderId) -> list[LabelRow]:
        """Tell an order's labels, by parcel."""
        query = (
            select(LabelRow)
            .where(col(LabelRow.parcel_key).startswith(f"{order_id}/", autoescape=True))
            .order_by(col(LabelRow.drawn_at), col(LabelRow.parcel_key))
        )
        with Session(self._reading, expire_on_commit=False) as session:
            return list(session.exec(query))


class Pictures(Protocol):
    """Whoever keeps the labels of orders."""

    def of_order(self, order_id: OrderId) -> list[LabelRow]: ...


def write_png(store: Pictures, order_id: OrderId, folder: Path) -> list[Path]:
    """Write the pictures of an order's labels into ``folder``, and tell where they are.

    The files are named after parcel and waybill: ``miniprogram-2026-1_SF123.png``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for row in store.of_order(order_id):
        path = folder / f"{row.parcel_key.replace('/', '-')}_{row.waybill}.png"
        path.write_bytes(row.png)
        written.append(path)
    return written
