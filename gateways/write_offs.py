"""What was written off, kept for ever: which goods, how much, by whose word, and why."""

import json
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Engine, desc, insert, select
from sqlalchemy.exc import IntegrityError

from domain.order import OrderId
from domain.ruling import WriteOff
from gateways.database import READING
from gateways.tables import WRITE_OFFS
from gateways.transaction import patient

LONGEST_NAME = 64  # what the column holds


class WriteOffBook:
    """The record of write-offs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)

    @patient("hub")
    def keep(self, write_off: WriteOff) -> None:
        """Keep a write-off, once for each order and subject: the first word stands.

        Raises:
            GatewayBusy: the database does not answer.
        """
        row = {
            "order_id": write_off.order_id,
            "subject": write_off.subject,
            "line_nos": json.dumps(write_off.line_nos),
            "amount_fen": write_off.amount_fen,
            "by": write_off.by[:LONGEST_NAME],
            "reason": write_off.reason,
            "at": write_off.at,
        }
        with suppress(IntegrityError), self._engine.begin() as connection:
            connection.execute(insert(WRITE_OFFS), row)

    @patient("hub")
    def since(self, at: datetime) -> list[WriteOff]:
        """Tell what was written off since then, the latest first.

        Raises:
            GatewayBusy: the database does not answer.
        """
        query = select(WRITE_OFFS).where(WRITE_OFFS.c.at >= at).order_by(desc(WRITE_OFFS.c.at))
        with self._reading.begin() as connection:
            return [
                WriteOff(
                    order_id=OrderId(row.order_id),
                    subject=row.subject,
                    line_nos=tuple(json.loads(row.line_nos)),
                    amount_fen=row.amount_fen,
                    by=row.by,
                    reason=row.reason,
                    at=row.at,
                )
                for row in connection.execute(query)
            ]
