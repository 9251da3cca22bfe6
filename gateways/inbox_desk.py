"""What people see of the inbox, and what they may do with a push: hand it on again, or drop it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, delete, desc, exists, select, update

from domain.clock import utc_now
from domain.errors import HubError
from domain.events import Push
from domain.hands import Hand
from gateways.database import READING, writable
from gateways.inbox import AGAIN
from gateways.inbox_rows import push_of
from gateways.tables import INBOX, INBOX_ALERTS, InboxState
from gateways.transaction import patient

SETTLED = (InboxState.DONE, InboxState.PARKED, InboxState.EARLY, InboxState.DROPPED)
OPEN = (InboxState.PARKED, InboxState.EARLY)
SHOWN = (
    "id", "door", "event_key", "state", "order_id", "fault_path", "fault_reason", "attempts",
    "received_at", "settled_at", "settled_by", "settled_why",
)  # fmt: skip # one line for what it is, one for what became of it
NAME_ROOM = 64
PROOFS = ("sign", "token", "secret", "digest", "authorization", "cookie")


class NoSuchPush(HubError):
    """Nobody has pushed that."""

    def __init__(self, push_id: int) -> None:
        super().__init__(f"收件箱里没有 {push_id}:请用 lifeline inbox list 查看编号")


class NotNow(HubError):
    """The push stands where this can not be done to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A push as people see it in a list, without what is in it.

    Attributes:
        key: Its name; the same for a redelivery.
        fault_path: The field that is wrong, when one is.
        settled_by: Who handed it on again or dropped it, and why, if a person ever did.
    """

    id: int
    door: str
    key: str
    state: InboxState
    order_id: str | None
    fault_path: str | None
    fault_reason: str | None
    attempts: int
    received_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settled_why: str | None


class InboxDesk:
    """Where people look at pushes."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._now = now

    @patient("hub")
    def entries(
        self,
        *,
        state: InboxState | None = None,
        door: str | None = None,
        path: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Entry]:
        """Tell the newest pushes first; ``before`` is the id where the last page ended."""
        wanted = {INBOX.c.state: state, INBOX.c.door: door, INBOX.c.fault_path: path}
        query = _entries(*(column == value for column, value in wanted.items() if value))
        if before is not None:
            query = query.where(INBOX.c.id < before)
        with self._reading.begin() as connection:
            rows = connection.execute(query.order_by(desc(INBOX.c.id)).limit(limit))
            return [Entry(**row) for row in rows.mappings()]

    @patient("hub")
    def entry(self, push_id: int) -> Entry:
        """Tell one push; ``NoSuchPush`` when there is none."""
        with self._reading.begin() as connection:
            row = connection.execute(_entries(INBOX.c.id == push_id)).mappings().first()
        if row is None:
            raise NoSuchPush(push_id)
        return Entry(**row)

    @patient("hub")
    def content(self, push_id: int) -> Push:
        """Tell a push as it came, signatures and buyers included."""
        with self._reading.begin() as connection:
            row = connection.execute(select(INBOX).where(INBOX.c.id == push_id)).first()
        if row is None:
            raise NoSuchPush(push_id)
        return push_of(row)

    def replay(self, push_id: int, hand: Hand) -> None:
        """Hand a push on once more.

        Raises:
            NoSuchPush: there is none under this id.
            NotNow: it is being handed on anyway.
        """
        self._settle(push_id, SETTLED, AGAIN, hand)

    def drop(self, push_id: int, hand: Hand) -> None:
        """Say that a push means nothing; it stays where it is and is handed on no more.

        Raises:
            NoSuchPush: there is none under this id.
            NotNow: it is done, or on its way.
        """
        dropped = {"state": InboxState.DROPPED, "settled_at": self._now()}
        self._settle(push_id, OPEN, dropped, hand)

    @patient("hub")
    def parked_ids(self, door: str, path: str | None = None) -> list[int]:
        """Tell which pushes of a door wait for a person: all, or those with one field wrong."""
        query = select(INBOX.c.id).where(INBOX.c.state == InboxState.PARKED, INBOX.c.door == door)
        if path is not None:
            query = query.where(INBOX.c.fault_path == path)
        with self._reading.begin() as connection:
            return list(connection.execute(query.order_by(INBOX.c.id)).scalars())

    def replay_parked(self, door: str, path: str, hand: Hand) -> int:
        """Hand on once more all that is parked of one kind; tell how many that were."""
        kind = (INBOX.c.state == InboxState.PARKED, INBOX.c.door == door)
        return self._put((*kind, INBOX.c.fault_path == path), AGAIN, hand)

    def _settle(
        self,
        push_id: int,
        allowed: Collection[InboxState],
        values: dict[str, Any],
        hand: Hand,
    ) -> None:
        if self._put((INBOX.c.id == push_id, INBOX.c.state.in_(allowed)), values, hand) == 0:
            raise NotNow(_why_not(self.entry(push_id).state))

    @patient("hub")
    def _put(
        self, which: tuple[ColumnElement[bool], ...], values: dict[str, Any], hand: Hand
    ) -> int:
        record = {
            "settled_by": writable(hand.by)[:NAME_ROOM],
            "settled_why": writable(hand.reason),
        }
        with self._engine.begin() as connection:
            done = connection.execute(update(INBOX).where(*which).values(**values, **record))
            connection.execute(_forget_cleared())
        return done.rowcount


def without_proofs(push: Push) -> Push:
    """Leave out what proves a push, or lets one in: it is nobody's to read."""
    return replace(push, path="", headers=_harmless(push.headers), query=_harmless(push.query))


def _harmless(said: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in said.items()
        if not any(proof in name.lower() for proof in PROOFS)
    }


def _entries(*wanted: ColumnElement[bool]) -> Select[Any]:
    columns = (INBOX.c[name].label(name.replace("event_key", "key")) for name in SHOWN)
    return select(*columns).where(*wanted)


def _forget_cleared() -> Any:  # noqa: ANN401 - SQLAlchemy's own type has the dialect in it
    """Forget that people were called about a kind of which nothing is parked any more."""
    parked = exists().where(
        INBOX.c.state == InboxState.PARKED,
        INBOX.c.door == INBOX_ALERTS.c.door,
        INBOX.c.fault_path == INBOX_ALERTS.c.fault_path,
    )
    return delete(INBOX_ALERTS).where(~parked)


def _why_not(state: InboxState) -> str:
    if state is InboxState.NEW:
        return "这条推送正在等待处理,不必操作:稍后再看结果"
    if state is InboxState.DONE:
        return "这条推送已处理完,不能忽略;需要再处理一次请用重放"
    return "这条推送已被忽略;需要恢复请用重放"
