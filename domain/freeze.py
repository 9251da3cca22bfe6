"""A freeze that the guard of a buyer has set: for how long, why, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.clock import CHINA
from domain.guard import Claim, KnownClaim
from domain.money import yuan

GUARD = "guard"  # by whose word, on record


class FreezeState(StrEnum):
    """What became of a freeze."""

    WATCHED = "watched"  # a dry run: nothing was frozen
    FROZEN = "frozen"
    CONFIRMED = "confirmed"  # a person said that it is right
    LIFTED = "lifted"  # a person ended it
    LAPSED = "lapsed"  # half open, and nobody confirmed it in time


BITING = frozenset({FreezeState.FROZEN, FreezeState.CONFIRMED})


class Button(StrEnum):
    """What may be done with a frozen buyer; the keys of the card's buttons."""

    LOOK = "look"  # see the past orders
    UNFREEZE = "unfreeze"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """One freeze.

    Attributes:
        no: Names it among the buyer's freezes for ever: the second in which the guard tripped.
        until: When it ends by itself, whoever ends it before.
        confirm_by: Until when a person must confirm it; ``None`` when nobody must.
        claims: Those that tripped the guard.
        by: Who confirmed or lifted it; empty until somebody does.
    """

    no: str
    since: datetime
    until: datetime
    confirm_by: datetime | None
    state: FreezeState
    reason: str
    claims: tuple[Claim, ...]
    by: str = ""

    @property
    def bites(self) -> bool:
        """Tell whether the buyer is frozen by it now."""
        return self.state in BITING


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeNotice:
    """A buyer's freeze, as the steps that follow from it are told."""

    buyer_key: str
    freeze: Freeze

    @property
    def key(self) -> str:
        """Name what is done for this freeze; each effect adds its own name."""
        return f"guard/{self.buyer_key}/{self.freeze.no}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardState:
    """Where the guard of a buyer stands: the answer of its query."""

    buyer_key: str
    freeze: Freeze | None
    claims: tuple[KnownClaim, ...]
    troubles: tuple[str, ...] = ()


def why(claims: Sequence[Claim]) -> str:
    """Say for a person why the guard has tripped."""
    total_fen = sum(claim.amount_fen for claim in claims)
    first, last = (each.astimezone(CHINA) for each in _span(claims))
    return (
        f"{first:%m-%d %H:%M} 至 {last:%H:%M} 有 {len(claims)} 笔大额退款申请,共 ¥{yuan(total_fen)}"
    )


def standing_words(freeze: Freeze) -> str:
    """Say for a person what became of a freeze."""
    until = freeze.until.astimezone(CHINA)
    words = {
        FreezeState.WATCHED: "试运行,只记录,没有冻结",
        FreezeState.FROZEN: f"冻结至 {until:%m-%d %H:%M}",
        FreezeState.CONFIRMED: f"{freeze.by} 已确认风险,冻结至 {until:%m-%d %H:%M}",
        FreezeState.LIFTED: f"已由 {freeze.by} 解冻",
        FreezeState.LAPSED: "无人按时确认,已自动解冻",
    }
    return words[freeze.state]


def _span(claims: Sequence[Claim]) -> tuple[datetime, datetime]:
    return min(claim.at for claim in claims), max(claim.at for claim in claims)
