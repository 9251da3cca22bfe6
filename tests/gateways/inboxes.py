"""An inbox on each database, the desk beside it, and a clock that a test moves."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from domain.events import Push
from domain.order import OrderId
from gateways.inbox import Inbox
from gateways.inbox_desk import InboxDesk
from gateways.order_book import OrderBook

AN_ORDER = OrderId("miniprogram/A1")
NOON = datetime(2026, 2, 6, 12, 0, 0, 123456, tzinfo=UTC)
A_PUSH = Push(
    path="/hooks/sf/x",
    headers={"content-type": "application/json", "x-who": "顺丰"},
    query={"sign": "a=b&c"},
    body=b'{"n": "\xe6\x9d\xad\xe5\xb7\x9e"}\x00\xff',
    received_at=NOON,
)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(hub: Engine, clock: Callable[[], datetime]) -> Inbox:
    return Inbox(hub, clock)


@pytest.fixture
def desk(hub: Engine, clock: Callable[[], datetime]) -> InboxDesk:
    return InboxDesk(hub, clock)


@pytest.fixture
def book(hub: Engine) -> OrderBook:
    return OrderBook(hub)
