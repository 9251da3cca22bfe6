"""The tables of the hub's own database: inbox, orders, allocations, labels, buyers, channels.

They are made and changed by ``infra/migrations/hub`` only. The same definitions serve SQLite and
MySQL: strings state their length (MySQL indexes 3072 bytes), times go in and come out as aware
UTC datetimes, and keys compare byte by byte on both (``utf8mb4_bin``).
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    Integer,
    LargeBinary,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMBLOB, MEDIUMTEXT
from sqlmodel import Field, SQLModel

ON_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

LONG_KEY = 190  # an event key; with its door it stays well inside an index
ORDER_ID = 100
PARCEL_KEY = 110  # an order id, "/" and the parcel's number
WAYBILL = 64


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime with microseconds; a naive one is refused, not guessed."""

    impl = DateTime().with_variant(DATETIME(fsp=6), "mysql")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Tell the database the UTC wall time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Say of what the database tells that it is UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def _as_text(states: type[StrEnum]) -> Enum:
    """Keep a state as its own word, readable in any SQL shell; 16 letters leave room for more."""
    return Enum(states, native_enum=False, length=16, values_callable=list)


AUTO_ID = BigInteger().with_variant(Integer(), "sqlite")
BYTES = LargeBinary().with_variant(MEDIUMBLOB(), "mysql")  # 16 MB; a plain BLOB ends at 64 kB
LONG_TEXT = Text().with_variant(MEDIUMTEXT(), "mysql")


class InboxState(StrEnum):
    """Where a kept push stands."""

    NEW = "new"
    DONE = "done"
    PARKED = "parked"  # can't be translated; waits for a mended mapping or a person
    EARLY = "early"  # about an order that nobody has opened yet; goes on when it is
    DROPPED = "dropped"  # a person said that it means nothing; kept all the same


class InboxRow(SQLModel, table=True):
    """A push, kept as it came before it was answered (design 7)."""

    __tablename__ = "inbox"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("door", "event_key", name="inbox_event"),
        ON_MYSQL,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=AUTO_ID)
    door: str = Field(max_length=32)
    event_key: str = Field(max_length=LONG_KEY)
    path: str = Field(sa_type=Text)
    headers: str = Field(sa_type=Text)  # a JSON object
    query: str = Field(sa_type=Text)  # a JSON object
    body: bytes = Field(sa_type=BYTES)
    received_at: datetime = Field(sa_type=UtcDateTime)
    state: InboxState = Field(sa_type=_as_text(InboxState), index=True)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    order_id: str | None = Field(default=None, max_length=ORDER_ID)
    fault_path: str | None = Field(default=None, max_length=LONG_KEY)
    fault_reason: str | None = Field(default=None, sa_type=Text)
    attempts: int = 0
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: str | None = Field(default=None, max_length=64)  # a person, when one did it
    settled_why: str | None = Field(default=None, sa_type=Text)


class InboxAlertRow(SQLModel, table=True):
    """People were called about parked pushes of one kind: the same door, the same field."""

    __tablename__ = "inbox_alert"
    __table_args__: ClassVar[Any] = ON_MYSQL

    door: str = Field(primary_key=True, max_length=32)
    fault_path: str = Field(primary_key=True, max_length=LONG_KEY)
    rung_at: datetime = Field(sa_type=UtcDateTime)


class OrderRow(SQLModel, table=True):
    """An order that has, or is about to have, its one life here. Rows are kept for ever."""

    __tablename__ = "order_book"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("channel", "number", name="order_book_number"),
        ON_MYSQL,
    )

    order_id: str = Field(primary_key=True, max_length=ORDER_ID)
    channel: str = Field(max_length=32)
    number: str = Field(max_length=64, index=True)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # What the channel last showed of it, as a hash, and as of when: older sights are no news.
    buyer_key: str | None = Field(default=None, max_length=64, index=True)
    seen: str | None = Field(default=None, max_length=64)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # What its opener was answered, so that a second asking hears the same.
    acceptance: str | None = Field(default=None, max_length=16)
    acceptance_reason: str | None = Field(default=None, sa_type=Text)


class AllocationRow(SQLModel, table=True):
    """Which parcel a waybill number was given to, so that a carrier's push finds its order."""

    __tablename__ = "allocation"
    __table_args__: ClassVar[Any] = ON_MYSQL

    carrier: str = Field(primary_key=True, max_length=32)
    waybill: str = Field(primary_key=True, max_length=WAYBILL, index=True)
    parcel_key: str = Field(max_length=PARCEL_KEY, index=True)
    order_id: str = Field(max_length=ORDER_ID)
    at: datetime = Field(sa_type=UtcDateTime)


class LabelRow(SQLModel, table=True):
    """A drawn label, and whether it is on paper. ``png`` is what people look at."""

    __tablename__ = "label"
    __table_args__: ClassVar[Any] = ON_MYSQL

    parcel_key: str = Field(primary_key=True, max_length=PARCEL_KEY)
    waybill: str = Field(max_length=WAYBILL)
    png: bytes = Field(sa_type=BYTES)
    zpl: str = Field(sa_type=LONG_TEXT)
    printer: str = Field(max_length=64)
    drawn_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    printed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BuyerRow(SQLModel, table=True):
    """A buyer who may not order until ``frozen_until``; by whose word, and why."""

    __tablename__ = "buyer"
    __table_args__: ClassVar[Any] = ON_MYSQL

    buyer_key: str = Field(primary_key=True, max_length=64)
    frozen_until: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(sa_type=Text)
    by: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)


