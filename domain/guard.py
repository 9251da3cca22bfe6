"""When refund claims of one buyer are abuse: the rule, what counts, and whether it trips."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.claim import Refund, RefundKind, RefundStage
from domain.order import OrderId

CONFIRM_WITHIN = timedelta(hours=1)  # a half-open freeze that nobody confirms is lifted then


class Measure(StrEnum):
    """What is held against the rule's amount."""

    EACH = "each"  # each claim for itself
    SUM = "sum"  # all claims in the window together


class Breaker(StrEnum):
    """How far the rule may act."""

    CLOSED = "closed"  # the rule bites
    DRY_RUN = "dry_run"  # it only records whom it would have frozen
    HALF_OPEN = "half_open"  # it bites, but a person must confirm each freeze within an hour
    OPEN = "open"  # it is switched off


class Action(StrEnum):
    """What a freeze brings with it."""

    CARD = "card"  # the risk officer gets a WeCom card
    KINGDEE = "kingdee"  # Kingdee marks the buyer as high risk


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRule:
    """The rule of ``rules/risk.yaml``.

    Attributes:
        count: So many claims within the window trip the guard.
        amount_fen: Strictly more than this counts.
        channels: Which channels are watched; empty means all.
        kinds: Which kinds of claims are watched.
    """

    count: int
    window_minutes: int
    amount_fen: int
    measure: Measure
    channels: tuple[str, ...]
    kinds: tuple[RefundKind, ...]
    freeze_hours: int
    actions: tuple[Action, ...]
    breaker: Breaker

    def watches(self, refund: Refund) -> bool:
        """Tell whether a claim is the guard's business."""
        channel, _, _ = refund.order_id.partition("/")
        of_channel = not self.channels or channel in self.channels
        return self.breaker is not Breaker.OPEN and of_channel and refund.kind in self.kinds


# Channels tell seconds: in a world that runs faster, three claims of one moment may be two apart.
SHORTEST_WINDOW = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardPace:
    """The guard's durations as the clock on the wall sees them."""

    window: timedelta
    freeze: timedelta
    confirm: timedelta

    @classmethod
    def of(cls, rule: RiskRule, speed: float) -> "GuardPace":
        """Divide the rule's durations by the speed of the business."""
        return cls(
            window=max(timedelta(minutes=rule.window_minutes) / speed, SHORTEST_WINDOW),
            freeze=timedelta(hours=rule.freeze_hours) / speed,
            confirm=CONFIRM_WITHIN / speed,
        )

    @property
    def memory(self) -> timedelta:
        """How old a claim may be when it is told; an older one is an old story told again."""
        return max(self.window, self.freeze)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One telling of a refund claim.

    Attributes:
        at: When the channel changed the claim to what is told here.
        asked_at: When the buyer asked, where the channel tells it.
    """

    refund_id: str
    order_id: OrderId
    kind: RefundKind
    amount_fen: int
    at: datetime
    stage: RefundStage
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownClaim:
    """A claim as its tellings make it, in whatever order they came.

    Attributes:
        asked_at: When the buyer asked: the claim's place in the window. ``None`` while only later
            stages of it were told by a channel that does not say when it was asked; those may be
            days after the question, so they don't count.
        last: Its newest telling.
    """

    asked_at: datetime | None
    last: Claim

    @property
    def counts(self) -> bool:
        """Tell whether the buyer still stands by it."""
        return self.asked_at is not None and self.last.stage is not RefundStage.WITHDRAWN


def claim_of(refund: Refund) -> Claim:
    """Tell the guard's part of a claim."""
    return Claim(
        refund_id=refund.id,
        order_id=refund.order_id,
        kind=refund.kind,
        amount_fen=refund.amount_fen,
        at=refund.changed_at,
        stage=refund.stage,
        asked_at=refund.asked_at,
    )


def learn(known: KnownClaim | None, told: Claim) -> KnownClaim:
    """Add one telling; told twice, or in another order, it comes to the same."""
    asked_at = told.at if told.stage is RefundStage.ASKED else told.asked_at
    if known is None:
        return KnownClaim(asked_at=asked_at, last=told)
    times = [at for at in (known.asked_at, asked_at) if at is not None]
    last = max(known.last, told, key=_newest)
    return replace(known, asked_at=min(times, default=None), last=last)


def tripping(
    rule: RiskRule, window: timedelta, claims: Iterable[KnownClaim]
) -> tuple[KnownClaim, ...]:
    """Tell the claims that trip the guard, oldest first; none when it does not trip.

    Claims that were asked exactly one window apart are still within it.
    """
    counting = sorted((claim for claim in claims if _weighs(rule, claim)), key=_place)
    for start, first in enumerate(counting):
        near = [each for each in counting[start:] if _asked(each) - _asked(first) <= window]
        if _is_too_much(rule, near):
            return tuple(near)
    return ()


def _weighs(rule: RiskRule, claim: KnownClaim) -> bool:
    enough = rule.measure is Measure.SUM or claim.last.amount_fen > rule.amount_fen
    return claim.counts and claim.last.kind in rule.kinds and enough


def _is_too_much(rule: RiskRule, near: Sequence[KnownClaim]) -> bool:
    if len(near) < rule.count:
        return False
    total_fen = sum(each.last.amount_fen for each in near)
    return rule.measure is Measure.EACH or total_fen > rule.amount_fen


def _asked(claim: KnownClaim) -> datetime:
    assert claim.asked_at is not None  # noqa: S101 - only claims that count come here
    return claim.asked_at


def _place(claim: KnownClaim) -> tuple[datetime, str]:
    return (_asked(claim), claim.last.refund_id)


def _newest(claim: Claim) -> tuple[datetime, bool, int, str, str]:
    """In the same moment, withdrawn is the last word; the rest only makes the choice certain."""
    is_end = claim.stage is RefundStage.WITHDRAWN
    asked_at = claim.asked_at.isoformat() if claim.asked_at else ""
    return (claim.at, is_end, claim.amount_fen, claim.stage.value, asked_at)
