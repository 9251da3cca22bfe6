"""What was done to buyers, kept for ever: who, when, why. ``BuyerBook`` writes it down."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, desc, select

from gateways.database import READING
from gateways.tables import BUYER_ACTS
from gateways.transaction import patient

SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerAct:
    """One act; ``until`` is the end of the freeze that it is about."""

    act: str
    until: datetime | None
    reason: str
    by: str
    at: datetime


class BuyerActs:
    """The record of acts, for reading."""

    def __init__(self, engine: Engine) -> None:
        self._reading = engine.execution_options(**READING)

    @patient("hub")
    def of(self, buyer_key: str) -> list[BuyerAct]:
        """Tell a buyer's latest acts, the last one first.

        Raises:
            GatewayBusy: the database does not answer.
        """
        acts = BUYER_ACTS.c
        query = (
            select(acts.act, acts.until, acts.reason, acts.by, acts.at)
            .where(acts.buyer_key == buyer_key)
            .order_by(desc(acts.id))
            .limit(SHOWN)
        )
        with self._reading.begin() as connection:
            return [BuyerAct(**row) for row in connection.execute(query).mappings()]
