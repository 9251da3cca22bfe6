"""Where a claim at the Douyin shop can go, and what takes it there.

``afterSale.operate`` says by its ``type`` what is to be done. 201 and 202 are those of the
platform's public clients, 101 and 301 stand in protocols 2.3, the others are from memory. An
exchange can be agreed to and refused; sending the other article (311) is left to a person, as the
platform does with what it can not do through its interface.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.sandbox.partners.douyin_words import ClaimStatus, ClaimType, Tag

SEND_THE_OTHER = (311, 312)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a claim goes, and which messages say so."""

    stage: str
    status: ClaimStatus
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Which claims, at which stages, an operation takes where."""

    types: tuple[ClaimType, ...]
    stages: tuple[str, ...]
    step: Step


def _step(stage: str, status: ClaimStatus, *tags: Tag) -> Step:
    return Step(stage=stage, status=status, tags=tags)


RETURN, EXCHANGE = (ClaimType.RETURN,), (ClaimType.EXCHANGE,)
REFUND_ONLY = (ClaimType.REFUND_AFTER_SHIPPING, ClaimType.REFUND_BEFORE_SHIPPING)
ASKED, AGREED = ("asked",), ("agreed", "returning")

REFUNDED = _step("refunded", ClaimStatus.SUCCEEDED, Tag.REFUNDED)
WITHDRAWN = _step("withdrawn", ClaimStatus.CLOSED, Tag.CLAIM_CLOSED)
SENT_BACK = _step("returning", ClaimStatus.RETURNING)
PAID_BACK = _step("refunded", ClaimStatus.SUCCEEDED, Tag.REFUND_AGREED, Tag.REFUNDED)
RETURN_AGREED = _step("agreed", ClaimStatus.TO_RETURN, Tag.RETURN_AGREED)
RETURN_REFUSED = _step("refused", ClaimStatus.REFUSED, Tag.RETURN_REFUSED)
REFUND_REFUSED = _step("refused", ClaimStatus.REFUSED, Tag.REFUND_REFUSED)
GOODS_REFUSED = _step("refused", ClaimStatus.RETURN_REFUSED, Tag.REFUND_REFUSED)

OPERATIONS: Mapping[int, Operation] = {
    101: Operation(RETURN, ASKED, RETURN_AGREED),
    102: Operation(RETURN, ASKED, RETURN_REFUSED),
    111: Operation(RETURN, AGREED, PAID_BACK),
    112: Operation(RETURN, AGREED, GOODS_REFUSED),
    201: Operation(REFUND_ONLY, ASKED, PAID_BACK),
    202: Operation(REFUND_ONLY, ASKED, REFUND_REFUSED),
    301: Operation(EXCHANGE, ASKED, RETURN_AGREED),
    302: Operation(EXCHANGE, ASKED, RETURN_REFUSED),
}
