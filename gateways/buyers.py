"""Who may not order for a while, by whose word, and why.

What is done to a buyer is written into ``buyer_act`` in the same transaction, once: a deed that is
told again after a lost answer changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from domain.clock import utc_now
from domain.freeze import GUARD
from domain.hands import Hand
from domain.risk import Standing
from gateways.database import READING
from gateways.tables import BUYER_ACTS, BUYERS
from gateways.transaction import patient


class Act(StrEnum):
    """What is written down about a buyer; 16 letters at most."""

    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    LAPSE = "lapse"  # a half-open freeze that nobody confirmed in time
    CONFIRM = "confirm"
    LOOK = "look"  # somebody looked at the past orders
    DRY_RUN = "dry_run"  # the guard would have frozen the buyer
    CARD = "card"  # the risk officers have their card


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A buyer who may not order now."""

    buyer_key: str
    until: datetime
    reason: str
    by: str
    at: datetime


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
    def frozen(self) -> list[Frozen]:
        """Tell every buyer who is frozen now, the latest first."""
        query = select(
            BUYERS.c.buyer_key,
            BUYERS.c.frozen_until.label("until"),
            BUYERS.c.reason,
            BUYERS.c.by,
            BUYERS.c.at,
        )
        now = query.where(BUYERS.c.frozen_until > self._now()).order_by(BUYERS.c.at.desc())
        with self._reading.begin() as connection:
            return [Frozen(**row) for row in connection.execute(now).mappings()]

    @patient("hub")
    def freeze(self, buyer_key: str, until: datetime, reason: str, by: str) -> None:
        """Let a buyer order nothing until then; the last word counts."""
        with self._engine.begin() as connection:
            self._freeze(connection, _known(connection, buyer_key), buyer_key, until, reason, by)

    @patient("hub")
    def trip(self, buyer_key: str, until: datetime, reason: str) -> None:
        """Freeze a buyer by the guard's word, which never shortens what a person has said."""
        with self._engine.begin() as connection:
            known = _known(connection, buyer_key)
            if known is None or known["frozen_until"] < until:
                self._freeze(connection, known, buyer_key, until, reason, GUARD)

    @patient("hub")
    def unfreeze(self, buyer_key: str, reason: str, by: str) -> None:
        """Let a buyer order again; who said so stays on record."""
        with self._engine.begin() as connection:
            self._let_go(connection, buyer_key, Act.UNFREEZE, reason, by)

    @patient("hub")
    def lapse(self, buyer_key: str, reason: str) -> None:
        """Take the guard's own freeze back; what a person has said since stands."""
        with self._engine.begin() as connection:
            known = _known(connection, buyer_key)
            if known is not None and known["by"] == GUARD:
                self._let_go(connection, buyer_key, Act.LAPSE, reason, GUARD)

    @patient("hub")
    def note(self, buyer_key: str, act: Act, until: datetime, reason: str, by: str) -> None:
        """Write down, once, what changes nothing about the freeze that lasts until then."""
        with self._engine.begin() as connection:
            same = _noted(buyer_key, act, until).where(BUYER_ACTS.c.by == by)
            if connection.execute(same).first() is None:
                self._act(connection, buyer_key, act, until, reason, by)

    @patient("hub")
    def noted(self, buyer_key: str, act: Act, until: datetime) -> bool:
        """Tell whether it was written down."""
        with self._reading.begin() as connection:
            return connection.execute(_noted(buyer_key, act, until)).first() is not None

    # The guard's own notes.

    def watched(self, buyer_key: str, until: datetime, reason: str) -> None:
        """Note whom a dry run would have frozen."""
        self.note(buyer_key, Act.DRY_RUN, until, reason, GUARD)

    def confirmed(self, buyer_key: str, until: datetime, hand: Hand) -> None:
        """Note that a person stands by a freeze."""
        self.note(buyer_key, Act.CONFIRM, until, hand.reason, hand.by)

    def has_card(self, buyer_key: str, until: datetime) -> bool:
        """Tell whether the officers have their card about the freeze that lasts until then."""
        return self.noted(buyer_key, Act.CARD, until)

    def card_sent(self, buyer_key: str, until: datetime) -> None:
        """Note that they have it."""
        self.note(buyer_key, Act.CARD, until, "已发风控卡片", GUARD)

    def _freeze(
        self,
        connection: Connection,
        known: dict[str, Any] | None,
        buyer_key: str,
        until: datetime,
        reason: str,
        by: str,
    ) -> None:
        word: dict[str, Any] = {"frozen_until": until, "reason": reason, "by": by}
        if known is not None and word.items() <= known.items():
            return  # told again
        row = {**word, "at": self._now()}
        if known is None:
            connection.execute(insert(BUYERS).values(buyer_key=buyer_key, **row))
        else:
            connection.execute(_row(buyer_key).values(row))
        self._act(connection, buyer_key, Act.FREEZE, until, reason, by)

    def _let_go(
        self, connection: Connection, buyer_key: str, act: Act, reason: str, by: str
    ) -> None:
        known, now = _known(connection, buyer_key), self._now()
        if known is None or known["frozen_until"] <= now:
            return  # free already
        row = {"frozen_until": now, "reason": reason, "by": by, "at": now}
        connection.execute(_row(buyer_key).values(row))
        self._act(connection, buyer_key, act, known["frozen_until"], reason, by)

    def _act(
        self,
        connection: Connection,
        buyer_key: str,
        act: Act,
        until: datetime,
        reason: str,
        by: str,
    ) -> None:
        row = {"act": act.value, "until": until, "reason": reason, "by": by, "at": self._now()}
        connection.execute(insert(BUYER_ACTS).values(buyer_key=buyer_key, **row))


def _known(connection: Connection, buyer_key: str) -> dict[str, Any] | None:
    """Tell a buyer's row, and let nobody else change it meanwhile."""
    query = select(BUYERS).where(BUYERS.c.buyer_key == buyer_key).with_for_update()
    row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def _row(buyer_key: str) -> Any:  # noqa: ANN401 - SQLAlchemy's update
    return update(BUYERS).where(BUYERS.c.buyer_key == buyer_key)


def _noted(buyer_key: str, act: Act, until: datetime) -> Any:  # noqa: ANN401 - SQLAlchemy's select
    acts = BUYER_ACTS.c
    return select(acts.id).where(
        acts.buyer_key == buyer_key, acts.act == act.value, acts.until == until
    )
