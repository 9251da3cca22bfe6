"""What a buyer wants back, as the channel tells it, in our own words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.order import OrderId
from domain.parcel import Waybill


class RefundKind(StrEnum):
    """What the buyer asks for."""

    REFUND_ONLY = "refund_only"  # the money comes back, the goods do not (仅退款)
    RETURN = "return"  # both come back
    EXCHANGE = "exchange"
    RESEND = "resend"  # something was missing
    REPAIR = "repair"


class RefundStage(StrEnum):
    """Where the claim stands at the channel."""

    ASKED = "asked"
    AGREED = "agreed"  # the money will come back; nothing has moved yet
    RETURNING = "returning"  # the goods are on their way back
    REFUSED = "refused"
    REFUNDED = "refunded"
    WITHDRAWN = "withdrawn"  # closed without a refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund claim as its channel shows it.

    Attributes:
        id: The channel's own id of the claim.
        amount_fen: What comes back, freight included.
        lines: The channel's ids of the lines it is about; empty means the whole order.
        changed_at: When the channel last changed it; an older telling is no news.
        protocol: The version of the channel's mapping that read it.
        asked_at: When the buyer asked, where the channel tells it.
    """

    id: str
    order_id: OrderId
    kind: RefundKind
    stage: RefundStage
    amount_fen: int
    lines: tuple[str, ...]
    reason: str
    changed_at: datetime
    protocol: str
    asked_at: datetime | None = None


# Channels tell seconds, and a claim may change twice in one: of two words of the same moment the
# later stage is the newer.
_AS_THEY_COME = (
    RefundStage.ASKED,
    RefundStage.AGREED,
    RefundStage.RETURNING,
    RefundStage.REFUSED,
    RefundStage.WITHDRAWN,
    RefundStage.REFUNDED,
)


def is_news(told: Refund, known: Refund | None) -> bool:
    """Tell whether a channel's word on a claim is newer than what is known of it."""
    if known is None or told.changed_at != known.changed_at:
        return known is None or told.changed_at > known.changed_at
    return _AS_THEY_COME.index(told.stage) > _AS_THEY_COME.index(known.stage)


class ClaimAnswer(StrEnum):
    """What a channel is told about a claim; each channel has its own words for it."""

    AGREE = "agree"  # the money goes back now
    AGREE_RETURN = "agree_return"  # the goods may come back, then the money goes
    REFUSE = "refuse"
    SHIPPED = "shipped"  # it has left, and is being called back; the claim stays open


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReply:
    """The merchant's word on one claim.

    Attributes:
        number: The channel's own order number.
        reason: What the buyer reads; Chinese, never empty.
        waybill: Under which number the goods left, where that is part of the answer.
        protocol: The version of the channel's mapping that read the claim.
    """

    order_id: OrderId
    channel: str
    number: str
    claim_id: str
    kind: RefundKind
    answer: ClaimAnswer
    reason: str
    waybill: Waybill | None
    protocol: str
