"""What people are called about in one message, before and after it is taken on."""

from dataclasses import dataclass
from datetime import datetime

from gateways.exception_rows import OpenException


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Exceptions of one step that people are to be called about in one message.

    Attributes:
        reasons: Those with these reasons only; empty for all.
        rung: 0 for the first call, n for the n-th rung of the ladder after the deadline.
        before: Only what must have been closed before this; not asked for in the first call.
        to: Whom to mention, as WeCom user ids.
    """

    step: str
    reasons: tuple[str, ...] = ()
    rung: int = 0
    before: datetime | None = None
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """What one message tells.

    Attributes:
        reasons: The most frequent first, three at most.
        oldest: The three that have waited longest, at most.
        at: When it was taken on; it finds the same exceptions again.
    """

    step: str
    rung: int
    to: tuple[str, ...]
    count: int
    reasons: tuple[str, ...]
    oldest: tuple[OpenException, ...]
    at: datetime
