"""What becomes of a push once it was tried, and how that is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from domain.order import OrderId
from gateways.inbox import Inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A push that was handed on, and the order it was about, if it was about one."""

    push_id: int
    order_id: OrderId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A push that waits for a person."""

    push_id: int
    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """A push that waits for its order."""

    push_id: int
    order_id: OrderId
    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """A push that waits for a partner that does not answer now."""

    push_id: int
    pause: timedelta


Settlement = Done | Parked | Early | Postponed


def settle(inbox: Inbox, settlements: Sequence[Settlement]) -> None:
    """Write down what became of these pushes; all that are done in one commit."""
    done = {each.push_id: each.order_id for each in settlements if isinstance(each, Done)}
    if done:
        inbox.done_all(done)
    for each in settlements:
        match each:
            case Done():
                pass
            case Parked(push_id=push_id, path=path, reason=reason):
                inbox.park(push_id, path, reason)
            case Early(push_id=push_id, order_id=order_id, path=path, reason=reason):
                inbox.early(push_id, order_id, path, reason)
            case Postponed(push_id=push_id, pause=pause):
                inbox.postpone(push_id, pause)
            case _:
                assert_never(each)