class BuyerActRow(SQLModel, table=True):
    """Somebody, or the guard, froze a buyer, let one go, or looked. Rows are kept for ever."""

    __tablename__ = "buyer_act"
    __table_args__: ClassVar[Any] = ON_MYSQL

    id: int | None = Field(default=None, primary_key=True, sa_type=AUTO_ID)
    buyer_key: str = Field(max_length=64, index=True)
    act: str = Field(max_length=16)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(sa_type=Text)
    by: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)


class ExceptionRow(SQLModel, table=True):
    """An open exception of one order, and who works on it; cleared ones stay for the record."""

    __tablename__ = "exception"
    __table_args__: ClassVar[Any] = ON_MYSQL

    order_id: str = Field(primary_key=True, max_length=ORDER_ID)
    step: str = Field(primary_key=True, max_length=32)
    subject: str = Field(primary_key=True, max_length=PARCEL_KEY)
    since: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    reason: str = Field(sa_type=Text)
    remedies: str = Field(sa_type=Text)  # a JSON list
    deadline: datetime = Field(sa_type=UtcDateTime, index=True)
    owner: str | None = Field(default=None, max_length=64)
    owned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    escalations: int = 0
    rung_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cleared_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class WriteOffRow(SQLModel, table=True):
    """Somebody took it upon themselves that goods are gone, and so is their money."""

    __tablename__ = "write_off"
    __table_args__: ClassVar[Any] = ON_MYSQL

    order_id: str = Field(primary_key=True, max_length=ORDER_ID)
    subject: str = Field(primary_key=True, max_length=PARCEL_KEY)
    line_nos: str = Field(sa_type=Text)  # a JSON list
    amount_fen: int
    by: str = Field(max_length=64)
    reason: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class SkuRow(SQLModel, table=True):
    """An article as packing and carrying must know it; weight and volume of one piece."""

    __tablename__ = "sku"
    __table_args__: ClassVar[Any] = ON_MYSQL

    sku: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=255)
    band: str = Field(max_length=16)
    weight_g: int
    volume_cm3: int
    price_fen: int
    made_to_order: bool = False


class ChannelActRow(SQLModel, table=True):
    """A person let a version of a channel's mapping in, or took it out. Rows are kept for ever."""

    __tablename__ = "channel_act"
    __table_args__: ClassVar[Any] = ON_MYSQL

    id: int | None = Field(default=None, primary_key=True, sa_type=AUTO_ID)
    channel: str = Field(max_length=32, index=True)
    version: str = Field(max_length=32)
    act: str = Field(max_length=16)
    digest: str = Field(max_length=64)  # of the mapping as it was then
    by: str = Field(max_length=64)
    reason: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)


class ChannelFieldRow(SQLModel, table=True):
    """A field of a channel's documents that its mapping did not know of, and how often it came."""

    __tablename__ = "channel_field"
    __table_args__: ClassVar[Any] = ON_MYSQL

    channel: str = Field(primary_key=True, max_length=32)
    version: str = Field(primary_key=True, max_length=32)
    path: str = Field(primary_key=True, max_length=LONG_KEY)
    times: int
    first_seen: datetime = Field(sa_type=UtcDateTime)
    last_seen: datetime = Field(sa_type=UtcDateTime)


class ChannelTokenRow(SQLModel, table=True):
    """The access token of a channel, sealed; whoever reads the table can not use it."""

    __tablename__ = "channel_token"
    __table_args__: ClassVar[Any] = ON_MYSQL

    channel: str = Field(primary_key=True, max_length=32)
    sealed: bytes = Field(sa_type=BYTES)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ReconciliationRow(SQLModel, table=True):
    """One look at what changed on a channel, and what the pushes had missed."""

    __tablename__ = "reconciliation"
    __table_args__: ClassVar[Any] = ON_MYSQL

    id: int | None = Field(default=None, primary_key=True, sa_type=AUTO_ID)
    channel: str = Field(max_length=32, index=True)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    found: int
    started: int
    mended: int
    parked: int
    at: datetime = Field(sa_type=UtcDateTime)


# The same tables, for stores that write SQL rather than load objects.
INBOX = SQLModel.metadata.tables["inbox"]
ORDERS = SQLModel.metadata.tables["order_book"]
ALLOCATIONS = SQLModel.metadata.tables["allocation"]
BUYERS = SQLModel.metadata.tables["buyer"]
INBOX_ALERTS = SQLModel.metadata.tables["inbox_alert"]
CHANNEL_ACTS = SQLModel.metadata.tables["channel_act"]
CHANNEL_FIELDS = SQLModel.metadata.tables["channel_field"]
CHANNEL_TOKENS = SQLModel.metadata.tables["channel_token"]
RECONCILIATIONS = SQLModel.metadata.tables["reconciliation"]
BUYER_ACTS = SQLModel.metadata.tables["buyer_act"]
EXCEPTIONS = SQLModel.metadata.tables["exception"]
WRITE_OFFS = SQLModel.metadata.tables["write_off"]
