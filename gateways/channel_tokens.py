"""Channels' access tokens, sealed in the hub's database, so that a restart asks for no new one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from domain.clock import utc_now
from gateways.database import READING
from gateways.key_ring import KeyRing
from gateways.tables import CHANNEL_TOKENS
from gateways.transaction import patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What lets us ask a channel until it lapses."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


class ChannelTokens:
    """Keeps one token for each channel."""

    def __init__(
        self, engine: Engine, keys: KeyRing, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**READING)
        self._keys = keys
        self._now = now

    @patient("hub")
    def get(self, channel: str) -> Token | None:
        """Tell a channel's token, also one that has lapsed: it may still be refreshed."""
        query = select(CHANNEL_TOKENS).where(CHANNEL_TOKENS.c.channel == channel)
        with self._reading.begin() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        access, refresh = json.loads(self._keys.open(row.sealed))
        return Token(access=access, refresh=refresh, expires_at=row.expires_at)

    @patient("hub")
    def put(self, channel: str, token: Token) -> None:
        """Keep a token in place of the one before."""
        sealed = self._keys.seal(json.dumps([token.access, token.refresh]).encode())
        row = {"channel": channel, "sealed": sealed, "expires_at": token.expires_at}
        with self._engine.begin() as connection:
            connection.execute(delete(CHANNEL_TOKENS).where(CHANNEL_TOKENS.c.channel == channel))
            connection.execute(insert(CHANNEL_TOKENS).values(row))
