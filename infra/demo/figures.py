"""What a run of orders amounts to, computed from the histories of their lives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from pydantic import BaseModel

from domain.parcel import Milestone
from workflows.chronicle import Kind, Moment


class Percentiles(BaseModel):
    """Of one interval, in whole milliseconds; ``None`` when nothing was measured."""

    p50: int | None
    p95: int | None
    p99: int | None


class AuditFigures(BaseModel):
    """What the auditor looked at, and what it found."""

    checks: int
    mismatches: int


class ClaimFigures(BaseModel):
    """What became of claims, by the shops' and the partners' own ledgers.

    Attributes:
        outcomes: How many claims stand where: refunded, refused, withdrawn, …
        answered_ms: From the claim to the shop's first answer from us.
        intercepted: Parcels that a carrier was asked to bring back and said yes.
        returned: Returns that a warehouse received.
        frozen: Buyers whom the guard froze.
    """

    outcomes: dict[str, int]
    answered_ms: Percentiles
    intercepted: int
    returned: int
    red_letters: int
    frozen: int


class RunFigures(BaseModel):
    """The content of ``var/run.json``."""

    orders: int
    completed: int
    exceptions: int
    duration_s: float
    orders_per_s: float
    created_to_routed_ms: Percentiles
    routed_to_labelled_ms: Percentiles
    labelled_to_first_scan_ms: Percentiles
    manual_interventions_per_order: float
    audit: AuditFigures
    claims: ClaimFigures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """The published intervals of one life, and the hands it took.

    The first is the order's; the other two are each parcel's.
    """

    created_to_routed: timedelta | None
    routed_to_labelled: tuple[timedelta, ...]
    labelled_to_first_scan: tuple[timedelta, ...]
    hands: int


def intervals(moments: Sequence[Moment]) -> Intervals:
    """Compute a life's intervals from its history."""
    created = _time(moments[0].asked["order"]["received_at"])
    routed = _routed(moments)
    labelled = {_parcel(m): m.at for m in moments if m.name == "printer.print" and m.answer}
    scanned = _first_scans(moments)
    return Intervals(
        created_to_routed=min(routed.values()) - created if routed else None,
        routed_to_labelled=tuple(at - routed[no] for no, at in labelled.items() if no in routed),
        labelled_to_first_scan=tuple(
            scanned[no] - at for no, at in labelled.items() if no in scanned
        ),
        hands=sum(moment.kind is Kind.HAND for moment in moments),
    )


def percentiles(values: Iterable[timedelta]) -> Percentiles:
    """Tell the percentiles of some intervals."""
    ms = pd.Series([value / timedelta(milliseconds=1) for value in values], dtype="float64")
    if ms.empty:
        return Percentiles(p50=None, p95=None, p99=None)
    p50, p95, p99 = (round(float(ms.quantile(q))) for q in (0.5, 0.95, 0.99))
    return Percentiles(p50=p50, p95=p95, p99=p99)


def _routed(moments: Iterable[Moment]) -> dict[int, datetime]:
    """Tell when each parcel was planned."""
    plans = (m.answer for m in moments if m.name == "routing.plan" and m.answer)
    return {parcel["no"]: _time(plan["at"]) for plan in plans for parcel in plan["parcels"]}


def _first_scans(moments: Iterable[Moment]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for moment in moments:
        if moment.name == "scanned" and moment.asked["scan"]["milestone"] == Milestone.COLLECTED:
            found.setdefault(moment.asked["parcel_no"], moment.at)
    return found


def _parcel(moment: Moment) -> int:
    asked: dict[str, Any] = moment.asked
    return int(asked["parcel"]["no"])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
