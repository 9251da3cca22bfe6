"""What becomes of a buyer's claim: where its goods are, what the rules say, who bears the loss."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.claim import Refund
from domain.order import OrderId


class Whereabouts(StrEnum):
    """Where the goods of a claim are, once that is certain."""

    WITH_US = "with_us"  # nothing of it is out: it never left, or it is back on the shelf
    COMING_BACK = "coming_back"  # a carrier brings it back, or the buyer has sent it back
    ON_THE_WAY = "on_the_way"  # it left and will reach the buyer; nobody can stop it
    WITH_BUYER = "with_buyer"
    LOST = "lost"
    NO_MATTER = "no_matter"  # the claim is about money alone: the goods stay where they are


class Verdict(StrEnum):
    """What a rule says of a claim."""

    AGREE = "agree"
    AGREE_RETURN = "agree_return"
    REFUSE = "refuse"
    WAIT = "wait"  # until the goods are somewhere else; the channel hears that they have left
    ASK = "ask"  # a person decides


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCase:
    """What the rules are asked.

    Attributes:
        paid_fen: What was paid for the lines that the claim is about, without freight.
        left_fen: What was paid for the order, less what other claims take back or took.
    """

    refund: Refund
    channel: str
    goods: Whereabouts
    paid_fen: int
    left_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the rules say, and by which words.

    Attributes:
        reason: For the buyer and for the record, in Chinese.
        rule: The name of the rule that spoke.
        digest: Names the set of rules as it was then.
    """

    verdict: Verdict
    reason: str
    rule: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """Somebody takes it upon themselves that goods are gone and so is their money (核销).

    Attributes:
        subject: The claim's id, or the key of a parcel that was lost.
        line_nos: The order lines whose goods are given up.
        by: The person, or ``规则`` and who signed it.
    """

    order_id: OrderId
    subject: str
    line_nos: tuple[int, ...]
    amount_fen: int
    by: str
    reason: str
    at: datetime
