"""What a bench tells: one measured figure beside another, from the same run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the results.

    Attributes:
        name: What was measured.
        value: Ours, the median of all pairs.
        unit: What ``value`` counts.
        against: What ours was measured beside, in the same run.
        ratio: Ours divided by the other, the median of the pairs' ratios.
        goal: The ratio that we aim at.
    """

    name: str
    value: float
    unit: str
    against: str
    ratio: float
    goal: float
