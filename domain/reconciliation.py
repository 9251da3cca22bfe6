"""What a look at a channel found that its pushes had missed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One stretch of time of one channel.

    Attributes:
        found: Orders and refund claims that changed in it.
        started: Orders whose life had not begun.
        mended: Orders that had to hear that something changed.
        parked: Documents that nobody here can read; each is put into the inbox for a person.
    """

    channel: str
    since: datetime
    until: datetime
    found: int
    started: int
    mended: int
    parked: int = 0
