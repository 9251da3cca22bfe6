"""The answer to whoever opens an order and waits to hear whether we take it."""

from dataclasses import dataclass
from enum import StrEnum


class Acceptance(StrEnum):
    """Whether the hub takes an order."""

    ACCEPTED = "accepted"
    FROZEN = "frozen"  # the buyer may not order for now; the order's life ends here
    OUT_OF_RANGE = "out_of_range"  # no warehouse serves it; the order's life ends here
    PENDING = "pending"  # kept; it is decided later, because somebody does not answer now


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, with a sentence for the buyer."""

    acceptance: Acceptance
    reason: str = ""
