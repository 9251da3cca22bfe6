"""Who may not order for a while, by whose word, and why."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, insert, select, update

from domain.clock import utc_now
from domain.risk import Standing
from gateways.database import READING
from gateways.tables import BUYERS
from gateways.transaction import inserted, patient


class BuyerBook:
    """The hub's record of buyers. A buyer is known by a keyed hash, never by a phone number."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now

    @patient("hub")
    def standing(self, buyer_key: str) -> Standing:
        """Tell a buyer's standing; one whom nobody knows, and one whose freeze is over, may order.

        Raises:
            GatewayBusy: the database does not answer.
        """
        query = select(BUYERS.c.frozen_until, BUYERS.c.reason).where(
            BUYERS.c.buyer_key == buyer_key, BUYERS.c.frozen_until > self._now()
        )
        with self._reading.begin() as connection:
            row = connection.execute(query).first()
        if row is None:
            return Standing(frozen_until=None)
        return Standing(frozen_until=row.frozen_until, reason=row.reason)

    @patient("hub")
    def freeze(self, buyer_key: str, until: datetime, reason: str, by: str) -> None:
        """Let a buyer order nothing until then; the last word counts."""
        word = {"frozen_until": until, "reason": reason, "by": by, "at": self._now()}
        if not inserted(self._engine, insert(BUYERS).values(buyer_key=buyer_key, **word)):
            self._change(buyer_key, word)

    @patient("hub")
    def unfreeze(self, buyer_key: str, reason: str, by: str) -> None:
        """Let a buyer order again; who said so stays on record."""
        now = self._now()
        word: dict[str, object] = {"frozen_until": now, "reason": reason, "by": by, "at": now}
        self._change(buyer_key, word)

    def _change(self, buyer_key: str, word: dict[str, object]) -> None:
        known = update(BUYERS).where(BUYERS.c.buyer_key == buyer_key)
        with self._engine.begin() as connection:
            connection.execute(known.values(word))
